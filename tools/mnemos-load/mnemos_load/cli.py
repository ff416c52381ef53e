# cli.py: the command line.
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Options, commands and exit statuses.

0..123 is the program's own status, 124 a time-out, 125 the tool or the link, 126 a refused program, 127 a missing file
or device, 130 Ctrl-C, 134 a panic, 137 and 143 a program stopped from elsewhere, 139 a fault.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import uuid
from typing import NoReturn

from . import __version__, device, emulator, errors, monitor, new, project, symbols
from .errors import INTERRUPTED, LinkLost, ToolError, usage
from .image import ARCH_NAMES, FLOAT_HARD, Image, read
from .lock import DeviceLock
from .session import RUNNING, STATE_NAMES, Options, Session, number
from .text import duration, kib, printable, size, table
from .ui import NORMAL, QUIET, VERBOSE, Ui

ARGS_MAX = 256
_BIGGEST = 8  # symbols that `inspect` shows


class Parser(argparse.ArgumentParser):
    """Usage errors look like all others and end with 125, which no program uses."""

    def error(self, message: str) -> NoReturn:
        name = self.prog.split(" ", 1)
        raise usage(message, f"mnemos-load {name[1]} --help" if len(name) > 1 else "mnemos-load --help")


def _global_options(top: bool) -> Parser:
    """Accepted before and after the command; after it, only what was given overrides."""
    default = None if top else argparse.SUPPRESS
    options = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    group = options.add_argument_group("options for all commands")
    group.add_argument(
        "-d",
        "--device",
        metavar="SEL",
        default=default,
        help="path, USB serial number, usb:VID:PID, tcp:HOST:PORT, unix:PATH, pty:PATH or emu (also $MNEMOS_DEVICE)",
    )
    group.add_argument("-b", "--baud", type=_positive, metavar="N", default=default, help="speed of a UART (115200)")
    group.add_argument(
        "--link-timeout", type=_seconds, metavar="S", default=default, help="silence after which the device is gone"
    )
    group.add_argument(
        "--color", choices=("auto", "always", "never"), default=default or ("auto" if top else argparse.SUPPRESS)
    )
    level = group.add_mutually_exclusive_group()
    level.add_argument(
        "-q", "--quiet", action="store_true", default=False if top else argparse.SUPPRESS, help="errors only"
    )
    level.add_argument(
        "-v", "--verbose", action="count", default=0 if top else argparse.SUPPRESS, help="more; -vv: tracebacks"
    )
    return options  # fmt: skip


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return value


def _parser() -> Parser:
    parser = Parser(prog="mnemos-load", parents=[_global_options(True)])
    parser.description = "Load, run and watch C programs on a board that runs mnemOS."
    parser.epilog = "exit status: " + " ".join((__doc__ or "").split("\n\n", 1)[1].split())
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    common = _global_options(False)

    def add(name: str, text: str, words: str = "") -> Parser:
        shown = f"mnemos-load {name} [options] {words}".rstrip()
        return commands.add_parser(name, usage=shown, help=text, description=text, parents=[common])

    app = "image (.mna), project folder, or program of the project here; without it, the project here"
    run = add("run", "build if in a project, upload, start, stream, exit with the program's status", "[APP] [-- ARGS]")
    run.add_argument("app", nargs="?", metavar="APP", help=app)
    run.add_argument("--no-build", action="store_true", help="take the image that is there")
    run.add_argument("--detach", action="store_true", help="start it, print its number and leave")
    run.add_argument("--timeout", type=_seconds, metavar="S", help="give up waiting after S seconds (status 124)")
    run.add_argument("--elf", metavar="FILE", help="ELF file for source lines of a fault")
    run.add_argument("--another", action="store_true", help="keep a loaded program of the same name")
    load = add("load", "upload only; prints the program's number", "[APP]")
    load.add_argument("app", nargs="?", metavar="APP", help=app)
    load.add_argument("--no-build", action="store_true", help="take the image that is there")
    load.add_argument("--another", action="store_true", help="keep a loaded program of the same name")
    start = add("start", "start a loaded program", "PROGRAM [-- ARGS]")
    start.add_argument("program", metavar="PROGRAM", help="name or number")
    stop = add("stop", "end a program; it stays loaded", "PROGRAM...")
    stop.add_argument("program", metavar="PROGRAM", nargs="+", help="name or number")
    stop.add_argument("--kill", action="store_true", help="end it as killed (status 137) instead of stopped (143)")
    stop.add_argument("--unload", action="store_true", help="give its memory back too")
    add("ps", "list the loaded programs")
    watch = add("monitor", "show all channels; reconnects")
    watch.add_argument("-p", "--port", metavar="CH[,CH]", help="only these channels, by name or number")
    watch.add_argument(
        "-t", "--times", nargs="?", const="rel", default="", choices=monitor.TIMES, help="time of each line"
    )
    watch.add_argument("--raw", action="store_true", help="bytes as they come, without names")
    watch.add_argument("--save", metavar="FILE", help="also write all bytes to a new file")
    watch.add_argument("--no-reconnect", action="store_true", help="end when the device goes")
    add("devices", "list boards and emulators")
    describe = add("info", "describe one device")
    describe.add_argument("--services", action="store_true", help="list the services of its kernel instead")
    inspect = add("inspect", "print what an image says, and what is biggest in it", "FILE")
    inspect.add_argument("file", metavar="FILE", help="image (.mna), or the ELF file beside it")
    emu = add("emu", "the emulated board; `-d emu` starts it on demand", "[start|stop|ls]")
    emu.add_argument(
        "action",
        nargs="?",
        metavar="ACTION",
        choices=("start", "stop", "ls"),
        default="start",
        help="start it (so without ACTION), stop it, or show the one that runs",
    )
    scaffold = add("new", "start a project", "NAME [-t TPL]")
    scaffold.add_argument("name", nargs="?", metavar="NAME", help="the folder to make; its last part names the program")
    scaffold.add_argument(
        "-t", "--template", default=new.DEFAULT, metavar="TPL", help=f"`list` shows them ({new.DEFAULT})"
    )
    add("version", "print versions")
    parser.add_argument("--version", action="version", version=f"mnemos-load {__version__}", help="print the version")
    return parser


def _parse(words: list[str]) -> argparse.Namespace:
    options, unknown = _parser().parse_known_args(words)
    if unknown:
        said = printable(" ".join(unknown))
        takes = options.command in ("run", "start") and not any(word.startswith("-") for word in unknown)
        raise usage(
            f"unrecognized arguments: {said}",
            f"what the program is given stands behind two dashes: mnemos-load {options.command} ... -- {said}"
            if takes
            else "",
            f"mnemos-load {options.command} --help",
        )
    return options


def main(argv: list[str] | None = None) -> int:
    """Run a command; its exit status."""
    _open_standard_streams()
    words = sys.argv[1:] if argv is None else argv
    split = words.index("--") if "--" in words else len(words)
    ui = Ui()
    options: argparse.Namespace | None = None
    try:
        options = _parse(words[:split])
        ui = Ui(QUIET if options.quiet else VERBOSE if options.verbose else NORMAL, options.color)
        arguments = words[split + 1 :]
        if arguments and options.command not in ("run", "start"):
            raise usage(f"`{options.command}` takes no arguments after --")
        return _COMMANDS[options.command](options, arguments, ui)
    except ToolError as error:
        ui.error(error)
        _trace(options)
        return error.exit_status
    except LinkLost as error:
        ui.error(errors.stopped_answering("in the middle", str(error)))
        return errors.host_status("E05")
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return errors.OUTPUT_CLOSED
    except OSError as error:
        _forget_output()
        file = f"{printable(str(error.filename))}: " if error.filename else ""
        ui.error(usage(f"{file}{printable(error.strerror or str(error))}"))
        _trace(options)
        return errors.host_status("E21")


def _forget_output() -> None:
    """What is not written yet goes nowhere, so that the end of the process does not stumble over it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _open_standard_streams() -> None:
    """A closed standard stream becomes /dev/null, so that no line to a device ever gets its number."""
    for handle in (0, 1, 2):
        try:
            os.fstat(handle)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)
    sys.stderr = sys.stderr or open(2, "w", closefd=False)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a name that the locale cannot show must not end the command


def _trace(options: argparse.Namespace | None) -> None:
    if options is not None and options.verbose > 1:
        import traceback

        traceback.print_exc()


def _options(options: argparse.Namespace) -> Options:
    return Options(options.device, options.baud or device.DEFAULT_BAUD, options.link_timeout)


def _arguments(words: list[str]) -> list[bytes]:
    packed = [os.fsencode(word) for word in words]
    total = sum(len(word) + 1 for word in packed)
    if total > ARGS_MAX:
        raise usage(f"the arguments take {total} bytes, {ARGS_MAX} are allowed")
    return packed


# Commands.


def _prepare(options: argparse.Namespace, ui: Ui) -> Image:
    path, built = project.find_image(options.app, not options.no_build, ui)
    image = read(path)
    needs = sum(image.memory)
    ui.line(
        "build" if built else "image",
        f"{image.name}  {kib(len(image.raw))} KiB   text {image.payload_len:,}  data+bss {image.static_len:,}"
        f"  stack {size(image.stack_len)}  heap {size(image.heap_len)}   takes {kib(needs)} KiB",
    )
    return image


def _load(session: Session, image: Image, another: bool, ui: Ui) -> int:
    """Check, replace, upload: the new program's handle."""
    session.check_fits(image)
    session.doing(f"load {image.name}")
    if not another:
        for program in session.loader.programs():
            if program.name == image.name:
                session.loader.unload(program.handle)
                ui.line(
                    "replace",
                    f"{printable(program.name)} #{number(program.handle)}, which was {_state(program.state)}, is unloaded",
                )
    loaded = session.upload(image)
    symbols.remember(image.path, image.build_id)
    return loaded.handle


def _state(state: int) -> str:
    return STATE_NAMES.get(state, str(state))


def _run(options: argparse.Namespace, arguments: list[str], ui: Ui) -> int:
    from . import run

    packed = _arguments(arguments)
    if options.elf and not os.path.isfile(options.elf):
        raise ToolError("E22", f"{printable(options.elf)}: no such file", "the ELF file of a program lies beside its image")
    image = _prepare(options, ui)
    with Session(_options(options), ui) as session:
        handle = _load(session, image, options.another, ui)
        session.link.keep_new = not options.detach
        session.doing(f"start {image.name}")
        try:
            started = session.loader.start(handle, packed)
        except KeyboardInterrupt:
            _unload_slot(session, handle)
            raise
        if options.detach:
            ui.line(
                "run",
                f"{image.name} #{number(started.handle)}    it runs on: mnemos-load stop {number(started.handle)} ends it",
            )
            print(number(started.handle), flush=True)
            return 0
        return run.stay(session, ui, image.name, started, image.path, options.elf, options.timeout)


def _unload_slot(session: Session, handle: int) -> None:
    """Unload a program that may have been started meanwhile, which gives it another handle."""
    for program in session.loader.programs():
        if number(program.handle) == number(handle):
            session.loader.unload(program.handle)


def _load_command(options: argparse.Namespace, arguments: list[str], ui: Ui) -> int:
    image = _prepare(options, ui)
    with Session(_options(options), ui) as session:
        handle = _load(session, image, options.another, ui)
        ui.line("load", f"{image.name} #{number(handle)}    mnemos-load start {number(handle)} starts it")
        print(number(handle), flush=True)
    return 0


def _start(options: argparse.Namespace, arguments: list[str], ui: Ui) -> int:
    packed = _arguments(arguments)
    with Session(_options(options), ui) as session:
        program = session.find(options.program)
        session.doing(f"start {printable(program.name)}")
        started = session.loader.start(program.handle, packed)
        ui.line("start", f"{printable(program.name)} #{number(started.handle)}")
    return 0


def _stop(options: argparse.Namespace, arguments: list[str], ui: Ui) -> int:
    with Session(_options(options), ui) as session:
        for what in options.program:
            program = session.find(what)
            title = f"{printable(program.name)} #{number(program.handle)}"
            session.doing(f"stop {title}")
            if program.state in RUNNING:
                session.loader.stop(program.handle, options.kill)
                ui.line("stop", f"{title} {'killed' if options.kill else 'stopped'}")
            elif not options.unload:
                ui.line("stop", f"{title} does not run, it is {_state(program.state)}")
            if options.unload:
                session.loader.unload(program.handle)
                ui.line("unload", title)
    return 0


def _ps(options: argparse.Namespace, arguments: list[str], ui: Ui) -> int:
    with Session(_options(options), ui, announce=False) as session:
        programs = session.loader.programs()
    rows = [["#", "NAME", "STATE", "CPU", "STARTS", "CODE", "DATA", "STACK", "BUILD"]]
    for program in programs:
        rows.append([
            str(number(program.handle)), printable(program.name), _state(program.state), duration(program.run_us / 1e6),
            str(program.starts), f"{kib(program.rx_len)} K @{program.rx_addr:08x}", f"{kib(program.rw_len)} K @{program.rw_addr:08x}",
            size(program.stack_len), program.build_id.hex()[:8],
        ])  # fmt: skip
    print("\n".join(table(rows)) if programs else "no program is loaded", flush=True)
    return 0


def _monitor(options: argparse.Namespace, arguments: list[str], ui: Ui) -> int:
    save = None
    if options.save:
        try:
            save = os.fdopen(
                os.open(options.save, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644), "wb"
            )
        except OSError as error:
            raise usage(f"cannot write {printable(options.save)}: {error.strerror}", "it must be a new file") from None
    channels = [name for name in (options.port or "").split(",") if name]
    view = monitor.View(channels, options.times, options.raw, save, not options.no_reconnect)
    try:
        return monitor.monitor(_options(options), ui, view)
    finally:
        if save:
            save.close()


def _devices(options: argparse.Namespace, arguments: list[str], ui: Ui) -> int:
    settings = _options(options)
    rows = [["NAME", "SERIAL", "AT", "STATE"]]
    for target in device.present(settings.baud):
        rows.append([target.name, target.serial or "-", target.at, _device_state(settings, target)])
    if len(rows) == 1:
        print("no mnemOS device found; mnemos-load run -d emu needs none", flush=True)
        return 0
    print("\n".join(table(rows)), flush=True)
    return 0


def _device_state(settings: Options, target: device.Target) -> str:
    try:
        with Session(settings, Ui(QUIET), target, announce=False) as session:
            info = session.info
            names = [printable(program.name) for program in session.loader.programs() if program.state in RUNNING]
    except ToolError as error:
        return f"{error.code} {error.headline}"
    running = f"{', '.join(names)} running" if names else "idle"
    return f"mnemOS {printable(info.kernel)}  ABI {info.abi_major}.{info.abi_minor}   {running}"


def _services(options: argparse.Namespace, ui: Ui) -> int:
    with Session(_options(options), ui, announce=False) as session:
        services = session.loader.services()
    rows = [["UUID", "NAME", "FOR", "CLIENTS", "SERVED"]]
    for one in services:
        who = "programs" if one.programs else "kernel"
        rows.append(
            [str(uuid.UUID(bytes=one.uuid)), printable(one.name), who, str(one.clients), f"{one.served:,}"]
        )
    print("\n".join(table(rows)), flush=True)
    return 0


def _info(options: argparse.Namespace, arguments: list[str], ui: Ui) -> int:
    from .faults import crash_report

    if options.services:
        return _services(options, ui)
    with Session(_options(options), ui, announce=False) as session:
        info, title = session.info, session.title()
        trip, bad = session.link.round_trip, session.link.bad_frames
    busy = 1 - info.idle_us / info.uptime_us if info.uptime_us else 0.0
    arch = ARCH_NAMES.get(info.arch, f"processor {info.arch}")
    rows = [
        ("device", title),
        ("board", f"{printable(info.board)}   {arch}{', FPU' if info.fpu else ''}"),
        ("uptime", f"{duration(info.uptime_us / 1e6)}   busy {busy:.1%}   {info.wakeups:,} wake-ups"),
        ("memory", f"{kib(info.arena)} KiB for programs, {kib(info.free)} free, largest hole {kib(info.largest)}"),
        ("apps", f"{info.programs} of {info.max_programs} loaded"),
        ("heap", f"kernel heap {kib(info.heap)} KiB, {kib(info.heap_free)} free"),
        ("link", f"{f'{info.baud:,} baud' if info.baud else 'no UART'}   round trip {duration(trip)}"
                 f"   bad frames {info.bad_frames} (device) {bad} (host)   dropped without a host {size(info.dropped)}"),
    ]  # fmt: skip
    print("\n".join(f"{name:<8} {text}" for name, text in rows), flush=True)
    if info.crash:
        print(crash_report(info.crash), flush=True)
    return 0


def _inspect(options: argparse.Namespace, arguments: list[str], ui: Ui) -> int:
    image = read(project.beside_elf(options.file))
    rx, rw = image.memory
    rows = [
        ("name", image.name + (f"  {printable(image.version)}" if image.version else "")),
        ("title", printable(image.title)),
        ("file", f"{len(image.raw):,} B: header {image.head_len:,}, payload {image.payload_len:,}"),
        (
            "abi",
            f"{image.abi[0]}.{image.abi[1]}   {ARCH_NAMES[image.arch]}   {'hard' if image.float_abi == FLOAT_HARD else 'soft'} float",
        ),
        ("memory", f"code {kib(rx)} KiB + data {kib(rw)} KiB = {kib(rx + rw)} KiB"),
        ("data", f"initialised {image.data_len:,} at {image.data_off:#x}, with bss {image.static_len:,} B"),
        ("stack", f"{image.stack_len:,} B"),
        ("heap", f"{image.heap_len:,} B at least"),
        ("entry", f"{image.entry_off:#x}   linked at text {image.text_base:#x}, data {image.data_base:#x}"),
        (
            "relocs",
            f"{len(image.relocs)}: {sum(c == 0 for _, c in image.relocs)} to text, {sum(c == 1 for _, c in image.relocs)} to data",
        ),
        ("build", image.build_id.hex()),
        *(("needs", f"{printable(need.name)}  {need.uuid.hex()}  {need.calls} calls  shape {need.shape:#x}") for need in image.requires),
    ]
    found = symbols.find(image.build_id, None, image.path)
    for name, length in found.biggest(_BIGGEST) if found else []:
        rows.append(("" if rows[-1][0] in ("biggest", "") else "biggest", f"{length:>7,} B  {printable(name)}"))
    print("\n".join(f"{name:<8} {text}" for name, text in rows if text), flush=True)
    return 0


def _emu(options: argparse.Namespace, arguments: list[str], ui: Ui) -> int:
    if options.action == "stop":
        stopped = emulator.stop()
        ui.line("emu", f"stopped (pid {stopped.pid})" if stopped else "none was running")
        return 0
    if options.action == "start":
        lock = DeviceLock("emu", "emu")
        try:
            emulator.ensure()
        finally:
            lock.release()
    running = emulator.running()
    if running is None:
        print("no emulator is running; mnemos-load emu start", flush=True)
    else:
        print(
            f"emu  {emulator.MACHINE}  pid {running.pid}  kernel {running.kernel}\n     unix:{running.socket}",
            flush=True,
        )
    return 0


def _new(options: argparse.Namespace, arguments: list[str], ui: Ui) -> int:
    if options.template == "list":
        print("\n".join(new.templates()), flush=True)
        return 0
    if not options.name:
        raise usage("new needs a NAME", "mnemos-load new hello     templates: mnemos-load new -t list")
    folder = new.create(options.name, options.template)
    ui.line("created", f"{folder}/   (template {options.template}, mnemos-load {__version__})")
    ui.line("next", f"cd {folder}")
    if (folder / "kernel").is_dir():
        ui.line("", "tests/run.sh               # builds its kernel and its program, runs both, no hardware")
        return 0
    ui.line("", "mnemos-load run            # needs a board, or:")
    ui.line("", "mnemos-load run -d emu     # no hardware")
    return 0


def _version(options: argparse.Namespace, arguments: list[str], ui: Ui) -> int:
    from . import paths

    root = paths.tree()
    print(f"mnemos-load {__version__}\npython {sys.version.split()[0]}\nSDK {root or 'not found'}", flush=True)
    return 0


_COMMANDS = {
    "run": _run, "load": _load_command, "start": _start, "stop": _stop, "ps": _ps, "monitor": _monitor, "devices": _devices,
    "info": _info, "inspect": _inspect, "emu": _emu, "new": _new, "version": _version,
}  # fmt: skip
