# SPDX-License-Identifier: Apache-2.0
"""Bundles as a whole: their bytes, their values, and what is left on disk when something goes wrong."""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

RECIPE = Path(__file__).resolve().parent / "bundle" / "basic" / "recipe.yaml"
LEAF = ("--service", "eks", "--accelerator", "h100", "--intent", "training", "--os", "ubuntu")


def tree(folder):
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mode & 0o777)
            for path in sorted(folder.rglob("*")) if path.is_file()}


def values(folder, component):
    return yaml.safe_load((folder / component / "values.yaml").read_text())


def test_same_bytes(cnsctl, tmp_path):
    recipe = cnsctl("recipe", *LEAF).stdout
    options = ("--set", "gpuoperator:driver.version=570.10", "--accelerated-node-selector", "a=b", "--nodes", "4")
    cnsctl("bundle", "-r", "-", "-o", "one", *options, stdin=recipe)
    time.sleep(1.1)
    cnsctl("bundle", "-r", "-", "-o", "sub/two", *options, stdin=recipe, env={"TZ": "Asia/Tokyo", "LC_ALL": "C", "USER": "x"})
    one = tree(tmp_path / "one")
    assert one == tree(tmp_path / "sub" / "two")
    assert len(one) > 30
    cnsctl("bundle", "-r", "-", "-o", "one", *options, stdin=recipe)
    assert one == tree(tmp_path / "one")


def test_inlined_recipe_gives_the_same_bundle(cnsctl, tmp_path):
    cnsctl("bundle", "-r", "-", "-o", "by-reference", stdin=cnsctl("recipe", *LEAF).stdout)
    cnsctl("bundle", "-r", "-", "-o", "inlined", stdin=cnsctl("recipe", *LEAF, "--inline-values").stdout)
    one, two = tree(tmp_path / "by-reference"), tree(tmp_path / "inlined")
    for name in ("recipe.yaml", "checksums.txt"):
        del one[name], two[name]
    assert one == two


def test_checksums_cover_every_file(cnsctl, tmp_path):
    cnsctl("bundle", "-r", RECIPE, "-o", "out")
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "checksums.txt"], cwd=tmp_path / "out", check=True)
    names = [line.split("  ", 1)[1] for line in (tmp_path / "out" / "checksums.txt").read_text().splitlines()]
    assert names == sorted(set(tree(tmp_path / "out")) - {"checksums.txt"})
    assert {name for name, (_, mode) in tree(tmp_path / "out").items() if mode & 0o100} == {"deploy.sh", "undeploy.sh"}


def test_recipe_in_bundle_is_the_one_given(cnsctl, tmp_path):
    given = yaml.safe_load(RECIPE.read_text())
    cnsctl("bundle", "-r", RECIPE, "-o", "out", "--set", "gpuoperator:driver.version=1.5", "--accelerated-node-selector", "a=b")
    assert yaml.safe_load((tmp_path / "out" / "recipe.yaml").read_text()) == given
    # ... and can be bundled again, to the same values.
    cnsctl("bundle", "-r", "out/recipe.yaml", "-o", "again")
    cnsctl("bundle", "-r", RECIPE, "-o", "plain")
    assert tree(tmp_path / "again") == tree(tmp_path / "plain")


def test_values(cnsctl, tmp_path):
    cnsctl("bundle", "-r", RECIPE, "-o", "out", "--set", "gpuoperator:driver.version=570.10,toolkit.env[1].name=B",
           "--set-string", "gpu-operator:driver.maxParallelUpgrades=7", "--set-json", "gpu-operator:toolkit.env[0]={\"x\":[1,2]}",
           "--accelerated-node-toleration", "dedicated=gpu:NoSchedule")
    assert values(tmp_path / "out", "gpu-operator") == {
        "driver": {"version": "570.10", "enabled": True, "maxParallelUpgrades": "7"},
        "toolkit": {"env": [{"x": [1, 2]}, {"name": "B"}]},
        "daemonsets": {"tolerations": [{"key": "dedicated", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"}]}}
    assert "version: '570.10'" in (tmp_path / "out/gpu-operator/values.yaml").read_text() or \
        'version: "570.10"' in (tmp_path / "out/gpu-operator/values.yaml").read_text()
    manifest = yaml.safe_load((tmp_path / "out/gpu-operator/manifests/params.yaml").read_text())
    assert manifest["data"]["version"] == "570.10" and manifest["metadata"]["namespace"] == "gpu-operator"


def test_last_option_wins_across_kinds(cnsctl, tmp_path):
    (tmp_path / "text").write_text("from-file")
    words = {"--set": "gpuoperator:driver.version=a", "--set-string": "gpuoperator:driver.version=b",
             "--set-json": 'gpuoperator:driver.version="c"', "--set-file": "gpuoperator:driver.version=text"}
    results = {"--set": "a", "--set-string": "b", "--set-json": "c", "--set-file": "from-file"}
    for last in words:
        order = [option for option in words if option != last] + [last]
        cnsctl("bundle", "-r", RECIPE, "-o", "out", *[word for option in order for word in (option, words[option])])
        assert values(tmp_path / "out", "gpu-operator")["driver"]["version"] == results[last]


def test_secrets_stay_in_values(cnsctl, tmp_path):
    """A value from the command line is in the component's values, and nowhere else."""
    run = cnsctl("bundle", "-r", RECIPE, "-o", "out", "--set-string", "certmanager:token=s3cr3t-value", "--allow-unknown")
    holders = [name for name, (content, _) in tree(tmp_path / "out").items() if b"s3cr3t" in content]
    assert holders == ["cert-manager/values.yaml"]
    assert "s3cr3t" not in run.stdout + run.stderr


@pytest.mark.parametrize("catalog", ["aicr-0.11.1", "cnsctl-0.31"])
def test_predecessors_recipes(cnsctl, shared, tmp_path, catalog):
    """Without options the values are those of the recipe: no toleration comes in that the data does not hold."""
    words = ("--catalog", shared / "data" / "catalogs" / catalog, "--service", "eks", "--accelerator", "gb200",
             "--intent", "training", "--os", "ubuntu")
    cnsctl("bundle", "-r", "-", *words[:2], "-o", "out", stdin=cnsctl("recipe", *words).stdout)
    components = yaml.safe_load(cnsctl("recipe", "--inline-values", *words).stdout)["componentRefs"]
    assert len(components) >= 5
    for component in components:
        assert values(tmp_path / "out", component["name"]) == component.get("values", {})


# --- when something goes wrong ---

def leavings(folder):
    return sorted(path.name for path in folder.iterdir())


def test_full_disk(cnsctl, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("privilege: root, to mount a small file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40k", "none", disk], capture_output=True, check=False).returncode:
        pytest.skip("privilege: mounting a tmpfs is refused here")
    try:
        run = cnsctl("bundle", "-r", RECIPE, "-o", disk / "out", exit=None)
        assert run.exit != 0 and "No space left" in run.stderr
        assert leavings(disk) == []
        subprocess.run(["mount", "-o", "remount,size=120k", disk], check=True)
        cnsctl("bundle", "-r", RECIPE, "-o", disk / "out")
        before = tree(disk / "out")
        run = cnsctl("bundle", "-r", RECIPE, "-o", disk / "out", "--set", "gpuoperator:driver.version=9", exit=None)
        assert run.exit != 0 and tree(disk / "out") == before and leavings(disk) == ["out"]
        run = cnsctl("bundle", "-r", RECIPE, "-o", disk, exit=None)  # a mount point cannot be exchanged
        assert run.exit == 9 and tree(disk / "out") == before
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


def test_read_only_parent(cnsctl, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("privilege: an ordinary user, whom permissions hold back")
    parent = tmp_path / "parent"
    parent.mkdir(mode=0o555)
    assert cnsctl("bundle", "-r", RECIPE, "-o", parent / "out", exit=None).exit == 4
    assert leavings(parent) == []


def test_read_only_file_system(cnsctl, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("privilege: root, to mount a read-only file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m", "none", disk], capture_output=True, check=False).returncode:
        pytest.skip("privilege: mounting a tmpfs is refused here")
    try:
        run = cnsctl("bundle", "-r", RECIPE, "-o", disk / "out", exit=None)
        assert run.exit not in (0, 1) and "Read-only file system" in run.stderr
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_killed_at_any_moment(cnsctl_path, cnsctl, tmp_path, sent):
    """The folder is the old bundle or the new one, never a part of either, and what is left over goes with the next run."""
    commands = [[str(cnsctl_path), "bundle", "-r", str(RECIPE), "-o", "place/out", "--set", f"gpuoperator:driver.version={version}"]
                for version in ("one", "two")]
    whole = []
    for command in commands:
        subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
        whole.append(tree(tmp_path / "place" / "out"))
    source = random.Random(sent)
    started = time.monotonic()
    subprocess.run(commands[0], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    duration = time.monotonic() - started
    outcomes = set()
    for turn in range(40):
        running = subprocess.Popen(commands[turn % 2], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(source.random() * duration * 1.2)
        running.send_signal(sent)
        running.wait()
        found = tree(tmp_path / "place" / "out")
        assert found in whole
        outcomes.add(running.returncode)
    cnsctl("bundle", "-r", RECIPE, "-o", "place/out")
    assert leavings(tmp_path / "place") == ["out"]
    assert -sent in outcomes


def test_link_to_folder_is_followed(cnsctl, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    cnsctl("bundle", "-r", RECIPE, "-o", "link")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real" / "plan.yaml").exists()


def test_bundle_with_more_in_it_is_refused(cnsctl, tmp_path):
    cnsctl("bundle", "-r", RECIPE, "-o", "out")
    (tmp_path / "out" / "gpu-operator" / "notes.md").write_text("mine")
    run = cnsctl("bundle", "-r", RECIPE, "-o", "out", exit=9)
    assert "gpu-operator/notes.md" in run.stderr
    shutil.rmtree(tmp_path / "out" / "gpu-operator")  # less than there should be is still ours
    cnsctl("bundle", "-r", RECIPE, "-o", "out")
    assert (tmp_path / "out" / "gpu-operator" / "values.yaml").exists()


def test_edited_bundle_is_refused(cnsctl, tmp_path):
    """Edits must not vanish with the bundle that is replaced."""
    cnsctl("bundle", "-r", RECIPE, "-o", "out")
    values_file = tmp_path / "out" / "gpu-operator" / "values.yaml"
    values_file.write_text(values_file.read_text() + "mine: true\n")
    run = cnsctl("bundle", "-r", RECIPE, "-o", "out", exit=9)
    assert "gpu-operator/values.yaml was changed after the bundle in it was made" in run.stderr and "--force" in run.stderr
    assert "mine: true" in values_file.read_text()
    cnsctl("bundle", "-r", RECIPE, "-o", "out", "--force")
    assert "mine: true" not in values_file.read_text()
    assert "mine: true" in (tmp_path / "out.before-1" / "gpu-operator" / "values.yaml").read_text()
