# SPDX-License-Identifier: Apache-2.0
"""Help, manual pages and docs/cli.md: generated from the table of commands, complete, fresh and well-formed."""

import os
import pty
import struct
import fcntl
import termios
import subprocess

import pytest


def names(cnsctl):
    return cnsctl("help", "--names").stdout.splitlines()


def test_docs_are_fresh(cnsctl, root):
    assert (root / "docs" / "cli.md").read_text() == cnsctl("help", "--markdown").stdout, \
        "run: cnsctl help --markdown > docs/cli.md"


def test_every_command_is_told_in_full(cnsctl):
    program = cnsctl("--help").stdout
    assert cnsctl().stdout == program
    assert cnsctl("help").stdout == program
    for name in names(cnsctl):
        text = cnsctl(*name.split(), "--help").stdout
        assert f"\n  {name} " in program
        assert text == cnsctl("help", *name.split()).stdout
        assert "\nUsage:\n" in text and "\nExamples:\n" in text
        assert all(len(line) <= 100 for line in text.splitlines() if "cnsctl" not in line and "http" not in line), text


def test_help_wins_over_what_is_missing(cnsctl):
    assert cnsctl("completion", "--help").stdout == cnsctl("help", "completion").stdout


def terminal_output(path, columns, *arguments):
    """What the program writes to a terminal of that width."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "NO_COLOR": "1"}
    with subprocess.Popen([path, *arguments], stdout=slave, stderr=slave, env=environment) as process:
        os.close(slave)
        output = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # the terminal's end, on Linux
                break
            if not part:
                break
            output += part
    os.close(master)
    assert process.returncode == 0
    return output.decode().replace("\r\n", "\n")


def test_help_fits_the_terminal(cnsctl_path):
    prose = terminal_output(cnsctl_path, 60, "--help").split("\nUsage:")[0]
    assert len(prose.splitlines()) > 6
    assert max(len(line) for line in prose.splitlines()[1:]) <= 60


def check_page(page, tool):
    done = subprocess.run([tool("groff"), "-man", "-Tutf8", "-ww", "-z"], input=page, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr


def test_manual_pages(cnsctl, tool):
    page = cnsctl("help", "--man").stdout
    check_page(page, tool)
    for name in names(cnsctl):
        assert "cnsctl\\-" + name.replace(" ", "\\-") in page
        check_page(cnsctl("help", "--man", *name.split()).stdout, tool)


@pytest.mark.parametrize("arguments", [["--man", "--markdown"], ["--man", "--names"]])
def test_one_form_at_a_time(cnsctl, arguments):
    assert "exclude each other" in cnsctl("help", *arguments, exit=2).stderr
