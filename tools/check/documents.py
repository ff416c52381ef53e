"""documents.py: what README.md and docs/ say is tried: links lead somewhere, console blocks run as written.

In a block marked `console`, lines that begin with `$ ` are commands (and with `> ` their further lines); the lines below
are output, where a line of `...` stands for any lines. Lines are compared after runs of blanks are made one; every
output line written down must come, in this order. The blocks of one page run one after another in one shell that
starts in the top folder, with an empty home folder of its own. Commands that `check` itself is are listed in ELSEWHERE.

A block below a line that ends with a file's path in backticks and a colon is an excerpt of that file: its lines stand
there as they are; a line of `...` stands for lines left out.
"""
# SPDX-License-Identifier: MIT OR Apache-2.0

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator, List

import common

# command -> where it is run instead
ELSEWHERE = {
    "./check": "this is what is running",
}

FENCE = re.compile(r"^```(\w*)[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s#]+)(?:#[^)]*)?\)")
EXCERPT = re.compile(r"`([\w./-]+)`:\n\n```(?!console)[a-z]+[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
DONE = "--- check: command done, status"
COMMAND_LIMIT_S = 240


@dataclass
class Command:
    """A command of a page and the output that the page promises."""

    line: int
    text: str
    promised: List[str] = field(default_factory=list)


def pages(root: Path) -> Iterator[Path]:
    yield from sorted(root.glob("*.md"))
    yield from common.files(root / "docs", ".md")


def link_findings(path: Path, text: str) -> Iterator[common.Finding]:
    for match in LINK.finditer(text):
        target = match.group(1)
        if not re.match(r"[a-z]+:", target) and not (path.parent / target).exists():
            yield common.Finding(path, common.line_of(text, match.start()), f"the link to {target} leads nowhere")


def commands_of(path: Path, text: str) -> Iterator[Command]:
    for match in FENCE.finditer(text):
        if match.group(1) != "console":
            continue
        first = common.line_of(text, match.start(2))
        command = None
        for offset, line in enumerate(match.group(2).splitlines()):
            if line.startswith("$ "):
                if command:
                    yield command
                command = Command(first + offset, line[2:])
            elif command is None:
                yield Command(first + offset, "")
                break
            elif re.match(r">( |$)", line) and not command.promised:
                command.text += "\n" + line[2:]
            else:
                command.promised.append(line)
        if command:
            yield command


def squeeze(line: str) -> str:
    return " ".join(line.split())


def missing_line(promised: List[str], output: str) -> str:
    """The first promised line that did not come where it should; empty when all did."""
    came = [squeeze(line) for line in output.splitlines() if line.strip()]
    at = 0
    anywhere = True
    for line in map(squeeze, promised):
        if line == "...":
            anywhere = True
            continue
        if not line:
            continue
        pattern = re.compile(".*".join(map(re.escape, line.split("..."))))
        while at < len(came) and not pattern.fullmatch(came[at]):
            if not anywhere:
                return line
            at += 1
        if at == len(came):
            return line
        at += 1
        anywhere = False
    return ""


class Shell:
    """One bash for one page."""

    def __init__(self, home: Path, root: Path) -> None:
        environment = {**os.environ, "HOME": str(home), "LC_ALL": "C.UTF-8", "COLUMNS": "100"}
        self.process = subprocess.Popen(["timeout", str(COMMAND_LIMIT_S), "bash"], cwd=root, env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, text: str) -> tuple:
        """Output and status of a command; the status is None when the shell ended with it."""
        self.process.stdin.write(f"{{ (exit $check_status)\n{text}\n}} </dev/null\n"
                                 f"check_status=$?; echo; echo '{DONE}' $check_status\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.startswith(DONE):
                return "".join(lines), int(line.removeprefix(DONE))
            lines.append(line)
        return "".join(lines), None

    def end(self) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def command_findings(root: Path, path: Path, text: str) -> Iterator[common.Finding]:
    commands = list(commands_of(path, text))
    if not commands:
        return
    with tempfile.TemporaryDirectory() as home:
        shell = Shell(Path(home), root)
        try:
            for command in commands:
                if not command.text:
                    yield common.Finding(path, command.line, "a console block with no command above its output")
                    continue
                if command.text in ELSEWHERE:
                    continue
                print(f"{path.relative_to(root)}:{command.line}: $ {command.text}", flush=True)
                output, status = shell.run(command.text)
                missing = missing_line(command.promised, output)
                if status is None:
                    yield common.Finding(path, command.line, f"`{command.text}` did not come back; it said:\n{output}")
                    return
                wanted = re.search(r"echo \"?(?:status )?\$\?", command.text) is None
                if status != 0 and wanted:
                    yield common.Finding(path, command.line, f"`{command.text}` ended with status {status}:\n{output}")
                elif missing:
                    yield common.Finding(path, command.line, f"`{command.text}`: expected `{missing}`, but it said:\n{output}")
        finally:
            shell.end()


def bare(text: str) -> List[str]:
    """The lines of a program or CMake file that are neither blank nor a comment of one line."""
    lines = [line.rstrip() for line in common.without_comments(text, keep_strings=True).splitlines()]
    return [line for line in lines if line and not re.match(r"#\s", line)]


def program_findings(root: Path, path: Path, text: str) -> Iterator[common.Finding]:
    """A whole program on a page is one of the examples, which are built and run."""
    examples = [bare(common.read(file)) for file in common.files(root / "examples", ".c", "CMakeLists.txt")]
    for match in FENCE.finditer(text):
        whole = {"c": "int main(", "cmake": "cmake_minimum_required"}.get(match.group(1))
        if whole and whole in match.group(2) and bare(match.group(2)) not in examples:
            yield common.Finding(path, common.line_of(text, match.start()), "this program is none of examples/")


def lines_of(text: str) -> List[str]:
    return [line.rstrip() for line in text.splitlines()]


def not_in(lines: List[str], wanted: List[str]) -> str:
    """The first of the `wanted` lines that do not stand in the file in this order; between `...` they are neighbours."""
    at = 0
    pieces = "\n".join(wanted).split("\n...\n")
    for piece in (lines_of(piece.strip("\n")) for piece in pieces):
        found = next((i for i in range(at, len(lines)) if lines[i : i + len(piece)] == piece), None)
        if found is None:
            return next((line for line in piece if line not in lines), piece[0])
        at = found + len(piece)
    return ""


def excerpt_findings(root: Path, path: Path, text: str) -> Iterator[common.Finding]:
    """A block below a line that ends with `path`: shows lines of that file; commands in a console do not."""
    for match in EXCERPT.finditer(text):
        line, file = common.line_of(text, match.start(2)), root / match.group(1)
        if not file.is_file():
            yield common.Finding(path, line, f"shows {match.group(1)}, which does not exist")
            continue
        missing = not_in(lines_of(common.read(file)), lines_of(match.group(2)))
        if missing:
            yield common.Finding(path, line, f"shows `{missing}`, which is not there in {match.group(1)}")


def message_findings(root: Path) -> Iterator[common.Finding]:
    """docs/when-it-breaks.md has a section for each fault kind and each E-code, and no other."""
    path, schema = root / "docs/when-it-breaks.md", root / "abi/schema"
    if not path.exists() or not schema.exists():
        return
    kinds = next(enum for enum in tomllib.loads(common.read(schema / "loader.toml"))["enum"] if enum["name"] == "fault_kind")
    wanted = {f"{kind['name']}: {kind['doc']}" for kind in kinds["variants"]}
    codes = {row["code"] for row in tomllib.loads(common.read(schema / "errors.toml"))["host"]}
    titles = re.findall(r"^### (.*)$", common.read(path), re.MULTILINE)
    for missing in sorted(wanted - set(titles)) + sorted(codes - {title[:3] for title in titles}):
        yield common.Finding(path, 1, f"has no section `{missing}`")
    said = sources_of_messages(root)
    for title in titles:
        if title in wanted:
            continue
        if re.match(r"E\d\d ", title) and title[:3] not in codes:
            yield common.Finding(path, 1, f"has a section for {title[:3]}, which is not in the schema")
        for part in re.sub(r"^E\d\d ", "", title).split("..."):
            if part.strip(" ():") and part.strip() not in said:
                yield common.Finding(path, 1, f"`{title}`: nothing says `{part.strip()}`")


def sources_of_messages(root: Path) -> str:
    """The text of everything that can say a message; what is filled in is `...`."""
    places = [root / "tools/mnemos-load/mnemos_load", root / "sdk/cmake", root / "templates"]
    text = "".join(common.read(path) for place in places for path in common.files(place, ".py", ".cmake"))
    return re.sub(r"\{[^{}\n]*\}", "...", text)


def find(root: Path) -> Iterator[common.Finding]:
    yield from message_findings(root)
    for path in pages(root):
        text = common.read(path)
        yield from link_findings(path, text)
        yield from program_findings(root, path, text)
        yield from excerpt_findings(root, path, text)
        yield from command_findings(root, path, text)


if __name__ == "__main__":
    common.main(find)
