# SPDX-License-Identifier: Apache-2.0
"""Where output cannot go: the status and the message say why, and nothing half-written stays behind."""

import os
import resource
import subprocess

import pytest

from support import program

RECIPE = ["recipe", "--service", "eks", "--accelerator", "h100", "--intent", "training", "--os", "ubuntu"]
DOCUMENTS = {
    "recipe": RECIPE,
    "validate": ["validate", "--recipe", "recipe.yaml", "--snapshot", "snapshot.yaml", "--format", "json"],
    "snapshot": ["snapshot"],
}
BUNDLE = ["bundle", "--recipe", "recipe.yaml"]


@pytest.fixture
def folder(cnsctl, tmp_path):
    cnsctl(*RECIPE, "--output", "recipe.yaml")
    cnsctl("snapshot", "--output", "snapshot.yaml")
    return tmp_path


def names_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("words", DOCUMENTS.values(), ids=DOCUMENTS.keys())
@pytest.mark.parametrize("output, statuses, message", [
    ("absent/out.yaml", (3,), "absent"),
    ("recipe.yaml/out.yaml", (3, 9), "recipe.yaml"),
    (".", (9,), "directory"),
    ("/proc/out.yaml", (3, 4), "/proc/out.yaml"),
    ("/dev/full", (6,), "No space left"),
    ("n" * 300, (7,), "nnn"),
    ("loop", (2,), "loop"),
    ("dangling", (3,), "symbolic link"),
    ("https://127.0.0.1/x", (2,), "only be read"),
    ("s3://bucket/x", (6,), "not in this build"),
])
def test_documents(cnsctl, folder, words, output, statuses, message):
    (folder / "loop").symlink_to("loop")
    (folder / "dangling").symlink_to("nowhere")
    before = names_below(folder)
    run = cnsctl(*words, "--output", output, cwd=folder, exit=None)
    assert run.exit in statuses and message in run.stderr and run.stdout == "", run
    assert names_below(folder) == before


@pytest.mark.parametrize("output, statuses", [
    ("recipe.yaml", (2, 9)), ("recipe.yaml/below", (2, 3, 9)), ("/proc/bundle", (3, 4)), ("n" * 300, (7,)),
    ("loop", (2, 9)), ("s3://bucket/x", (2, 6))])
def test_bundles(cnsctl, folder, output, statuses):
    (folder / "loop").symlink_to("loop")
    before = names_below(folder)
    run = cnsctl(*BUNDLE, "--output", output, cwd=folder, exit=None)
    assert run.exit in statuses and run.stderr, run
    assert names_below(folder) == before


def run_with_file_limit(path, words, folder, size):
    """No file over `size` bytes can be written: what a full disk or a quota does, without needing one."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return subprocess.run([path, *words], cwd=folder, env=program.environment(), capture_output=True, text=True,
                          timeout=60, check=False, preexec_fn=limit)


@pytest.mark.parametrize("size", [0, 1, 512])
@pytest.mark.parametrize("words", [*DOCUMENTS.values(), BUNDLE], ids=[*DOCUMENTS.keys(), "bundle"])
def test_file_size_limit(cnsctl_path, folder, words, size):
    before = names_below(folder)
    run = run_with_file_limit(cnsctl_path, [*words, "--output", "out"], folder, size)
    assert run.returncode in (6, 7), run
    assert "File too large" in run.stderr and run.stdout == ""
    assert names_below(folder) == before


@pytest.fixture
def small_disk(folder):
    """A file system of 64 KiB; needs the right to mount."""
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("right: mounting a file system (root)")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("words", [*DOCUMENTS.values(), BUNDLE], ids=[*DOCUMENTS.keys(), "bundle"])
def test_full_disk(cnsctl, folder, small_disk, words):
    with open(small_disk / "filler", "wb", buffering=0) as filler, pytest.raises(OSError):
        while True:
            filler.write(b"x" * 4096)
    run = cnsctl(*words, "--output", "disk/out", cwd=folder, exit=6)
    assert "No space left on device" in run.stderr and run.stdout == ""
    assert os.listdir(small_disk) == ["filler"]


@pytest.mark.parametrize("words", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_reader_that_went_away(cnsctl_path, folder, words):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([cnsctl_path, *words], cwd=folder, stdout=writing, stderr=subprocess.PIPE,
                          env=program.environment(), check=False)
    os.close(writing)
    assert done.returncode == 141 and b"rror" not in done.stderr, done


@pytest.mark.parametrize("words", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_full_standard_output(cnsctl_path, folder, words):
    with open("/dev/full", "wb") as full:
        run = program.run_program(cnsctl_path, words, folder, stdout=full)
    assert run.exit == 6 and run.stderr.count("standard output: cannot write: No space left on device") == 1


def test_read_only_folder(cnsctl_path, folder):
    if os.geteuid() == 0:
        pytest.skip("right: not to be root, who may write everywhere")
    locked = folder / "locked"
    locked.mkdir(mode=0o555)
    for words in [*DOCUMENTS.values(), BUNDLE]:
        run = program.run_program(cnsctl_path, [*words, "--output", "locked/out"], folder)
        assert run.exit == 4 and "Permission denied" in run.stderr
        assert os.listdir(locked) == []
