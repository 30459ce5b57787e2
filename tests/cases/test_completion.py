# SPDX-License-Identifier: Apache-2.0
"""Completion scripts: every shell reads them, and bash completes with them."""

import os
import pty
import select
import shutil
import signal
import subprocess
import time

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
    """All commands, those of two words too."""
    return cnsctl("help", "--names").stdout.splitlines()


def first_words(cnsctl):
    return [name for name in names(cnsctl) if " " not in name]


def test_commands(cnsctl, complete):
    assert sorted(complete("")) == sorted(first_words(cnsctl))
    assert complete("vers") == ["version"]
    assert complete("--debug", "vers") == ["version"]


def test_options_of_every_command(cnsctl, complete):
    for name in names(cnsctl):
        offered = complete(*name.split(), "--")
        assert "--debug" in offered and "--help" in offered
        for option in offered:
            assert option in cnsctl(*name.split(), "--help").stdout


def test_commands_of_two_words(cnsctl, complete):
    for parent in first_words(cnsctl):
        below = [name.split()[1] for name in names(cnsctl) if name.startswith(f"{parent} ") and name.count(" ") == 1]
        if below:
            assert complete(parent, "") == below
            assert complete(parent, below[0][:-1]) == [below[0]]
    assert complete("recipe", "catalog", "") == ["show", "pack", "diff"]
    assert "--verify" in complete("recipe", "catalog", "show", "--") and "--verify" not in complete("recipe", "catalog", "--")
    assert complete("recipe", "catalog", "diff", "--format", "") == ["text", "json", "yaml"]
    assert complete("recipe", "lint", "--fail-on", "") == ["error", "warning"]
    assert "--maturity" in complete("recipe", "list", "--") and "--maturity" not in complete("recipe", "--")


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
    assert sorted(complete("help", "")) == sorted(first_words(cnsctl))


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


def fish_offers(tool, script, line):
    environment = {**os.environ, "HOME": str(script.parent), "XDG_CONFIG_HOME": str(script.parent)}
    done = subprocess.run([tool("fish"), "--no-config", "-c", f"source {script}; complete -C '{line}'"],
                          capture_output=True, text=True, check=True, timeout=60, env=environment)
    return [row.split("\t")[0] for row in done.stdout.splitlines()]


def test_fish_completes(cnsctl, tool, tmp_path):
    script = tmp_path / "cnsctl.fish"
    script.write_text(cnsctl("completion", "fish").stdout)
    assert fish_offers(tool, script, "cnsctl vers") == ["version"]
    assert sorted(fish_offers(tool, script, "cnsctl version --format ")) == ["json", "text", "yaml"]
    assert "--format=" in [name.rstrip("=") + "=" for name in fish_offers(tool, script, "cnsctl version --form")]


def read_until(terminal, wanted, seconds=30):
    seen = b""
    deadline = time.monotonic() + seconds
    while wanted not in seen:
        readable, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
        assert readable, f"waited for {wanted!r}, saw {seen!r}"
        seen += os.read(terminal, 4096)
    return seen


def test_zsh_completes(cnsctl, tool, tmp_path):
    """Presses the tabulator key in an interactive shell."""
    script = tmp_path / "_cnsctl"
    script.write_text(cnsctl("completion", "zsh").stdout)
    zsh = tool("zsh")
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(ZDOTDIR=str(tmp_path), TERM="dumb", PS1="", LC_ALL="C.UTF-8")
        os.execv(zsh, [zsh, "-f", "-i"])
    try:
        os.write(terminal, f"autoload -Uz compinit; compinit -u -D; source {script}; print REA''DY\n".encode())
        read_until(terminal, b"READY")
        os.write(terminal, b"cnsctl vers\t--format=j\t")
        assert b"ion " in read_until(terminal, b"son")
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
