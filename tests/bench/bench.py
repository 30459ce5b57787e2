#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures cnsctl against the budgets of docs/performance.md and prints them as a Markdown table.

usage: bench.py [--build DIR] [--rounds N] [--only NAME]...

Every figure is the median of N whole-process runs (30), taken in turn with its baseline in the same run: /bin/true for
start-up, libyaml's own event loop for large snapshots, cp for what a bundle writes. A figure over its limit is marked,
but does not fail: on a shared machine that would be noise. Exit 1 only when a command itself fails."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
MIB = 1024  # of KiB, the unit of ru_maxrss
# Whole combinations of criteria, of which the one with most components is bundled.
LARGEST = [(service, accelerator, intent, os) for service, os in (("eks", "ubuntu"), ("gke", "cos"), ("aks", "ubuntu"), ("oke", "ubuntu"))
           for accelerator in ("h100", "gb200") for intent in ("training", "inference")]


class Figure:
    """Medians of the runs of one command."""

    def __init__(self, runs):
        self.wall_ms = statistics.median(run[0] for run in runs) / 1e6
        self.cpu_ms = statistics.median(run[1] + run[2] for run in runs) / 1e3
        self.peak_kib = max(run[3] for run in runs)
        self.status = {run[4] for run in runs}


class Bench:
    def __init__(self, build, rounds, folder):
        self.build = build
        self.rounds = rounds
        self.folder = folder
        self.program = build / "cnsctl" if (build / "cnsctl").exists() else build / "src" / "cnsctl"
        # A copy without symbols, as `make install` leaves it.
        self.stripped = folder / "cnsctl"
        subprocess.run(["strip", "-o", self.stripped, self.program], check=True)
        self.launcher = self.compile("launch.c")
        self.rows = []
        self.failures = []

    def compile(self, name, *options):
        output = self.folder / Path(name).stem
        compiler = os.environ.get("CC", "cc").split()
        subprocess.run([*compiler, "-O2", "-D_GNU_SOURCE", "-o", output, HERE / name, *options], check=True)
        return output

    def run(self, *arguments):
        """One run of the program, not measured; returns its standard output, or None when it fails."""
        done = subprocess.run([self.stripped, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True,
                              check=False)
        if done.returncode not in (0, 8):
            self.failures.append(f"cnsctl {' '.join(map(str, arguments))}: exit {done.returncode}: {done.stderr.strip()}")
            return None
        return done.stdout

    def measure(self, *commands, rounds=None):
        """The figures of the commands, run in turn."""
        words = [str(self.launcher), str(rounds or self.rounds)]
        for command in commands:
            words += ["--", *map(str, command)]
        output = subprocess.run(words, cwd=self.folder, check=True, capture_output=True, text=True).stdout
        runs = [[] for _ in commands]
        for line in output.splitlines():
            index, *values = map(int, line.split())
            runs[index].append(values)
        figures = [Figure(group) for group in runs]
        for command, figure in zip(commands, figures):
            if not figure.status <= {0, 8}:
                self.failures.append(f"{' '.join(map(str, command))}: exit {sorted(figure.status)}")
        return figures

    def row(self, name, found, limit, is_met):
        self.rows.append((name, found, limit, "yes" if is_met else "**no**"))

    # --- the rows of the table --------------------------------------------------------------------------------------

    def start_up(self, name, *arguments, factor=2, plus_ms=1.0, peak_mib=8):
        true, ours = self.measure(["/bin/true"], [self.stripped, *arguments])
        limit = factor * true.wall_ms + plus_ms
        self.row(name, f"{ours.wall_ms:.2f} ms ({ours.wall_ms / true.wall_ms:.1f} x /bin/true; CPU {ours.cpu_ms:.2f} ms)",
                 f"{limit:.2f} ms ({factor} x {true.wall_ms:.2f} + {plus_ms:.0f})", ours.wall_ms <= limit)
        self.row(f"{name}: memory", f"{ours.peak_kib / MIB:.1f} MiB", f"{peak_mib} MiB", ours.peak_kib < peak_mib * MIB)

    def bundle(self, recipe):
        if self.run("bundle", "--recipe", recipe, "--output", "bundle") is None:
            return
        true, copy, ours = self.measure(
            ["/bin/true"], ["cp", "-r", "bundle", "copied-{n}"],
            [self.stripped, "bundle", "--recipe", recipe, "--output", "written-{n}"])
        limit = 5 * true.wall_ms + copy.wall_ms
        files = sum(1 for path in (self.folder / "bundle").rglob("*") if path.is_file())
        self.row(f"bundle of the largest recipe ({files} files)", f"{ours.wall_ms:.2f} ms (CPU {ours.cpu_ms:.2f} ms), {ours.peak_kib / MIB:.1f} MiB",
                 f"{limit:.2f} ms (5 x {true.wall_ms:.2f} + cp -r {copy.wall_ms:.2f})", ours.wall_ms <= limit)

    def snapshot(self):
        (ours,) = self.measure([self.stripped, "snapshot"])
        self.row("snapshot of this machine", f"{ours.wall_ms:.1f} ms (CPU {ours.cpu_ms:.1f} ms)", "150 ms", ours.wall_ms <= 150)
        self.row("snapshot: memory", f"{ours.peak_kib / MIB:.1f} MiB", "16 MiB", ours.peak_kib < 16 * MIB)

    def large_snapshots(self, recipe):
        generator = HERE / "generate_snapshot.py"
        baseline = self.compile("yaml_events.c", "-lyaml")
        for suffix in ("yaml", "json"):
            path = self.folder / f"large.{suffix}"
            subprocess.run([sys.executable, generator, "--readings", "1000000", "--format", suffix, "--output", path],
                           check=True)
            events, ours = self.measure([baseline, path],
                                        [self.stripped, "validate", "--recipe", recipe, "--snapshot", path])
            size = path.stat().st_size / 1e6
            self.row(f"validate, 1,000,000 readings, {size:.0f} MB {suffix.upper()}: CPU",
                     f"{ours.cpu_ms:.0f} ms ({ours.cpu_ms / events.cpu_ms:.2f} x libyaml's events)",
                     f"{2.5 * events.cpu_ms:.0f} ms (2.5 x {events.cpu_ms:.0f})", ours.cpu_ms <= 2.5 * events.cpu_ms)
            self.row(f"the same, {suffix.upper()}: memory", f"{ours.peak_kib / MIB:.0f} MiB", "120 MiB",
                     ours.peak_kib < 120 * MIB)
            path.unlink()
        path = self.folder / "wide.yaml"
        subprocess.run([sys.executable, generator, "--readings", "100000", "--subtypes", "1", "--format", "yaml",
                        "--output", path], check=True)
        (ours,) = self.measure([self.stripped, "validate", "--recipe", recipe, "--snapshot", path])
        self.row("validate, 100,000 keys in one mapping", f"{ours.wall_ms:.0f} ms (CPU {ours.cpu_ms:.0f} ms)", "100 ms", ours.wall_ms < 100)

    def size(self):
        found = self.stripped.stat().st_size / 2**20
        self.row("the stripped binary, with its data", f"{found:.2f} MiB", "4 MiB", found < 4)

    def knowledge(self):
        """All that the embedded knowledge can be asked for: in one process, as a list, as data that is checked."""
        folder = self.program.resolve().parent.parent
        subprocess.run(["ninja", "-C", folder, "--quiet", "tests/batch/resolve_all"], check=True)
        runs = [json.loads(subprocess.run([folder / "tests/batch/resolve_all", "--time"], check=True, capture_output=True,
                                          text=True).stdout) for _ in range(max(3, self.rounds // 6))]
        count, each = runs[0]["combinations"], statistics.median(run["nanoseconds"] for run in runs) / runs[0]["combinations"] / 1e6
        self.row(f"resolving {count} combinations in one process: each", f"{each:.3f} ms", "1 ms", each < 1)
        for name, limit, words in (("recipe list", 50, ["recipe", "list"]),
                                   ("recipe list --combinations", 1000, ["recipe", "list", "--combinations"]),
                                   ("recipe lint", 1000, ["recipe", "lint"])):
            (ours,) = self.measure([self.stripped, *words])
            self.row(name, f"{ours.wall_ms:.0f} ms (CPU {ours.cpu_ms:.0f} ms), {ours.peak_kib / MIB:.0f} MiB", f"{limit} ms",
                     ours.wall_ms < limit)

    def largest_recipe(self):
        best, best_count = None, -1
        for service, accelerator, intent, system in LARGEST:
            path = f"{service}-{accelerator}-{intent}.json"
            if self.run("recipe", "--service", service, "--accelerator", accelerator, "--intent", intent, "--os",
                        system, "--format", "json", "--output", path) is None:
                continue
            count = len(json.loads((self.folder / path).read_text())["componentRefs"])
            if count > best_count:
                best, best_count = path, count
        return best

    def all(self, only):
        criteria = ["--service", "eks", "--accelerator", "h100", "--intent", "training", "--os", "ubuntu"]
        self.run("snapshot", "--output", "snapshot.yaml")
        self.run("recipe", *criteria, "--output", "recipe.yaml")
        largest = self.largest_recipe()
        steps = {
            "help": lambda: self.start_up("--help", "--help"),
            "version": lambda: self.start_up("version", "version"),
            "recipe": lambda: self.start_up("recipe", "recipe", *criteria),
            "query": lambda: self.start_up("query", "query", *criteria, "--selector",
                                           "components.gpu-operator.values.driver.version"),
            "validate": lambda: self.start_up("validate", "validate", "--recipe", "recipe.yaml", "--snapshot",
                                              "snapshot.yaml"),
            "bundle": lambda: self.bundle(largest),
            "knowledge": self.knowledge,
            "snapshot": self.snapshot,
            "large": lambda: self.large_snapshots("recipe.yaml"),
            "size": self.size,
        }
        for name, step in steps.items():
            if not only or name in only:
                print(f"measuring: {name}", file=sys.stderr)
                step()

    def print_table(self):
        print("| What | Found | Limit | Met |\n|---|---|---|---|")
        for row in self.rows:
            print("| " + " | ".join(row) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", type=Path, default=Path("build"), help="folder that holds cnsctl")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--only", action="append", help="a row's name: help, recipe, large...")
    options = parser.parse_args()
    # In memory where that is possible: the disk is not what is measured.
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 2**28 else None
    with tempfile.TemporaryDirectory(prefix="cns-bench-", dir=base) as folder:
        bench = Bench(options.build.resolve(), options.rounds, Path(folder))
        bench.all(options.only)
        bench.print_table()
        for failure in bench.failures:
            print(f"failed: {failure}", file=sys.stderr)
        sys.exit(1 if bench.failures else 0)


if __name__ == "__main__":
    main()
