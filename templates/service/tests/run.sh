#!/bin/sh
# Builds kernel and program, runs the program on the emulated board and looks at what it prints.
set -eu
cd "$(dirname "$0")/.."
PATH=$(dirname "$(command -v "${MNEMOS_LOAD:-mnemos-load}")"):$PATH # cmake/mnemos.cmake looks there for the SDK
(cd kernel && cmake --preset emulator && cmake --build --preset emulator)
export MNEMOS_EMU_KERNEL="$PWD/build/kernel/kernel.elf"

load() {
    mnemos-load -q -d emu "$@"
}

expect() {
    if [ "$1" != "$2" ]; then
        echo "expected: $1" >&2
        echo "got:      $2" >&2
        exit 1
    fi
}

load emu stop 2>/dev/null || true
expect "counted to 12" "$(load run -- 5 7)"
expect "counted to 42" "$(load run -- 30)"
expect "@NAME@: an argument is outside its documented range" "$(load run -- 0 2>&1 >/dev/null || true)"
load emu stop
echo "ok"
