# SPDX-License-Identifier: Apache-2.0
"""Completion scripts: every shell reads them, and bash completes with them."""

import shutil
import subprocess

import pytest

BASH = r"""
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_cnsctl
printf '%s\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def complete(cnsctl, tmp_path):
    """complete(*words) -> what bash offers for the last word."""
    script = tmp_path / "cnsctl.bash"
    script.write_text(cnsctl("completion", "bash").stdout)

    def run(*words):
        done = subprocess.run(["bash", "--norc", "-c", BASH, "bash", script, "cnsctl", *words], cwd=tmp_path,
                              capture_output=True, text=True, timeout=20, check=True)
        assert done.stderr == ""
        return [line for line in done.stdout.splitlines() if line]

    return run


def names(cnsctl):
    return cnsctl("help", "--names").stdout.split()


def test_commands(cnsctl, complete):
    assert sorted(complete("")) == sorted(names(cnsctl))
    assert complete("vers") == ["version"]
    assert complete("--debug", "vers") == ["version"]


def test_options_of_every_command(cnsctl, complete):
    for name in names(cnsctl):
        offered = complete(name, "--")
        assert "--debug" in offered and "--help" in offered
        for option in offered:
            assert option in cnsctl(name, "--help").stdout


def test_values_of_choices(complete):
    assert complete("version", "--format", "") == ["text", "json", "yaml"]
    assert complete("version", "--format", "j") == ["json"]
    assert complete("version", "-t", "y") == ["yaml"]
    # As bash splits --format=j and --format= at the equals sign.
    assert complete("version", "--format", "=", "j") == ["json"]
    assert complete("version", "--format", "=") == ["text", "json", "yaml"]


def test_arguments(cnsctl, complete):
    assert complete("completion", "") == ["bash", "zsh", "fish"]
    assert complete("help", "ver") == ["version"]
    assert sorted(complete("help", "")) == sorted(names(cnsctl))


def test_bash_script_is_clean(cnsctl, tool, tmp_path):
    script = tmp_path / "cnsctl.bash"
    script.write_text(cnsctl("completion", "bash").stdout)
    subprocess.run([tool("shellcheck"), "-s", "bash", script], check=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_reads_it(cnsctl, shell, tmp_path):
    if not shutil.which(shell):
        pytest.skip(f"tool: {shell}")
    script = tmp_path / "script"
    script.write_text(cnsctl("completion", shell).stdout)
    done = subprocess.run([shell, "-n", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == ""


def test_unknown_shell(cnsctl):
    run = cnsctl("completion", "bsh", exit=2)
    assert run.stdout == "" and "did you mean 'bash'?" in run.stderr
