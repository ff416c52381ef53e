#!/bin/sh
# Builds the program, runs it on the emulated board (or $MNEMOS_DEVICE) and looks at what it prints.
set -eu
cd "$(dirname "$0")/.."
output=$(printf 'one\ntwo\n' | "${MNEMOS_LOAD:-mnemos-load}" run -d "${MNEMOS_DEVICE:-emu}")
expected=$(printf 'ONE\nTWO')
if [ "$output" = "$expected" ]; then
    echo "ok"
else
    echo "expected: $expected, got: $output" >&2
    exit 1
fi
