# SPDX-License-Identifier: Apache-2.0
"""Makes every single call of the C library fail, one run each: allocation, open, read, write, fsync, rename, mkdir and
connect. Whatever fails, the program ends with a status of its own, says something, and what it wrote is whole or absent.

It runs over the release build: the sanitizers' own allocator would be what fails. A fault lasts one call ("once") or
from then on ("on"), as a full disk does."""

import errno
import os
import subprocess

import pytest
import yaml

from support import program, web

# What may come out of a run in which something failed: docs/exit-codes.md.
STATUSES = set(range(0, 10))
# Each call in turn up to here, then with growing steps: thousands of allocations fail the same way. CNS_FAULTS=all
# makes every one fail.
EVERY, GROWTH = (10**9, 0) if os.environ.get("CNS_FAULTS") == "all" else (25, 0.15)

ERRNO = {"malloc": errno.ENOMEM, "open": errno.EMFILE, "read": errno.EIO, "write": errno.ENOSPC, "fsync": errno.EIO,
         "rename": errno.EACCES, "mkdir": errno.EACCES, "connect": errno.ECONNREFUSED}

CRITERIA = "kind: RecipeCriteria\nspec: {service: eks, accelerator: h100, intent: training, os: ubuntu}\n"
# Words of the command, and what it writes; {server} is a web server with the criteria.
COMMANDS = {
    "recipe": (["recipe", "--criteria", "criteria.yaml", "--output", "out/recipe.yaml"], "out/recipe.yaml"),
    "recipe-http": (["recipe", "--criteria", "{server}", "--output", "out/recipe.yaml"], "out/recipe.yaml"),
    "validate": (["validate", "--recipe", "recipe.yaml", "--snapshot", "snapshot.yaml", "--format", "json", "--output",
                  "out/report.json"], "out/report.json"),
    "bundle": (["bundle", "--recipe", "recipe.yaml", "--output", "out/bundle"], "out/bundle"),
    "snapshot": (["snapshot", "--output", "out/snapshot.yaml"], "out/snapshot.yaml"),
}
FAULTS = [(name, call, kind) for name in COMMANDS for call, kind in (
    ("malloc", "NTH"), ("open", "NTH"), ("read", "NTH"), ("write", "NTH"), ("write", "FROM"), ("fsync", "NTH"),
    ("rename", "NTH"), ("mkdir", "NTH"), ("connect", "NTH")) if (call == "connect") == (name == "recipe-http")]


@pytest.fixture(scope="module")
def library(cnsctl_path):
    path = cnsctl_path.parents[1] / "tests" / "fault" / "libfault.so"
    if not path.exists():
        pytest.skip(f"build: {path} (a build with -Dtests=true, next to the program under test)")
    return path


@pytest.fixture(scope="module")
def server():
    with web.Server(CRITERIA.encode()) as running:
        yield running


def tree_of(path):
    """All files below, by name, with their bytes; None where nothing is there."""
    if path.is_file():
        return {"": path.read_bytes()}
    if not path.exists():
        return None
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


class Ground:
    """A folder with inputs, in which a command runs again and again with one fault each."""

    def __init__(self, folder, release_path, library, server):
        self.folder = folder
        self.program = release_path
        self.library = library
        self.server = server
        self.report = folder / "fault-happened"
        (folder / "criteria.yaml").write_text(CRITERIA)
        self.run("recipe", "--criteria", "criteria.yaml", "--output", "recipe.yaml")
        self.run("snapshot", "--output", "snapshot.yaml")

    def run(self, *words, **fault):
        environment = program.environment({"SOURCE_DATE_EPOCH": "1700000000", "CNS_HTTP_TIMEOUT": "5"})
        if fault:
            environment.update({name: str(value) for name, value in fault.items()}, LD_PRELOAD=str(self.library),
                               FAULT_REPORT=str(self.report))
        words = [self.server.url("/document") if word == "{server}" else word for word in words]
        done = subprocess.run([self.program, *words], cwd=self.folder, env=environment, capture_output=True, text=True,
                              timeout=60, check=False)
        assert fault or done.returncode in (0, 8), done
        return done

    def clear(self):
        self.report.unlink(missing_ok=True)
        subprocess.run(["rm", "-rf", self.folder / "out"], check=True)
        (self.folder / "out").mkdir()

    def left_over(self, output):
        kept = {self.folder / output}
        return [path for path in (self.folder / "out").iterdir() if path not in kept]


def is_whole(name, tree, expected):
    """A snapshot differs from run to run, but is complete or not; everything else has one right answer."""
    if name != "snapshot":
        return tree == expected
    document = yaml.safe_load(tree[""])
    return document["kind"] == "Snapshot" and bool(document["measurements"])


@pytest.mark.parametrize("name, call, kind", FAULTS, ids=lambda value: str(value).lower())
def test_one_call_fails(name, call, kind, release_path, library, server, tmp_path):
    ground = Ground(tmp_path, release_path, library, server)
    words, output = COMMANDS[name]
    ground.clear()
    usual = ground.run(*words)
    expected = tree_of(tmp_path / output)
    assert expected
    number, happened = 1, 0
    while True:
        ground.clear()
        done = ground.run(*words, FAULT_CALL=call, FAULT_ERRNO=ERRNO[call], **{f"FAULT_{kind}": number})
        about = f"{call} number {number} ({kind.lower()}) failed: exit {done.returncode}: {done.stderr}"
        tree = tree_of(tmp_path / output)
        if not ground.report.exists():
            assert done.returncode == usual.returncode and is_whole(name, tree, expected), about
            break
        happened += 1
        assert done.returncode in STATUSES, about
        # A fault that hits the message itself leaves none.
        assert done.returncode in (0, 8) or done.stderr or call == "write", about
        assert done.stdout == "" or name == "bundle", about
        assert tree is None or is_whole(name, tree, expected), about
        assert done.returncode not in (0, 8) or tree is not None, about
        assert ground.left_over(output) == [], about
        number = number + 1 if number < EVERY else number + 1 + int(number * GROWTH)
    assert happened or call in ("rename", "mkdir", "fsync"), "no such call was ever made: nothing was tested"


@pytest.mark.parametrize("call", ["write", "fsync", "rename", "malloc"])
def test_an_older_file_stays(call, release_path, library, server, tmp_path):
    """What stood there before is there afterwards, or the new document is."""
    ground = Ground(tmp_path, release_path, library, server)
    words, output = COMMANDS["recipe"]
    ground.clear()
    ground.run(*words)
    expected = tree_of(tmp_path / output)[""]
    for number in range(1, 400, 1 if call != "malloc" else 13):
        ground.clear()
        (tmp_path / output).write_text("older\n")
        os.chmod(tmp_path / output, 0o600)
        done = ground.run(*words, FAULT_CALL=call, FAULT_ERRNO=ERRNO[call], FAULT_NTH=number)
        found = (tmp_path / output).read_bytes()
        assert found in (b"older\n", expected) and (done.returncode or found == expected), done
        assert (tmp_path / output).stat().st_mode & 0o777 == 0o600
        assert ground.left_over(output) == []
        if not ground.report.exists():
            return
