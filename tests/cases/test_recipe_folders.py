# SPDX-License-Identifier: Apache-2.0
"""Folders of data as a hostile or careless world leaves them: links, loops, devices, files that are too large or may
not be read. Cases cannot carry these in a repository."""

import os

import pytest

OVERLAY = """apiVersion: cns.nvidia.com/v1alpha1
kind: RecipeMetadata
metadata: {name: ours}
spec: {criteria: {service: eks}}
"""


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    (folder / "overlays").mkdir(parents=True)
    (folder / "overlays" / "ours.yaml").write_text(OVERLAY)
    return folder


def refused(cnsctl, exit_status, *pieces, option="--data"):
    done = cnsctl("recipe", "--service", "eks", option, "data", exit=exit_status)
    assert done.stdout == ""
    for piece in pieces:
        assert piece in done.stderr, done.stderr


def test_plain_folder_works(cnsctl, data):
    assert "  - ours\n" in cnsctl("recipe", "--service", "eks", "--data", "data").stdout


def test_link_to_a_file(cnsctl, data, tmp_path):
    (tmp_path / "elsewhere.yaml").write_text(OVERLAY)
    (data / "overlays" / "link.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    refused(cnsctl, 2, "data/overlays/link.yaml: is a symbolic link")


def test_link_that_loops(cnsctl, data):
    (data / "overlays" / "again").symlink_to("..")
    refused(cnsctl, 2, "data/overlays/again: is a symbolic link")
    refused(cnsctl, 2, "data/overlays/again: is a symbolic link", option="--catalog")


def test_link_to_itself(cnsctl, data):
    (data / "self").symlink_to("self")
    refused(cnsctl, 2, "data/self: is a symbolic link")


def test_the_folder_is_a_link(cnsctl, data, tmp_path):
    data.rename(tmp_path / "real")
    data.symlink_to("real")
    refused(cnsctl, 2, "data: is a symbolic link")


def test_pipe_does_not_hang(cnsctl, data):
    os.mkfifo(data / "overlays" / "pipe.yaml")
    refused(cnsctl, 2, "data/overlays/pipe.yaml: is neither a file nor a directory")


def test_file_that_is_too_large(cnsctl, data):
    with open(data / "components.yaml", "wb") as file:
        file.truncate(10 * 1024 * 1024 + 1)
    refused(cnsctl, 7, "data/components.yaml: has 10485761 bytes, more than the limit of 10485760")


def test_unreadable_file(cnsctl, data):
    if os.geteuid() == 0:
        pytest.skip("privilege: root reads everything")
    (data / "overlays" / "ours.yaml").chmod(0)
    refused(cnsctl, 4, "cannot open data/overlays/ours.yaml")


def test_binary_and_empty_overlays(cnsctl, data):
    (data / "overlays" / "x.yaml").write_bytes(bytes(range(256)))
    refused(cnsctl, 2, "data/overlays/x.yaml")
    (data / "overlays" / "x.yaml").write_bytes(b"")
    refused(cnsctl, 2, "data/overlays/x.yaml")
    (data / "overlays" / "x.yaml").write_text("[" * 100000)
    refused(cnsctl, 7, "data/overlays/x.yaml")


def test_data_that_is_the_source_folder(cnsctl, root):
    """The built-in files laid over themselves change nothing."""
    options = ("recipe", "--service", "eks", "--accelerator", "h100", "--intent", "training")
    plain = cnsctl(*options, cwd=root).stdout
    # But for the line that says where they come from: the digest is the same.
    for option in ("--data", "--catalog"):
        assert cnsctl(*options, option, "recipes", cwd=root).stdout.replace("    source: recipes\n", "") == plain
