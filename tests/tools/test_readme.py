# SPDX-License-Identifier: Apache-2.0
"""The tour in README.md is what the program prints: its commands run, and their output is compared."""

import os
import subprocess
import sys

import pytest


def tour(root, program, readme):
    return subprocess.run([sys.executable, "-B", root / "tools" / "readme-tour.py", readme], capture_output=True,
                          text=True, check=False, env={**os.environ, "CNSCTL": str(program)})


def test_the_tour_is_real(root, cnsctl_path):
    done = tour(root, cnsctl_path, root / "README.md")
    assert done.returncode == 0, done.stdout + done.stderr + "\nto write it anew: make readme"


def test_the_tour_shows_every_step(root):
    text = (root / "README.md").read_text()
    for verb in ("snapshot", "recipe", "query", "explain", "validate", "bundle"):
        assert f"\n$ cnsctl {verb} " in text


@pytest.mark.parametrize("readme, expected", [
    ("```console\n$ cnsctl help --names | grep -c version\n1\n```\n", 0),
    ("```console\n$ cnsctl help --names | grep -c version\n2\n```\n", 1),
    ("```console\n$ echo a \\\n    b\na b\n```\n", 0),
    ("```console\n$ echo 2026-01-02T03:04:05Z\n1999-01-02T03:04:05Z\n```\n", 0),
    ("```console\n$ cnsctl nonsense\n```\n", 1),
    ("<!-- tour: this machine -->\n```console\n$ echo a\nb\n```\n", 0),
    ("<!-- tour: this machine -->\n```console\n$ exit 2\nb\n```\n", 1),
])
def test_a_false_tour_is_found(root, cnsctl_path, tmp_path, readme, expected):
    (tmp_path / "README.md").write_text(readme)
    assert tour(root, cnsctl_path, tmp_path / "README.md").returncode == expected
