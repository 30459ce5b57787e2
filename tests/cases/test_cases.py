# SPDX-License-Identifier: Apache-2.0
"""Runs the cases told as data: tests/cases/<verb>/<case>/case.yaml, see docs/testing.md for the keys.

A case runs in a temporary copy of its folder, so its input files are named as they lie beside case.yaml."""

import os
import shlex
import shutil
from pathlib import Path

import pytest

from support import documents, program

HERE = Path(__file__).resolve().parent
CASES = sorted(HERE.glob("*/**/case.yaml"))

STEP_KEYS = {"command", "env", "stdin", "stdin_file", "exit", "stdout", "stdout_file", "stdout_contains",
             "stdout_lacks", "stderr", "stderr_contains", "stderr_lacks", "stdout_document", "creates", "creates_not",
             "timeout"}
CASE_KEYS = STEP_KEYS | {"about", "needs", "steps"}
NEEDS = {"shared"}


def case_name(path):
    return str(path.parent.relative_to(HERE))


def strings(value, key):
    assert isinstance(value, list) and all(isinstance(item, str) for item in value), f"{key}: expected a list of text"
    return value


def load_case(path):
    case = documents.load(path.read_text())
    assert isinstance(case, dict), f"{path}: expected a map"
    unknown = set(case) - CASE_KEYS
    assert not unknown, f"{path}: unknown keys {sorted(unknown)}"
    assert set(case.get("needs", [])) <= NEEDS, f"{path}: needs: known are {sorted(NEEDS)}"
    steps = case.get("steps")
    if steps is None:
        steps = [{key: value for key, value in case.items() if key in STEP_KEYS}]
    else:
        mixed = set(case) & STEP_KEYS - {"env"}
        assert not mixed, f"{path}: {sorted(mixed)} belong into the steps"
        steps = [{**step, "env": {**case.get("env", {}), **step.get("env", {})}} for step in steps]
    for number, step in enumerate(steps, 1):
        unknown = set(step) - STEP_KEYS
        assert not unknown, f"{path}: step {number}: unknown keys {sorted(unknown)}"
        assert isinstance(step.get("command"), str), f"{path}: step {number}: no command"
    return case, steps


class Expectations:
    """Checks one run against one step; collects everything that is wrong, so that one look shows all of it."""

    def __init__(self, step, run, folder, substitute):
        self.step = step
        self.run = run
        self.folder = folder
        self.substitute = substitute
        self.problems = []

    def check(self):
        expected_exit = self.step.get("exit", 0)
        if self.run.exit != expected_exit:
            self.problems.append(f"expected exit status {expected_exit}, found {self.run.exit}")
        self.exact_text()
        for stream in ("stdout", "stderr"):
            self.contained_text(stream, getattr(self.run, stream))
        if "stdout_document" in self.step:
            self.document()
        self.files()
        return self.problems

    def exact_text(self):
        for key in ("stdout", "stderr"):
            actual = getattr(self.run, key)
            if key in self.step and actual != self.substitute(self.step[key]):
                self.problems.append(documents.text_diff(self.substitute(self.step[key]), actual, key))
        if "stdout_file" in self.step:
            name = self.step["stdout_file"]
            if os.environ.get("CNS_UPDATE_CASES"):
                (self.source / name).write_bytes(self.run.stdout_bytes)
            elif (self.folder / name).read_bytes() != self.run.stdout_bytes:
                self.problems.append(documents.text_diff((self.folder / name).read_text(), self.run.stdout, name))

    def contained_text(self, stream, actual):
        for part in strings(self.step.get(f"{stream}_contains", []), f"{stream}_contains"):
            if self.substitute(part) not in actual:
                self.problems.append(f"{stream} lacks: {self.substitute(part)!r}")
        for part in strings(self.step.get(f"{stream}_lacks", []), f"{stream}_lacks"):
            if self.substitute(part) in actual:
                self.problems.append(f"{stream} must not hold: {self.substitute(part)!r}")

    def document(self):
        try:
            actual = documents.load(self.run.stdout)
        except Exception as error:  # whatever the parser says is the finding
            self.problems.append(f"stdout is not a document: {error}")
            return
        self.problems += [f"document: {line}" for line in documents.differences(self.step["stdout_document"], actual)]

    def files(self):
        for name in strings(self.step.get("creates", []), "creates"):
            if not (self.folder / self.substitute(name)).exists():
                self.problems.append(f"not created: {name}; there are {sorted(os.listdir(self.folder))}")
        for name in strings(self.step.get("creates_not", []), "creates_not"):
            if os.path.lexists(self.folder / self.substitute(name)):
                self.problems.append(f"must not exist: {name}")


@pytest.mark.parametrize("path", CASES, ids=case_name)
def test_case(path, cnsctl_path, tmp_path, request):
    case, steps = load_case(path)
    if "shared" in case.get("needs", []):
        request.getfixturevalue("shared")
    folder = tmp_path / "case"
    shutil.copytree(path.parent, folder, symlinks=True)

    def substitute(text):
        return text.replace("$SHARED", str(program.SHARED)).replace("$ROOT", str(program.ROOT))

    for number, step in enumerate(steps, 1):
        arguments = [substitute(argument) for argument in shlex.split(step["command"])]
        stdin = (folder / step["stdin_file"]).read_bytes() if "stdin_file" in step else step.get("stdin", "")
        env = {name: None if value is None else substitute(str(value)) for name, value in step.get("env", {}).items()}
        run = program.run_program(cnsctl_path, arguments, folder, env, stdin,
                                  float(step.get("timeout", program.TIMEOUT_SECONDS)))
        expectations = Expectations(step, run, folder, substitute)
        expectations.source = path.parent
        problems = expectations.check()
        if problems:
            title = case_name(path) + (f", step {number} of {len(steps)}" if len(steps) > 1 else "")
            pytest.fail(f"{title}:\n" + "\n".join(problems) + run.describe(), pytrace=False)
