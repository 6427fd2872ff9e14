#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times `lode run` of a case as whole processes: start, read, check, plan, run, write, exit.

"Cold" means that nothing of Lode is kept between runs: no daemon, no cache of its own. The operating system's file
cache is warm. The answer is checked first: a fast wrong answer is no result.

    bench/case_cold.py [--lode build/release/lode] [--case cases/neodymium-china] [--runs 20] [--goal 100]
"""
import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def check_answer(lode: str, case: str) -> dict:
    """The case's own comparison with the published figures must hold up; returns its summary."""
    done = subprocess.run([lode, "verify", case, "--json"], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"verify failed with status {done.returncode}:\n{done.stderr}")
    answer = json.loads(done.stdout)
    checkpoints = answer["checkpoints"]
    counts: dict[str, int] = {}
    for checkpoint in checkpoints:
        counts[checkpoint["status"]] = counts.get(checkpoint["status"], 0) + 1
    unexplained = [c["id"] for c in checkpoints if c["status"] == "differs" and not c.get("note")]
    if not counts.get("agrees"):
        sys.exit(f"no checkpoint agrees: {counts}")
    if unexplained:
        sys.exit(f"these differ and no note says why: {' '.join(unexplained)}")
    for status, count in counts.items():
        if answer["summary"].get(status, count) != count:
            sys.exit(f"the summary says {answer['summary'][status]} {status}, the list has {count}")
    return counts


def time_runs(command: list[str], results: Path, runs: int) -> list[float]:
    seconds = []
    for _ in range(runs):
        shutil.rmtree(results, ignore_errors=True)
        start = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        seconds.append(time.perf_counter() - start)
        if done.returncode != 0:
            sys.exit(f"run failed with status {done.returncode}:\n{done.stderr}")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lode", default="build/release/lode")
    parser.add_argument("--case", default="cases/neodymium-china")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--goal", type=float, default=100, help="ms; exceeding it is reported, not an error")
    options = parser.parse_args()
    lode = str(Path(options.lode).resolve())

    counts = check_answer(lode, options.case)
    print("answer:", ", ".join(f"{count} {status}" for status, count in sorted(counts.items())))

    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results"
        whole = time_runs([lode, "run", options.case, "-o", str(results)], results, options.runs)
        start_only = time_runs([lode, "--version"], results, options.runs)
    median = 1000 * statistics.median(whole)
    print(f"lode run {options.case}, {options.runs} processes: "
          f"min {1000 * min(whole):.1f} ms, median {median:.1f} ms, max {1000 * max(whole):.1f} ms")
    print(f"of which starting the process (lode --version): median {1000 * statistics.median(start_only):.1f} ms")
    print(f"goal: at most {options.goal:.0f} ms: {'reached' if median <= options.goal else 'NOT reached'}")


if __name__ == "__main__":
    main()
