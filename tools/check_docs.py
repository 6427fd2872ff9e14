#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs what the documents show and compares it with what they say; checks that relative links lead somewhere.

In a ```console block a line `$ command` is run; the lines below it are its output, where a line `…` stands for any
number of lines; durations and the size of rounding errors do not count. A comment <!-- run: command --> runs unseen; a block without a command shows
the output of the last one. Commands of one document run in one fresh folder, with `lode` on the path and the repository's
`cases`, `docs` and `examples` beside.

    tools/check_docs.py [--lode build/release/lode] docs/first-case.md …
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def parts(text: str):
    """Yields (line, 'run', command) and (line, 'block', [lines])."""
    lines = text.splitlines()
    i = 0
    while i < len(lines):
        hidden = re.fullmatch(r"<!-- run: (.*) -->", lines[i])
        if hidden:
            yield i + 1, "run", hidden.group(1)
        elif lines[i] == "```console":
            start = i + 1
            end = lines.index("```", start)
            yield start + 1, "block", lines[start:end]
            i = end
        i += 1


def plain(line: str) -> str:
    line = re.sub(r"\b\d\.\de-1[0-9]\b", "rounding", line.rstrip())
    return re.sub(r"\b\d[\d,.]* (ms|s)\b", "N s", line)


def matches(expected: list[str], actual: list[str]) -> bool:
    if not expected:
        return not actual
    if expected[0] == "…":
        return any(matches(expected[1:], actual[k:]) for k in range(len(actual) + 1))
    return bool(actual) and plain(expected[0]) == plain(actual[0]) and matches(expected[1:], actual[1:])


def check(path: Path, lode: Path) -> int:
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in ("cases", "docs", "examples"):
            os.symlink(ROOT / name, Path(folder) / name)
        environment = dict(os.environ, PATH=f"{lode.parent}:{os.environ['PATH']}", LC_ALL="C.UTF-8")

        def run(command: str) -> list[str]:
            done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            return [line.rstrip() for line in done.stdout.strip("\n").splitlines()]

        output: list[str] = []
        for number, kind, what in parts(path.read_text(encoding="utf-8")):
            if kind == "run":
                output = run(what)
                continue
            expected: list[str] = []
            shown = []
            for line in what:
                if line.startswith("$ "):
                    shown.append([line[2:], []])
                elif shown:
                    shown[-1][1].append(line)
                else:
                    expected.append(line)
            if expected:
                shown.insert(0, [None, expected])
            for command, lines in shown:
                if command is not None:
                    output = run(command)
                if lines and not matches([line.rstrip() for line in lines], output):
                    failures += 1
                    print(f"{path}:{number}: `{command or 'the last command'}` now says:")
                    print("\n".join("  " + line for line in output))
    return failures


def broken_links(path: Path) -> int:
    failures = 0
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:|#", target):
            continue
        if not (path.parent / target.split("#")[0]).exists():
            failures += 1
            print(f"{path}: the link {target} leads nowhere")
    return failures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lode", default=str(ROOT / "build/release/lode"))
    parser.add_argument("documents", nargs="+", type=Path)
    options = parser.parse_args()
    tracked = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "*.md"], capture_output=True, text=True, check=True)
    links = sum(broken_links(ROOT / name) for name in tracked.stdout.split("\0") if name)
    failures = sum(check(document, Path(options.lode).resolve()) for document in options.documents)
    if failures or links:
        sys.exit(f"{failures} outputs differ from what the documents show, {links} links are broken")
    print(f"{len(options.documents)} documents show what the command says")


if __name__ == "__main__":
    main()
