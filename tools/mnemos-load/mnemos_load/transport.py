# transport.py: a byte stream to a device: serial port, pseudo-terminal, TCP or Unix socket.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""All kinds of line behind one class: a file descriptor that is read with a limit and written completely."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import socket
import termios
import tty
from collections.abc import Callable

from .errors import LinkLost

_CHUNK = 65536
_SOCKET_PATH_MAX = 107  # bytes


class Transport:
    """An open line. One thread may read while others write; writers take turns by themselves."""

    def __init__(self, handle: int, name: str, baud: int, close: Callable[[], None]) -> None:
        self.name = name
        self.baud = baud  # 0: not a serial line, a cut is noticed at once
        self._handle = handle
        self._close = close
        os.set_blocking(handle, False)

    def read(self, limit: float) -> bytes:
        """What has arrived, waiting at most `limit` seconds for the first byte; empty when nothing came.

        Raises LinkLost when the line is cut.
        """
        try:
            if not select.select([self._handle], [], [], max(0.0, limit))[0]:
                return b""
            received = os.read(self._handle, _CHUNK)
        except BlockingIOError:
            return b""
        except (OSError, ValueError) as error:
            raise LinkLost(_reason(error)) from None
        if not received:
            raise LinkLost("the line was closed at the other end")
        return received

    def write(self, data: bytes, limit: float) -> None:
        """Write all of `data`.

        Raises LinkLost when the line is cut or takes nothing for `limit` seconds.
        """
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._handle, rest) :]
            except BlockingIOError:
                try:
                    ready = select.select([], [self._handle], [], limit)[1]
                except (OSError, ValueError) as error:
                    raise LinkLost(_reason(error)) from None
                if not ready:
                    raise LinkLost(f"the line took no bytes for {limit:.1f} s") from None
            except (OSError, ValueError) as error:
                raise LinkLost(_reason(error)) from None

    def close(self) -> None:
        """Close the line; a thread that reads it gets LinkLost."""
        if self._handle >= 0:
            self._handle = -1
            self._close()


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.errno in (errno.EIO, errno.ENXIO, errno.ENODEV):
        return "the device is gone"
    if isinstance(error, OSError) and error.errno in (errno.ECONNRESET, errno.EPIPE):
        return "the line was closed at the other end"
    return getattr(error, "strerror", None) or "the line is closed"


def open_serial(path: str, baud: int) -> Transport:
    """Open a serial port for this process alone.

    Raises OSError; EBUSY or EAGAIN: somebody else has it.
    """
    import serial  # half of the tool's start-up time, and only real ports need it

    try:
        port = serial.Serial(path, baud, timeout=0, write_timeout=0, exclusive=True)
    except serial.SerialException as error:
        raise _os_error(error, path) from None
    return Transport(port.fileno(), path, baud, port.close)


def _os_error(error: OSError, path: str) -> OSError:
    """pyserial hides the reason in its text when the exclusive lock fails, or when the file is no terminal."""
    if error.errno is None:
        inner = error.__context__
        if isinstance(inner, termios.error):
            return OSError(errno.ENOTTY, os.strerror(errno.ENOTTY), path)
        if isinstance(inner, OSError) and inner.errno is not None:
            return OSError(inner.errno, inner.strerror, path)
        return OSError(errno.EBUSY, "in use", path)
    return OSError(error.errno, os.strerror(error.errno), path)


def open_pty(path: str) -> Transport:
    """Open the slave side of a pseudo-terminal, raw. Raises OSError."""
    handle = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        tty.setraw(handle, termios.TCSANOW)
    except (OSError, termios.error) as error:
        os.close(handle)
        raise OSError(error.args[0], os.strerror(error.args[0]), path) from None
    return Transport(handle, path, 0, lambda: os.close(handle))


def open_tcp(host: str, port: int, limit: float) -> Transport:
    """Connect to `host`:`port` within `limit` seconds. Raises OSError."""
    connection = socket.create_connection((host, port), timeout=limit)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return from_socket(connection, f"tcp:{host}:{port}")


def open_unix(path: str, limit: float) -> Transport:
    """Connect to a Unix socket within `limit` seconds. Raises OSError."""
    return from_socket(connect_unix(path, limit), f"unix:{path}")


def connect_unix(path: str, limit: float) -> socket.socket:
    """A connected Unix socket; `path` may be longer than the system allows for sockets. Raises OSError."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(limit)
    try:
        if len(os.fsencode(path)) <= _SOCKET_PATH_MAX:
            connection.connect(path)
        else:
            folder = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                connection.connect(f"/proc/self/fd/{folder}/{os.path.basename(path)}")
            finally:
                os.close(folder)
    except BaseException:
        connection.close()
        raise
    return connection


def from_socket(connection: socket.socket, name: str) -> Transport:
    """A connected socket as a line."""

    def close() -> None:
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        connection.close()

    return Transport(connection.fileno(), name, 0, close)
