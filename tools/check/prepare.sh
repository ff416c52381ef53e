# prepare.sh — what `demo` and `check` do first: install what is missing, keep writes below build/.
# SPDX-License-Identifier: MIT OR Apache-2.0
# shellcheck shell=bash
#
# Sourced by both, with `top` set to the top of the tree. Gives:
#   prepare_environment   one cache folder, private temporary files, no stray Python settings
#   prepare_packages FOR  install the packages of packages.txt for `demo` or `check` (which includes demo)

prepare_environment() {
    export MNEMOS_CACHE="${MNEMOS_CACHE:-$top/build/cache}"
    export TMPDIR="$top/build/tmp"
    mkdir -p "$MNEMOS_CACHE" "$TMPDIR"
    export XDG_CACHE_HOME="$MNEMOS_CACHE" XDG_STATE_HOME="$MNEMOS_CACHE/state"
    export XDG_CONFIG_HOME="$MNEMOS_CACHE/config" XDG_DATA_HOME="$MNEMOS_CACHE/data"
    export PYTHONPYCACHEPREFIX="$MNEMOS_CACHE/python"
    export HYPOTHESIS_STORAGE_DIRECTORY="$MNEMOS_CACHE/hypothesis"
    export PYTHONNOUSERSITE=1
    export CMAKE_EXPORT_NO_PACKAGE_REGISTRY=1
    unset PYTHONPATH PYTHONHOME PYTHONSTARTUP MNEMOS_DEVICE MNEMOS_SDK CFLAGS CPPFLAGS LDFLAGS CDPATH
}

# Lines "name how what" of the packages that are for $1.
packages_for() {
    local name for how what
    while read -r name for how what; do
        case "$name" in '' | '#'*) continue ;; esac
        if [ "$for" = demo ] || [ "$1" = check ]; then echo "$name $how $what"; fi
    done <"$top/tools/check/packages.txt"
}

# Is package $1 here, by dpkg or, without dpkg, by the trace $2?
package_present() {
    local thing=${2#*:}
    if command -v dpkg-query >/dev/null; then
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
        return
    fi
    case "$2" in
        command:*) command -v "$thing" >/dev/null ;;
        module:*) /usr/bin/python3 -c "import $thing" 2>/dev/null ;;
        specs:*) case "$(arm-none-eabi-gcc -print-file-name="$thing" 2>/dev/null)" in /*) ;; *) false ;; esac ;;
        file:*) [ -e "$thing" ] ;;
    esac
}

prepare_packages() {
    local name how what missing=() told=() as_root=()
    while read -r name how what; do
        if ! package_present "$name" "$how"; then
            missing+=("$name")
            told+=("    $name: $what")
        fi
    done < <(packages_for "$1")
    [ ${#missing[@]} -eq 0 ] && return

    echo "missing here:"
    printf '%s\n' "${told[@]}"
    local command="apt-get install -y --no-install-recommends ${missing[*]}"
    if ! command -v apt-get >/dev/null; then
        echo "This is not Debian: install what gives the above (arm-none-eabi-gcc 12 or newer with"
        echo "picolibc.specs, CMake 3.25, Python 3.11 as /usr/bin/python3), or use a Debian 12 container."
        exit 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo)
        if ! command -v sudo >/dev/null; then
            echo "Install it as root, then run this again:"
            echo "    $command"
            exit 1
        fi
    fi
    local log="$top/build/packages.log"
    echo "installing (log: build/packages.log) ..."
    # An own umask: files of the system must stay readable for everyone.
    if ! (
        umask 022
        unset TMPDIR PYTHONPYCACHEPREFIX
        "${as_root[@]}" apt-get update || echo "apt-get update failed; trying with what is known"
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}"
    ) >"$log" 2>&1; then
        tail -n 5 "$log"
        echo "That did not work. As root:"
        echo "    apt-get update && $command"
        exit 1
    fi
}
