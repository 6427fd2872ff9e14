#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs with draws that several processes share through MPI. LODE_BINARY names a command built with LODE_MPI=ON."""
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from draws_test import BINARY, DEPENDENCE, tables, uncertain_case, what_is_said

LAUNCHER = shutil.which("mpirun")


def reason_to_skip():
    if not LAUNCHER:
        return "mpirun is not installed"
    linked = subprocess.run(["ldd", BINARY], capture_output=True, text=True).stdout
    return "" if "libmpi" in linked else "this build has no MPI: configure it with LODE_MPI=ON"


# Open MPI asks twice before it lets root in, as containers do; other launchers pass these over.
ENVIRONMENT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_hwloc_base_binding_policy": "none"}


@unittest.skipIf(reason_to_skip(), reason_to_skip())
class Processes(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="lode-mpi-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.case = uncertain_case(self.folder)

    def command(self, processes, draws, output, *arguments):
        launch = [LAUNCHER, "-n", str(processes)] if processes else []
        return [*launch, BINARY, "run", str(self.case), "-n", str(draws), "--focus", DEPENDENCE, "--json", "--csv", "--threads", "1", "-o", output, *map(str, arguments)]

    def share(self, processes, draws, *arguments, status=0):
        output = f"out{processes}"
        result = subprocess.run(self.command(processes, draws, output, *arguments), cwd=self.folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=250)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        if status:
            return result.stdout + result.stderr
        return what_is_said(result.stdout), tables(self.folder / output)

    def states(self):
        return sorted(path.name for path in self.folder.glob("run.state*"))

    def test_the_same_bytes(self):
        for draws in [4096, 65536]:
            alone = self.share(0, draws)
            for processes in [1, 3, 4]:
                self.assertEqual(alone, self.share(processes, draws), f"{processes} processes, {draws} draws")

    def test_the_same_bytes_of_some_results(self):
        choice = ["--results", "in_use.stock, recycled"]
        alone = self.share(0, 65536, *choice)
        for processes in [1, 3]:
            self.assertEqual(alone, self.share(processes, 65536, *choice), f"{processes} processes")

    def test_the_same_draws_kept(self):
        for draws in [4096, 65536]:
            alone = self.share(0, draws, "--keep")
            for processes in [2, 4]:
                # Not assertEqual, which looks for minutes for what differs in so many rows.
                self.assertTrue(alone == self.share(processes, draws, "--keep", "--state", "run.state"), f"{processes} processes, {draws} draws")
                self.assertEqual(self.states(), [])

    def test_the_same_draws_kept_of_scenarios_and_differences(self):
        subprocess.run([BINARY, "new", "li", "--template", "pathway"], cwd=self.folder, capture_output=True, check=True)
        words = [BINARY, "run", "li", "--scenarios", "all", "--show", "mined[2060]", "--keep", "-n", "65536", "--threads", "1", "--csv"]
        subprocess.run([*words, "-o", "alone"], cwd=self.folder, capture_output=True, check=True)
        subprocess.run([LAUNCHER, "-n", "3", *words, "--state", "run.state", "-o", "shared"], cwd=self.folder, env=ENVIRONMENT, capture_output=True, check=True, timeout=250)
        kept = {path.relative_to(self.folder / "alone"): path.read_bytes() for path in (self.folder / "alone").glob("*/draws.csv")}
        self.assertEqual(len(kept), 2)
        for path, rows in kept.items():
            self.assertTrue(rows == (self.folder / "shared" / path).read_bytes(), path)
        self.assertEqual(self.states(), [])

    def test_a_mistake_is_told_once(self):
        self.assertEqual(self.share(3, 65536, "--focus", "nonsense", status=1).count('"severity": "error"'), 1)
        self.assertEqual(self.share(3, 65536, "--results", "nonsense", status=1).count('"severity": "error"'), 1)
        (self.folder / "run.state").write_bytes(b"no state")
        self.assertEqual(self.share(3, 65536, "--state", "run.state", status=1).count('"severity": "error"'), 1)

    def test_one_is_killed_and_others_go_on(self):
        draws = 1 << 17
        whole = self.share(0, draws, "--keep")
        launcher = subprocess.Popen(self.command(4, draws, "never", "--keep", "--state", "run.state"), cwd=self.folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        began = time.monotonic()
        while sum(not name.endswith(".draws") for name in self.states()) < 2:
            self.assertIsNone(launcher.poll(), "it ended before it left states")
            self.assertLess(time.monotonic() - began, 120)
            time.sleep(0.01)
        children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text().split()
        self.assertEqual(len(children), 4)
        os.kill(int(children[2]), signal.SIGKILL)
        self.assertNotEqual(launcher.wait(timeout=60), 0)
        self.assertFalse((self.folder / "never").exists())
        self.assertGreaterEqual(len(self.states()), 2)
        self.assertEqual(whole, self.share(3, draws, "--keep", "--state", "run.state"))
        self.assertEqual(self.states(), [])


if __name__ == "__main__":
    unittest.main()
