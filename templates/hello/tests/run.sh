#!/bin/sh
# Builds the program, runs it on the emulated board (or $MNEMOS_DEVICE) and looks at what it prints.
set -eu
cd "$(dirname "$0")/.."
output=$("${MNEMOS_LOAD:-mnemos-load}" run -d "${MNEMOS_DEVICE:-emu}")
case $output in
"Hello, mnemOS!"*) echo "ok" ;;
*)
    echo "expected a greeting, got: $output" >&2
    exit 1
    ;;
esac
