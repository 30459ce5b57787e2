# SPDX-License-Identifier: Apache-2.0
"""Being told to stop: at once, by that signal (so that a shell sees 130 or 143), and nothing half-made stays."""

import os
import shutil
import signal
import subprocess
import time

import pytest

from support import program

RECIPE = ["recipe", "--service", "eks", "--accelerator", "h100", "--intent", "training", "--os", "ubuntu"]
STOPPING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def start(path, words, folder, **options):
    return subprocess.Popen([path, *words], cwd=folder, env=program.environment(), stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def wait_until_reading(process):
    """Until the process has drained the pipe and sleeps for more."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
            if stat.read().rsplit(")", 1)[1].split()[0] == "S":
                return
        time.sleep(0.01)
    raise AssertionError("the program never waited for input")


@pytest.fixture
def folder(cnsctl, tmp_path):
    cnsctl(*RECIPE, "--output", "recipe.yaml")
    return tmp_path


@pytest.mark.parametrize("number", STOPPING)
def test_in_the_middle_of_input(cnsctl_path, folder, number):
    words = ["validate", "--recipe", "recipe.yaml", "--snapshot", "-", "--output", "report.json", "--format", "json"]
    with start(cnsctl_path, words, folder) as process:
        process.stdin.write(b"kind: Snapshot\napiVersion: cns.nvidia.com/v1alpha1\nmeasure")
        process.stdin.flush()
        time.sleep(0.2)
        wait_until_reading(process)
        process.send_signal(number)
        stdout, _ = process.communicate(timeout=20)
    assert process.returncode == -number
    assert stdout == b"" and os.listdir(folder) == ["recipe.yaml"]


@pytest.mark.parametrize("number, status", [(2, 130), (15, 143)])
def test_what_a_shell_sees(cnsctl_path, folder, number, status):
    os.mkfifo(folder / "pipe")
    # A shell starts what runs in the background with SIGINT ignored; env undoes that.
    script = ('env --default-signal=INT "$0" validate --recipe recipe.yaml --snapshot pipe & exec 3>pipe; sleep 0.3; '
              'kill -$1 $!; wait $!; echo $?')
    done = subprocess.run(["bash", "-c", script, cnsctl_path, str(number)], cwd=folder, text=True,
                          env=program.environment(), capture_output=True, timeout=30, check=False)
    assert done.stdout.strip() == str(status), done


def test_what_is_ignored_stays_ignored(cnsctl_path, folder, cnsctl):
    snapshot = cnsctl("snapshot").stdout_bytes
    words = ["validate", "--recipe", "recipe.yaml", "--snapshot", "-"]
    ignore = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with start(cnsctl_path, words, folder, preexec_fn=ignore) as process:
        process.stdin.write(snapshot[:1000])
        process.stdin.flush()
        time.sleep(0.3)
        process.send_signal(signal.SIGHUP)
        time.sleep(0.1)
        process.communicate(snapshot[1000:], timeout=20)
    assert process.returncode in (0, 8)


def files_below(path):
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


@pytest.mark.parametrize("words", [
    ["bundle", "--recipe", "recipe.yaml", "--output", "out/made"], [*RECIPE, "--output", "out/made"],
    ["snapshot", "--output", "out/made"]], ids=lambda words: words[0])
def test_at_any_moment(release_path, folder, words):
    """Whatever the moment, the output is whole or absent, and nothing else lies beside it."""
    out = folder / "out"
    out.mkdir()
    start_ns = time.monotonic_ns()
    subprocess.run([release_path, *words], cwd=folder, env=program.environment(), capture_output=True, check=True)
    span = (time.monotonic_ns() - start_ns) / 1e9
    made = out / "made"
    usual = files_below(made) if made.is_dir() else made.read_bytes()
    endings = set()
    for step in range(40):
        shutil.rmtree(out)
        out.mkdir()
        with start(release_path, words, folder) as process:
            time.sleep(span * step / 30)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
        endings.add(process.returncode)
        assert process.returncode in (0, -signal.SIGTERM)
        assert os.listdir(out) in ([], ["made"])
        if made.exists() and words[0] != "snapshot":
            assert (files_below(made) if made.is_dir() else made.read_bytes()) == usual
        if process.returncode == 0:
            assert made.exists()
    assert endings == {0, -signal.SIGTERM} or len(endings) == 1


def test_programs_that_were_started_stop_too(cnsctl_path, tmp_path):
    """nvidia-smi stands in a process group of its own, which neither the terminal nor a plain kill reaches."""
    slow = tmp_path / "nvidia-smi"
    slow.write_text("#!/bin/sh\necho $$ >started.tmp\nmv started.tmp started\nexec sleep 300\n")
    slow.chmod(0o755)
    environment = {**program.environment(), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with subprocess.Popen([cnsctl_path, "snapshot", "--filter", "gpu", "--output", "snapshot.yaml"], cwd=tmp_path,
                          env=environment, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 10
        while not (tmp_path / "started").exists():
            assert time.monotonic() < deadline and process.poll() is None, "nvidia-smi was never started"
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == -signal.SIGTERM
    started = int((tmp_path / "started").read_text())
    deadline = time.monotonic() + 10
    while os.path.exists(f"/proc/{started}/stat"):
        with open(f"/proc/{started}/stat", encoding="ascii") as stat:
            if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                break
        assert time.monotonic() < deadline, "nvidia-smi goes on"
        time.sleep(0.02)
