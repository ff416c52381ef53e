#!/bin/sh
# Builds the program, runs it on the emulated board (or $MNEMOS_DEVICE) and looks at what it prints.
set -eu
cd "$(dirname "$0")/.."
output=$("${MNEMOS_LOAD:-mnemos-load}" run -d "${MNEMOS_DEVICE:-emu}" -- 5)
lines=$(printf '%s\n' "$output" | grep -c '^round [0-4], ') || true
if [ "$lines" = 5 ]; then
    echo "ok"
else
    echo "expected 5 rounds, got: $output" >&2
    exit 1
fi
