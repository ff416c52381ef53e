# device.py: which device the user means, and opening it.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Selectors: a path, COM5, a USB serial number, usb:VID:PID[:SERIAL], tcp:HOST:PORT, unix:PATH, pty:PATH, emu, or a
name from mnemos.toml."""

from __future__ import annotations

import errno
import grp
import os
import pwd
import re
import stat
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import emulator, transport
from .errors import ToolError, usage
from .lock import DeviceLock, in_use, who_has_open
from .text import printable
from .transport import Transport

DEFAULT_BAUD = 115200
CONNECT_S = 5.0
CONFIG_MAX = 64 * 1024
BOOTLOADER_LABEL = "FTHR840BOOT"


@dataclass(frozen=True)
class Target:
    """A device that could be opened."""

    name: str  # for people
    at: str  # a selector that leads to it again
    serial: str  # of the USB device, or empty
    key: str  # for the lock
    open: Callable[[], Transport]


@dataclass
class Opened:
    """An open line and the lock that guards it."""

    target: Target
    line: Transport
    lock: DeviceLock

    def close(self) -> None:
        """Close the line and let others have the device."""
        self.line.close()
        self.lock.release()


def select(selector: str | None, baud: int, ask: Callable[[str, list[str]], int | None]) -> Target:
    """The one device that the option, the environment, mnemos.toml or the only device present name.

    `ask` lets a person choose among several: it gets a title and lines and answers an index, or None.
    Raises ToolError E01 (none), E02 (several), E21 (nonsense).
    """
    config = project_config()
    chosen = selector or os.environ.get("MNEMOS_DEVICE") or _text(config.get("device"))
    if chosen:
        devices = config.get("devices")
        named = _text(devices.get(chosen)) if isinstance(devices, dict) else None
        return parse(named or chosen, baud)
    found = present(baud)
    if not found:
        raise _none_found()
    if len(found) > 1:
        lines = [f"-d {target.at:<14} {target.name}  {printable(target.serial)}".rstrip() for target in found]
        title = f"{len(found)} mnemOS devices found - choose one"
        chosen_index = ask(title, lines)
        if chosen_index is None:
            raise ToolError("E02", title, *lines)
        return found[chosen_index]
    return found[0]


def project_config() -> dict[str, object]:
    """mnemos.toml of the current folder; empty when there is none. Raises ToolError E21 when it is no TOML."""
    path = Path("mnemos.toml")
    try:
        if not path.is_file() or path.stat().st_size > CONFIG_MAX:
            return {}
        return tomllib.loads(path.read_text("utf-8"))
    except OSError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise usage(f"mnemos.toml: {printable(str(error))}") from None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def parse(selector: str, baud: int) -> Target:
    """The device a selector names. Raises ToolError E21 when it cannot be one, E01 when no such USB device is there."""
    kind, _, rest = selector.partition(":")
    if selector == "emu":
        return emulated()
    if kind == "tcp":
        host, _, number = rest.rpartition(":")
        if not number.isdecimal() or not 0 < int(number) < 65536:
            raise usage(f"-d {printable(selector)}: write tcp:HOST:PORT")
        where = (host.strip("[]") or "127.0.0.1", int(number))
        return Target("TCP", selector, "", f"tcp:{where[0]}:{where[1]}", lambda: transport.open_tcp(*where, CONNECT_S))
    if kind == "unix":
        real = os.path.realpath(rest)
        return Target("Unix socket", selector, "", f"unix:{real}", lambda: transport.open_unix(real, CONNECT_S))
    if kind == "usb":
        return _usb(rest.split(":"), selector, baud)
    path = rest if kind == "pty" else selector
    if "/" in path or re.fullmatch(r"COM\d+", path):
        return _path(path, baud)
    matches = [target for target in present(baud) if target.serial == selector]
    if len(matches) == 1:
        return matches[0]
    raise ToolError(
        "E01",
        f"no device `{printable(selector)}`: no path, no USB serial number, no name in mnemos.toml",
        "mnemos-load devices shows what is there     -d takes: /dev/ttyACM0  tcp:HOST:PORT  emu  SERIAL",
    )


def _path(path: str, baud: int) -> Target:
    real = os.path.realpath(path)
    if re.fullmatch(r"/dev/(pts/|tty[pq])\w+", real):
        return Target("pseudo-terminal", path, "", real, lambda: transport.open_pty(real))
    return Target("serial port", path, "", real, lambda: transport.open_serial(real, baud))


def emulated() -> Target:
    """The emulated board; opening it starts it."""

    def open_() -> Transport:
        address = emulator.ensure().socket
        end = time.monotonic() + CONNECT_S
        while True:
            try:
                return transport.open_unix(address, CONNECT_S)
            except ConnectionRefusedError:  # QEMU makes the socket a moment before it listens
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)

    return Target("emulator", "emu", "", "emu", open_)


def _usb(parts: list[str], selector: str, baud: int) -> Target:
    from serial.tools import list_ports

    try:
        wanted = (int(parts[0], 16), int(parts[1], 16))
    except (ValueError, IndexError):
        raise usage(
            f"-d {printable(selector)}: write usb:VID:PID or usb:VID:PID:SERIAL, numbers in hexadecimal"
        ) from None
    for port in list_ports.comports():
        if (port.vid, port.pid) == wanted and (len(parts) < 3 or port.serial_number == parts[2]):
            return _path(port.device, baud)
    raise ToolError("E01", f"no USB device {printable(selector)} found", "mnemos-load devices shows what is there")


def present(baud: int) -> list[Target]:
    """Devices that say they run mnemOS, and the emulator if it runs. Never a port without our name."""
    from serial.tools import list_ports

    found = []
    for port in sorted(list_ports.comports()):
        if any((text or "").startswith("mnemOS") for text in (port.product, port.interface)):
            at = _path(port.device, baud)
            found.append(
                Target(printable(port.product or "mnemOS"), port.device, port.serial_number or "", at.key, at.open)
            )
    if emulator.running():
        found.append(emulated())
    return found


def _none_found() -> ToolError:
    from serial.tools import list_ports

    if os.path.exists(f"/dev/disk/by-label/{BOOTLOADER_LABEL}"):
        return ToolError(
            "E06",
            f"the board is in its UF2 bootloader ({BOOTLOADER_LABEL}), mnemOS is not running",
            "press RESET once; no kernel yet?  copy its .uf2 file to that drive",
        )
    ports = [(port.device, port.description or "n/a") for port in sorted(list_ports.comports())]
    seen = [path if description == "n/a" else f"{path} ({printable(description)})" for path, description in ports]
    adapter = f"        a UART adapter: -d {ports[0][0]}" if ports else ""
    return ToolError(
        "E01",
        "no mnemOS device found",
        "USB serial ports seen: " + (", ".join(seen) or "none"),
        f"plug the board in, or: mnemos-load run -d emu{adapter}",
    )


def open_target(target: Target) -> Opened:
    """Lock and open a device.

    Raises ToolError E01 (not there), E03 (no permission), E04 (in use).
    """
    lock = DeviceLock(target.key, target.at)
    try:
        return Opened(target, target.open(), lock)
    except OSError as error:
        lock.release()
        raise _cannot_open(target, error) from None
    except BaseException:
        lock.release()
        raise


def _cannot_open(target: Target, error: OSError) -> ToolError:
    where = printable(target.at)
    if error.errno in (errno.EACCES, errno.EPERM):
        return _no_permission(target.key)
    if error.errno in (errno.EBUSY, errno.EAGAIN):
        return in_use(where, who_has_open(target.key))
    reason = "it is no serial port" if error.errno == errno.ENOTTY else error.strerror or str(error)
    return ToolError("E01", f"cannot open {where}: {printable(reason)}", "mnemos-load devices shows what is there")


def _no_permission(path: str) -> ToolError:
    opens = True  # whether membership of the group helps
    try:
        found = os.stat(path)
        group = grp.getgrgid(found.st_gid).gr_name
        opens = found.st_gid != 0 and found.st_mode & 0o060 == 0o060
        owner = f"{pwd.getpwuid(found.st_uid).pw_name}:{group}"
        mine = ", ".join(sorted(_group_name(number) for number in {*os.getgroups(), os.getgid()}))
        facts = f"   (owner {owner}, mode {stat.filemode(found.st_mode)}, you are in: {mine})"
    except (OSError, KeyError):
        group, facts = "dialout", ""
    user = pwd.getpwuid(os.getuid()).pw_name
    fix = f"once:  sudo usermod -aG {group} {user}     then log in again"
    if not opens:
        fix = f"its group may not open it either; until it is made anew:  sudo chown {user} {path}"
    return ToolError("E03", f"no permission to open {path}{facts}", fix)


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
