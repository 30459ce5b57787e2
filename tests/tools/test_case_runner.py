# SPDX-License-Identifier: Apache-2.0
"""The runner of cases fails when it should: each expectation is broken once, against a stand-in for the program."""

import os
import shutil
import subprocess
import sys

import pytest

STAND_IN = """#!/usr/bin/env python3
import os, signal, sys, time
word = sys.argv[1]
if word == "say":
    print(" ".join(sys.argv[2:]))
elif word == "document":
    print("a: {b: 24.10, c: [1, 'x'], d: 'yes'}")
elif word == "fail":
    print("bad input", file=sys.stderr); sys.exit(2)
elif word == "sanitizer":
    print("==7==ERROR: AddressSanitizer: heap-use-after-free", file=sys.stderr)
elif word == "overflow":
    print("a.c:7:3: runtime error: signed integer overflow", file=sys.stderr)
elif word == "leak":
    sys.exit(99)
elif word == "die":
    os.kill(os.getpid(), signal.SIGSEGV)
elif word == "hang":
    time.sleep(60)
elif word == "create":
    open(sys.argv[2], "w").close()
elif word == "cat":
    sys.stdout.write(sys.stdin.read())
elif word == "env":
    print(os.environ.get(sys.argv[2], "(unset)"))
"""


@pytest.fixture
def tree(root, tmp_path):
    """run(case text, ci=False, files={}) -> (exit status, output) of the runner on one case."""
    tests = tmp_path / "tests"
    (tests / "cases" / "verb" / "case").mkdir(parents=True)
    shutil.copytree(root / "tests" / "support", tests / "support")
    shutil.copy(root / "tests" / "conftest.py", tests)
    shutil.copy(root / "tests" / "cases" / "test_cases.py", tests / "cases")
    shutil.copy(root / "pytest.ini", tmp_path)
    (tests / "allowed-skips.txt").write_text("# none\n")
    program = tmp_path / "stand-in"
    program.write_text(STAND_IN)
    program.chmod(0o755)

    def run(case, ci=False, files=None, **extra):
        folder = tests / "cases" / "verb" / "case"
        (folder / "case.yaml").write_text(case)
        for name, text in (files or {}).items():
            (folder / name).write_text(text)
        env = {**os.environ, "CNSCTL": str(program), "CI": "true" if ci else "", "CNS_SHARED": str(tmp_path / "none"),
               **extra}
        done = subprocess.run([sys.executable, "-B", "-m", "pytest", f"--basetemp={tmp_path / 'inner'}",
                               "tests/cases"],
                              cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    run.folder = tests / "cases" / "verb" / "case"
    return run


@pytest.mark.parametrize("case", [
    "command: say a 'b c'\nstdout: \"a b c\\n\"",
    "command: say one\nstdout_contains: [one]\nstdout_lacks: [two]\nstderr_lacks: [three]",
    "command: fail\nexit: 2\nstderr_contains: [bad input]\nstderr: \"bad input\\n\"",
    "command: document\nstdout_document: {a: {b: 24.10, d: 'yes'}}",
    "command: create out\ncreates: [out]\ncreates_not: [other]",
    "command: cat\nstdin: hello\nstdout: hello",
    "command: env WORD\nenv: {WORD: x}\nstdout: \"x\\n\"",
    "command: env PATH\nenv: {PATH: null}\nstdout_contains: ['']",
    "command: env CNS_DEBUG\nstdout: \"(unset)\\n\"",
    "steps:\n- {command: create out}\n- {command: say x, creates: [out]}",
    "command: say $ROOT/x\nstdout: \"$ROOT/x\\n\"",
])
def test_a_true_case_passes(tree, case):
    code, output = tree(case, CNS_DEBUG="1")
    assert code == 0, output
    assert "1 passed" in output


@pytest.mark.parametrize("case, message", [
    ("command: say a\nstdout: b", "-b"),
    ("command: say a\nexit: 2", "expected exit status 2, found 0"),
    ("command: fail", "expected exit status 0, found 2"),
    ("command: say one\nstdout_contains: [two]", "stdout lacks: 'two'"),
    ("command: say one\nstdout_lacks: [one]", "stdout must not hold: 'one'"),
    ("command: fail\nexit: 2\nstderr_lacks: [bad]", "stderr must not hold"),
    ("command: document\nstdout_document: {a: {b: 24.1}}", "a.b: expected 24.1 (number), found 24.10 (number)"),
    ("command: document\nstdout_document: {a: {c: [1]}}", "a.c: expected 1 items, found 2"),
    ("command: document\nstdout_document: {a: {d: true}}", "a.d: expected True (bool), found 'yes' (str)"),
    ("command: document\nstdout_document: {x: 1}", "x: missing; there are ['a']"),
    ("command: 'say [a'\nstdout_document: {}", "stdout is not a document"),
    ("command: say a\ncreates: [out]", "not created: out"),
    ("command: create out\ncreates_not: [out]", "must not exist: out"),
    ("command: sanitizer", "a sanitizer reported an error"),
    ("command: overflow", "a sanitizer reported an error"),
    ("command: leak\nexit: 99", "a sanitizer reported an error"),
    ("command: die", "died by SIGSEGV"),
    ("command: hang\ntimeout: 1", "still running after 1.0 s"),
    ("command: say a\nstdout_contians: [a]", "unknown keys ['stdout_contians']"),
    ("steps:\n- {command: say a, exti: 1}", "step 1: unknown keys ['exti']"),
    ("steps:\n- {command: say a}\n- {command: say b, stdout: c}", "step 2 of 2"),
    ("exit: 0", "no command"),
    ("command: say a\ncommand: say b", "duplicate key"),
    ("command: say a\nstdout_contains: a", "expected a list of text"),
])
def test_a_false_case_fails(tree, case, message):
    code, output = tree(case)
    assert code == 1
    assert message in output


def test_the_failure_tells_how_to_repeat_the_run(tree):
    _, output = tree("command: say 'a b'\nenv: {WORD: x y}\nexit: 3")
    assert "/case && env WORD='x y' " in output and "stand-in say 'a b'" in output


def test_missing_data_is_a_skip_with_its_reason(tree):
    code, output = tree("command: say a\nneeds: [shared]")
    assert code == 0 and "1 skipped" in output
    assert "data: no folder with test data" in output


def test_a_skip_is_a_failure_where_everything_should_be_there(tree):
    code, output = tree("command: say a\nneeds: [shared]", ci=True)
    assert code == 1 and "1 failed" in output
    assert "allowed-skips.txt" in output


def test_a_skip_that_is_allowed_is_none(tree):
    (tree.folder.parents[2] / "allowed-skips.txt").write_text("*test_case*verb/case*  the reason\n")
    code, output = tree("command: say a\nneeds: [shared]", ci=True)
    assert code == 0 and "1 skipped" in output


def test_a_golden_file_is_compared_and_written_anew(tree):
    case = "command: say new\nstdout_file: golden"
    code, output = tree(case, files={"golden": "old\n"})
    assert code == 1 and "-old" in output and "+new" in output
    code, _ = tree(case, CNS_UPDATE_CASES="1")
    assert code == 0 and (tree.folder / "golden").read_text() == "new\n"
