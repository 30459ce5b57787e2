# SPDX-License-Identifier: Apache-2.0
"""Exit statuses of docs/exit-codes.md: each row that a test can bring about is brought about, through validate."""

import json
import os
import re
import socket

import pytest

SNAPSHOT = {"kind": "Snapshot", "apiVersion": "cns.nvidia.com/v1alpha1", "measurements": [
    {"type": "OS", "subtypes": [{"subtype": "release", "data": {"ID": "debian"}}]}]}
RECIPE = {"kind": "RecipeResult", "apiVersion": "cns.nvidia.com/v1alpha1", "componentRefs": [],
          "constraints": [{"name": "OS.release.ID", "value": "debian"}]}
FAILING = {**RECIPE, "constraints": [{"name": "OS.release.ID", "value": "ubuntu"}]}


@pytest.fixture
def inputs(tmp_path):
    for name, document in (("snapshot", SNAPSHOT), ("recipe", RECIPE), ("failing", FAILING)):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    (tmp_path / "deep.json").write_text("[" * 200)
    (tmp_path / "secret.json").write_text(json.dumps(SNAPSHOT))
    (tmp_path / "secret.json").chmod(0)


ROWS = [
    (0, "-r recipe.json -s snapshot.json", {}),
    (2, "-r recipe.json -s snapshot.json --phase nonsense", {}),
    (2, "-r recipe.json -s recipe.json", {}),
    (3, "-r recipe.json -s missing.json", {}),
    (3, "-r missing.json -s snapshot.json", {}),
    (5, "-r recipe.json -s {silent}", {"CNS_HTTP_TIMEOUT": "1"}),
    (6, "-r recipe.json -s cm://gpu-operator/cnsctl-snapshot", {}),
    (6, "-r recipe.json -s snapshot.json -o /dev/full", {}),
    (7, "-r deep.json -s snapshot.json", {}),
    (8, "-r failing.json -s snapshot.json", {}),
]


@pytest.mark.parametrize("status,arguments,env", ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_validate_ends_with(cnsctl, inputs, silent_server, status, arguments, env):
    run = cnsctl("validate", *arguments.format(silent=silent_server).split(), env=env, exit=status)
    assert (status in (0, 8)) == (run.stderr == "")
    assert (status in (0, 8)) == (run.stdout != "")


@pytest.mark.skipif(os.geteuid() == 0, reason="user: root may read everything")
def test_unreadable_is_denied(cnsctl, inputs):
    cnsctl("validate", "-r", "recipe.json", "-s", "secret.json", exit=4)


@pytest.fixture
def silent_server():
    """The address of a server that takes the connection and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/snapshot.json"


def test_the_page_has_the_table_of_the_program(root):
    page = (root / "docs" / "exit-codes.md").read_text()
    listed = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", page, re.M) for code in row.split(",")}
    source = (root / "src/usecase/status.c").read_text()
    known = {int(code) for code in re.findall(r"\[ERROR_\w+\] = (\d+)", source)} | {0, 8, 143, 141}
    assert listed == known
