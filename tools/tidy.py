#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run clang-tidy on sources, several of a folder as one: most of its time goes into the headers that they share.

    tools/tidy.py [SOURCE …]

All of src/ and apps/ unless named; with the commands of build/release, and the checks of .clang-tidy. Sources that do
not compile together, as two with the same name in an unnamed namespace, are divided until they do. Those that Highway
compiles once per instruction set include themselves, and stay alone. Exit status 1: something was found.
"""
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
WORK = ROOT / "build" / "tidy"
TOGETHER = 12


def commands() -> dict[str, list[str]]:
    """By source: its compiler's arguments, without what names the source and the output."""
    found = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        arguments = shlex.split(entry["command"])
        drop = {i for i, argument in enumerate(arguments) if argument in ("-c", "-o", entry["file"])}
        drop |= {i + 1 for i in drop if arguments[i] == "-o"}
        found[entry["file"]] = [argument for i, argument in enumerate(arguments) if i not in drop]
    return found


def groups(sources: list[Path], known: dict[str, list[str]]) -> list[list[Path]]:
    alike, alone = {}, []
    for source in sources:
        if "foreach_target.h" in source.read_text():
            alone.append([source])
        else:
            alike.setdefault((source.parent, tuple(known[str(source)])), []).append(source)
    parts = []
    for those in alike.values():
        count = -(-len(those) // TOGETHER)
        parts += [those[i::count] for i in range(count)]
    return sorted(alone + parts, key=len, reverse=True)


def tidy(group: list[Path], known: dict[str, list[str]]) -> str:
    """What was found, or nothing."""
    if len(group) == 1:
        run = subprocess.run(["clang-tidy-14", "-p", BUILD, "--quiet", group[0]], capture_output=True, text=True)
        return run.stdout + run.stderr if run.returncode else ""
    folder = WORK / "-".join([*group[0].parent.relative_to(ROOT).parts, group[0].stem])
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / "whole.cpp"
    whole.write_text("".join(f'#include "{source}"  // NOLINT(bugprone-suspicious-include)\n' for source in group))
    command = shlex.join([*known[str(group[0])], "-c", str(whole)])
    (folder / "compile_commands.json").write_text(
        json.dumps([{"directory": str(BUILD), "file": str(whole), "command": command}]))
    run = subprocess.run(["clang-tidy-14", "-p", folder, "--quiet", whole], capture_output=True, text=True)
    if not run.returncode:
        return ""
    if "clang-diagnostic-error" not in run.stdout:
        return run.stdout + run.stderr
    half = len(group) // 2
    return tidy(group[:half], known) + tidy(group[half:], known)


def main() -> int:
    listed = sys.argv[1:] or subprocess.run(["git", "ls-files", "src/*.cpp", "apps/*.cpp"], cwd=ROOT, text=True,
                                            stdout=subprocess.PIPE, check=True).stdout.split()
    sources = [(ROOT / name).resolve() for name in listed]
    known = commands()
    missing = [source for source in sources if str(source) not in known]
    if missing:
        sys.exit(f"not in {BUILD / 'compile_commands.json'}: {', '.join(map(str, missing))}")
    jobs = int(os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL") or os.cpu_count() or 1)
    failed = False
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for told in pool.map(lambda group: tidy(group, known), groups(sources, known)):
            if told:
                failed = True
                print(told, flush=True)
    print(f"clang-tidy: {len(sources)} sources, {'see above' if failed else 'nothing found'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
