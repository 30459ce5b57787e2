# SPDX-License-Identifier: Apache-2.0
"""What every command has in common: global options, standard streams, signals."""

import json
import os
import subprocess

import pytest

from support import program


def test_version(cnsctl, root):
    version = (root / "VERSION").read_text().strip()
    assert cnsctl("--version").stdout.startswith(f"cnsctl version {version} (commit: ")
    assert cnsctl("-v").stdout == cnsctl("version").stdout
    document = json.loads(cnsctl("version", "--format", "json").stdout)
    assert document["name"] == "cnsctl" and document["version"] == version


@pytest.mark.parametrize("words", [["--log-json", "verison"], ["verison", "--log-json"]])
def test_errors_as_json(cnsctl, words):
    if words[0] == "verison":  # the command's name is judged before what follows it
        run = cnsctl(*words, exit=2, env={"CNS_LOG_JSON": "true"})
    else:
        run = cnsctl(*words, exit=2)
    line = json.loads(run.stderr)
    assert line["level"] == "error" and line["code"] == "invalid" and "version" in line["hint"]


@pytest.mark.parametrize("variable", ["CNS_LOG_JSON", "AICR_LOG_JSON"])
def test_log_json_by_environment(cnsctl, variable):
    json.loads(cnsctl("nothing", exit=2, env={variable: "1"}).stderr)


def test_environment_is_judged_too(cnsctl):
    run = cnsctl("version", exit=2, env={"CNS_DEBUG": "perhaps"})
    assert "environment variable CNS_DEBUG: 'perhaps' is neither true nor false" in run.stderr


def test_full_standard_output(cnsctl_path):
    with open("/dev/full", "wb") as full:
        run = program.run_program(cnsctl_path, ["--help"], "/", stdout=full)
    assert run.exit == 6
    assert "standard output: cannot write: No space left on device" in run.stderr


def test_closed_standard_output(cnsctl_path):
    command = f'exec "{cnsctl_path}" --help >&-'
    done = subprocess.run(["sh", "-c", command], capture_output=True, env=program.environment(), check=False)
    assert done.returncode == 1 and b"standard output: cannot write" in done.stderr


def test_reader_that_went_away(cnsctl_path):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([cnsctl_path, "--help"], stdout=writing, stderr=subprocess.PIPE, env=program.environment(),
                          check=False)
    os.close(writing)
    assert done.returncode == 141 and done.stderr == b""


def test_json_messages_stay_json(cnsctl_path, tmp_path):
    """File names may hold any bytes but NUL."""
    run = program.run_program(cnsctl_path, ["--log-json", "help", os.fsdecode(b"a\xff\"\n\x1b\xc3\xa9")], tmp_path)
    assert json.loads(run.stderr_bytes)["msg"] == "unknown command 'a\ufffd\"\n\x1b\u00e9'"


def test_messages_do_not_steer_the_terminal(cnsctl_path, tmp_path):
    run = program.run_program(cnsctl_path, ["help", "\x1b[31mred\a"], tmp_path)
    assert "\x1b" not in run.stderr and "\\x1b[31mred\\x07" in run.stderr


def test_long_messages_are_cut(cnsctl_path, tmp_path):
    run = program.run_program(cnsctl_path, ["help", "\u00e9" * 20000], tmp_path)
    assert len(run.stderr_bytes) < 5000 and "bytes) ..." in run.stderr and "\ufffd" not in run.stderr
