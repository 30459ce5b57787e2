#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps the tour in README.md real: runs its commands and compares, or writes, what they print.

usage: readme-tour.py [--write] [--with FOLDER=PLACE]... [README]     CNSCTL: the program, build/cnsctl by default

A block ```console holds commands (`$ ` in front, going on after a line that ends in a backslash) and their output, both
streams together. All blocks run one after another in one temporary folder, beside a copy of docs/examples and of each
FOLDER at its PLACE. A block ```yaml file=PATH is what a user would write into that file: it is written there when its turn
comes. After a line `<!-- tour: this machine -->` output depends on the machine: it is written, but only success is
checked."""

import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(?P<marker><!-- tour: this machine -->\n)?```(?:console|\w+ file=(?P<file>\S+))\n(?P<body>.*?)^```$",
                   re.S | re.M)
# What changes from run to run, and what stands in the comparison instead.
CHANGING = ((re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
            (re.compile(r"\(commit: \w+(-dirty)?, date: [\d-]+\)"), "(commit: C, date: D)"),
            (re.compile(r"\b\d+(\.\d+)? ?ms\b"), "N ms"))


def commands_of(body):
    """The commands of a block, each as the lines that a user would type."""
    commands, goes_on = [], False
    for line in body.splitlines():
        if goes_on:
            commands[-1] += "\n" + line
        elif line.startswith("$ "):
            commands.append(line[2:])
        else:
            continue
        goes_on = line.endswith("\\")
    return commands


def run(command, folder, program):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("CNS_", "AICR_"))}
    env.update(PATH=f"{program.parent}:{env['PATH']}", LC_ALL="C.UTF-8", TZ="UTC")
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    # 141: the reader of a pipe (head) had enough.
    if "Sanitizer" in done.stdout or done.returncode not in (0, 141):
        raise SystemExit(f"readme-tour: exit status {done.returncode}: {command}\n{done.stdout}")
    return done.stdout


def replay(body, folder, program):
    lines = []
    for command in commands_of(body):
        output = run(command, folder, program)
        lines.append(f"$ {command}\n{output}")
        if output and not output.endswith("\n"):
            lines.append("\n")
    return "".join(lines)


def put(folder, path, text):
    target = folder / path
    if not target.resolve().is_relative_to(folder.resolve()):
        raise SystemExit(f"readme-tour: {path} leaves the folder of the tour")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def masked(text):
    for pattern, replacement in CHANGING:
        text = pattern.sub(replacement, text)
    return text


def lay_out(folder, copies):
    shutil.copytree(ROOT / "docs" / "examples", folder / "examples")
    for copy in copies:
        source, _, place = copy.partition("=")
        shutil.copytree(source, folder / place)


def main():
    parser = argparse.ArgumentParser(description="Run the commands of a page and compare, or write, what they print.")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--with", action="append", default=[], dest="copies", metavar="FOLDER=PLACE")
    parser.add_argument("readme", nargs="?", type=Path, default=ROOT / "README.md")
    arguments = parser.parse_args()
    program = Path(os.environ.get("CNSCTL", ROOT / "build" / "cnsctl")).absolute()
    if program.name != "cnsctl" or not program.exists():
        raise SystemExit(f"readme-tour: {program}: no program of the name cnsctl")
    differing = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(folder, arguments.copies)

        def replace(block):
            if block["file"]:
                put(folder, block["file"], block["body"])
                return block[0]
            body = replay(block["body"], folder, program)
            if not block["marker"] and masked(body) != masked(block["body"]):
                differing.extend(difflib.unified_diff(masked(block["body"]).splitlines(), masked(body).splitlines(),
                                                      str(arguments.readme), "what the program prints", lineterm=""))
            return f"{block['marker'] or ''}```console\n{body}```"

        text = BLOCK.sub(replace, arguments.readme.read_text())
    if arguments.write:
        arguments.readme.write_text(text)
        return 0
    if differing:
        print("\n".join(differing))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
