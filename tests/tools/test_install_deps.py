# SPDX-License-Identifier: Apache-2.0
"""The package installer: asks apt only for what is missing, and asks nothing when all is there."""

import os
import subprocess

import pytest


@pytest.fixture
def machine(root, tmp_path):
    """run(argument..., installed=[...], user=0, apt_fails=0): install-deps.sh with stand-ins for dpkg-query, apt-get,
    id and sudo."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def script(name, text):
        (folder / name).write_text("#!/bin/bash\n" + text)
        (folder / name).chmod(0o755)

    def run(*arguments, installed, user=0, apt_fails=0):
        rows = "".join(f"{name} installed\\n" for name in installed) + "xterm config-files\\nlibyaml-dev:amd64 installed\\n"
        script("dpkg-query", f"printf '{rows}'\n")
        script("id", f"echo {user}\n")
        script("apt-get", f'echo "apt-get $*" >>{tmp_path}/calls\n'
                          f'[ "$(grep -c " install" {tmp_path}/calls)" -gt {apt_fails} ] || [[ " $* " = *" update "* ]]\n')
        script("sudo", f'echo "sudo $*" >>{tmp_path}/calls\nexec "$@"\n')
        done = subprocess.run(["bash", root / "tools" / "install-deps.sh", *arguments], capture_output=True, text=True,
                              env={**os.environ, "PATH": f"{folder}:/usr/bin:/bin"}, check=False)
        calls = (tmp_path / "calls").read_text().splitlines() if (tmp_path / "calls").exists() else []
        return done, calls

    return run


def listed(root, *groups):
    done = subprocess.run([root / "tools" / "install-deps.sh", "--list", *groups], capture_output=True, text=True,
                          check=True)
    return done.stdout.split()


def test_all_there_is_a_no_op(root, machine):
    done, calls = machine("build", "test", "lint", installed=listed(root, "build", "test", "lint"))
    assert (done.returncode, done.stdout, done.stderr, calls) == (0, "", "", [])


def test_only_what_is_missing_is_installed(root, machine):
    there = [name for name in listed(root, "build") if name not in ("meson", "libyaml-dev")]
    done, calls = machine("build", installed=there)
    assert done.returncode == 0
    assert "Installing these packages with apt: meson" in done.stdout
    install = [call for call in calls if " install " in call]
    assert len(install) == 1 and install[0].endswith("--no-install-recommends meson")


def test_lists_are_renewed_when_an_install_fails(root, machine):
    there = [name for name in listed(root, "build") if name != "meson"]
    done, calls = machine("build", installed=there, apt_fails=1)
    assert done.returncode == 0
    assert [call.rsplit(" ", 1)[1] for call in calls][-3:] == ["meson", "update", "meson"]


def test_sudo_is_used_by_others_than_root(root, machine):
    there = [name for name in listed(root, "build") if name != "ninja-build"]
    done, calls = machine("build", installed=there, user=1000)
    assert done.returncode == 0
    assert calls[0].startswith("sudo env DEBIAN_FRONTEND=noninteractive")


def test_an_unknown_group_is_refused(root, machine):
    done, calls = machine("everything", installed=[])
    assert done.returncode == 2 and not calls
    assert "usage:" in done.stderr
