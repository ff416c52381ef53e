"""main.py: runs the groups of groups.py, two at a time where they may, one line for each.

usage: check [GROUP...]      all groups, or those named and what they need
       check --list          the groups

Exit status 0 only when nothing failed. The log of each group is build/check/NAME.log.
"""
# SPDX-License-Identifier: MIT OR Apache-2.0

import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional

from common import TOP
from groups import GROUPS, SKIPPED_STATUS, Group

LOGS = Path(os.environ.get("MNEMOS_CHECK_LOGS", TOP / "build" / "check"))
CACHE = Path(os.environ.get("MNEMOS_CACHE", TOP / "build" / "cache"))
MNEMOS_LOAD = TOP / "tools" / "mnemos-load" / "mnemos-load"
TAIL_LINES = 20
ERROR_LINES = 12
LINE_WIDTH = 200
ERROR = re.compile(r"\b(?:error|FAILED|Traceback)\b|^E  ", re.MULTILINE)
NAME_WIDTH = max(len(group.name) for group in GROUPS)


@dataclass
class Outcome:
    """How a group ended: `ok`, `failed` or `skipped`, and one line about it."""

    word: str
    seconds: float
    detail: str


class Runner:
    """Starts groups whose needs are met, at most `limit` at once; a group that is `alone` runs by itself."""

    def __init__(self, chosen: List[Group], limit: int) -> None:
        self.waiting = list(chosen)
        self.limit = limit
        self.running: Dict[str, Optional[subprocess.Popen]] = {}
        self.outcomes: Dict[str, Outcome] = {}
        self.change = threading.Condition()
        self.alone = False  # a group runs that wants to be
        self.unheard: Optional[OSError] = None  # whoever read our output has gone
        self.on_terminal = sys.stdout.isatty()

    def run(self) -> None:
        try:
            with self.change:
                while self.waiting or self.running:
                    while group := self._next():
                        self.waiting.remove(group)
                        self.running[group.name] = None
                        self.alone = group.alone
                        threading.Thread(target=self._one, args=(group,), daemon=True).start()
                    if self.unheard:
                        raise self.unheard
                    self._status_line()
                    self.change.wait()
        except (KeyboardInterrupt, BrokenPipeError):
            for process in list(self.running.values()):
                stop(process)
            raise

    def _next(self) -> Optional[Group]:
        """A group that may start now, longest waiting first."""
        if len(self.running) >= self.limit or self.alone:
            return None
        unfinished = {group.name for group in self.waiting} | set(self.running)
        for group in self.waiting:
            if not unfinished.intersection(group.needs) and not (group.alone and self.running):
                return group
        return None

    def _one(self, group: Group) -> None:
        begin = time.monotonic()
        broken = [name for name in group.needs if self.outcomes[name].word == "failed"]
        try:
            outcome = Outcome("failed", 0, f"needs {', '.join(broken)}") if broken else self._commands(group, begin)
        except OSError as error:
            outcome = Outcome("failed", time.monotonic() - begin, str(error))
        with self.change:
            del self.running[group.name]
            self.alone = False
            self.outcomes[group.name] = outcome
            try:
                self._tell(group, outcome, bool(broken))
            except BrokenPipeError as error:
                self.unheard = error
            self.change.notify()

    def _commands(self, group: Group, begin: float) -> Outcome:
        log = LOGS / f"{group.name}.log"
        # A cache folder of its own: `-d emu` is one emulator per cache folder. Logs of its own for a check inside a check.
        environment = {**os.environ, "MNEMOS_CACHE": str(CACHE / group.name), "MNEMOS_CHECK_LOGS": str(LOGS / group.name)}
        with open(log, "w", encoding="utf-8") as out:
            for command in group.commands:
                out.write(f"$ {' '.join(command)}\n")
                out.flush()
                process = subprocess.Popen(command, cwd=TOP, env=environment, stdin=subprocess.DEVNULL, stdout=out,
                                           stderr=subprocess.STDOUT, start_new_session=True)
                self.running[group.name] = process
                try:
                    status = process.wait(timeout=max(1.0, group.limit_s - (time.monotonic() - begin)))
                except subprocess.TimeoutExpired:
                    stop(process)
                    return Outcome("failed", time.monotonic() - begin, f"not done after {group.limit_s} s")
                if status != 0:
                    break
        if (CACHE / group.name / "emu" / "state.json").exists():
            subprocess.run([MNEMOS_LOAD, "emu", "stop"], env=environment, capture_output=True, check=False)
        seconds = time.monotonic() - begin
        text = log.read_text(encoding="utf-8", errors="replace")
        last = next((line for line in reversed(text.splitlines()) if line.strip()), "")
        if status == SKIPPED_STATUS:
            return Outcome("skipped", seconds, last)
        if status != 0:
            return Outcome("failed", seconds, f"status {status}")
        found = re.findall(group.detail, text) if group.detail else []
        return Outcome("ok", seconds, found[-1] if found else "")

    def _status_line(self) -> None:
        if self.on_terminal and self.running:
            print(f"\r\033[K... {', '.join(sorted(self.running))}", end="", flush=True)

    def _tell(self, group: Group, outcome: Outcome, silent: bool) -> None:
        clear = "\r\033[K" if self.on_terminal else ""
        print(f"{clear}{outcome.word:8}{group.name:{NAME_WIDTH}} {outcome.seconds:7.1f} s   {outcome.detail}".rstrip(),
              flush=True)
        if outcome.word == "failed" and not silent:
            log = LOGS / f"{group.name}.log"
            print(f"        from {log.relative_to(TOP)}:")
            for line in gist(log.read_text(encoding="utf-8", errors="replace").splitlines()):
                print(f"        | {line[:LINE_WIDTH]}")
            sys.stdout.flush()


def gist(lines: List[str]) -> List[str]:
    """The end of a log and, when the first error is above it, that too."""
    tail = max(0, len(lines) - TAIL_LINES)
    first = next((number for number, line in enumerate(lines[:tail]) if ERROR.search(line)), None)
    if first is None:
        return lines[tail:]
    return [*lines[first : min(first + ERROR_LINES, tail)], "...", *lines[tail:]]


def stop(process: Optional[subprocess.Popen]) -> None:
    """End a group's processes: those of its own session, nobody else's."""
    if process is None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=5)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass


def run_groups(groups: List[Group], limit: int) -> Dict[str, Outcome]:
    runner = Runner(groups, limit)
    runner.run()
    return runner.outcomes


def summary(words: List[str]) -> int:
    """The last line, and the exit status."""
    print(f"{words.count('ok')} passed, {words.count('failed')} failed, {words.count('skipped')} skipped")
    return 1 if "failed" in words else 0


def choose(names: List[str]) -> List[Group]:
    """The named groups and what they need, in the order of the table; all when none is named."""
    wanted = set(names) if names else {group.name for group in GROUPS}
    unknown = wanted - {group.name for group in GROUPS}
    if unknown:
        sys.exit(f"check: no group {', '.join(sorted(unknown))}; ./check --list shows all")
    for group in reversed(GROUPS):
        if group.name in wanted:
            wanted.update(group.needs)
    return [group for group in GROUPS if group.name in wanted]


def main(arguments: List[str]) -> int:
    if "--help" in arguments or "-h" in arguments:
        print(__doc__.partition("\n\n")[2].strip())
        return 0
    if "--list" in arguments:
        for group in GROUPS:
            print(f"{group.name:{NAME_WIDTH}}  {group.says}")
        return 0
    # A shell starts what runs in the background with Ctrl-C ignored, and children would inherit that; some tests send it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    groups = choose(arguments)
    LOGS.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    try:
        outcomes = run_groups(groups, limit=max(1, min(4, os.cpu_count() or 1)))
    except KeyboardInterrupt:
        print("\ncheck: stopped")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{time.monotonic() - begin:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of processors")
    return summary([outcome.word for outcome in outcomes.values()])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
