#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Includes point one way: a folder of src/lode/ may use itself and what stands above it in CMakeLists.txt.

The command and the examples see the public headers of include/lode/ only, and those see the standard library only.
Names each include that does otherwise and exits with 1.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = {".hpp", ".h", ".cpp", ".in"}
GENERATED = {"lode/version.hpp"}


def folders_lowest_first(cmake):
    names = re.findall(r"^lode_folder\((\w+)", cmake, re.MULTILINE)
    if not names:
        sys.exit("check_includes.py: CMakeLists.txt has no lode_folder(…) lines")
    return {name: level for level, name in enumerate(names)}


def public_parts(cmake):
    listed = re.search(r"set\(LODE_PUBLIC_PARTS([^)]*)\)", cmake)
    return set(listed[1].split()) if listed else set()


def is_standard(name):
    """<vector>, <cstdio>, <unistd.h>, <sys/stat.h>: what comes with the compiler and the system."""
    return "/" not in name or name.startswith("sys/")


class Check:
    def __init__(self, root):
        self.root = root
        self.levels = folders_lowest_first((root / "CMakeLists.txt").read_text(encoding="utf-8"))
        self.public = {f"lode/{path.name}" for path in (root / "include/lode").glob("*.hpp")}
        # What the public headers show of src/ is installed with them and held to the same rule.
        self.parts = public_parts((root / "cmake/install.cmake").read_text(encoding="utf-8"))
        self.violations = []
        self.files = 0

    def each_include(self, folder):
        for path in sorted((self.root / folder).rglob("*")):
            if path.suffix not in SOURCES or not path.is_file():
                continue
            self.files += 1
            yield from self.includes_of(path)

    def includes_of(self, path):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = INCLUDE.match(line)
            if found:
                yield path, number, found[1] == '"', found[2]

    def report(self, path, number, name, reason):
        self.violations.append(f"{path.relative_to(self.root)}:{number}: includes {name}, but {reason}")

    def source_tree(self):
        for path, number, quoted, name in self.each_include("src/lode"):
            own = path.relative_to(self.root / "src/lode").parts
            parts = name.split("/")
            if not quoted:
                if parts[0] == "CLI":
                    self.report(path, number, name, "the command line is the business of apps/")
                continue
            if parts[0] != "lode":
                self.report(path, number, name, "paths are written from src/: lode/<folder>/…")
            elif name in GENERATED:
                continue
            elif name in self.public:
                if own[0] != "api":
                    self.report(path, number, name, f"the public headers stand above {own[0]}; only api uses them")
            elif parts[1] not in self.levels or len(parts) < 3:
                self.report(path, number, name, "it is neither a public header nor in a folder of CMakeLists.txt")
            elif own[0] not in self.levels:
                self.report(path, number, name, f"{own[0]} is no folder of CMakeLists.txt")
            elif self.levels[parts[1]] > self.levels[own[0]]:
                self.report(path, number, name, f"{parts[1]} stands above {own[0]}")

    def public_headers(self):
        parts = [include for part in sorted(self.parts) for include in self.includes_of(self.root / "src" / part)]
        for path, number, quoted, name in [*self.each_include("include"), *parts]:
            if quoted and name not in self.public | self.parts:
                self.report(path, number, name, "public headers include public headers only")
            elif not quoted and not is_standard(name):
                self.report(path, number, name, "whoever uses the library would need it too")

    def clients(self, folder, *allowed):
        for path, number, quoted, name in self.each_include(folder):
            if name.startswith("lode/"):
                if name not in self.public | self.parts:
                    self.report(path, number, name, f"{folder}/ sees the public headers of include/lode/ only")
            elif quoted:
                if not (path.parent / name).is_file() and not (self.root / folder / name).is_file():
                    self.report(path, number, name, f"it is no file of {folder}/")
            elif not is_standard(name) and not name.startswith(allowed):
                self.report(path, number, name, f"{folder}/ uses only {', '.join(('include/lode/', *allowed))}")


def main():
    check = Check(ROOT)
    check.source_tree()
    check.public_headers()
    check.clients("apps", "CLI/")
    check.clients("examples")
    for violation in check.violations:
        print(violation)
    if check.violations:
        print(f"{len(check.violations)} includes point the wrong way")
        return 1
    print(f"{check.files} files, {len(check.levels)} folders: includes point one way")
    return 0


if __name__ == "__main__":
    sys.exit(main())
