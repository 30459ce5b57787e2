# SPDX-License-Identifier: Apache-2.0
"""cnsctl recipe catalog: packing, reading back, showing and comparing catalogs; hostile archives; recipes that say from
which catalog they are."""

import hashlib
import io
import json
import subprocess
import tarfile

import pytest

LEAF = ("--service", "eks", "--gpu", "h100", "--intent", "training", "--os", "ubuntu")


@pytest.fixture
def packed(cnsctl, tmp_path):
    cnsctl("recipe", "catalog", "pack", "-o", "catalog.tar")
    return tmp_path / "catalog.tar"


@pytest.fixture
def folder(cnsctl, tmp_path):
    cnsctl("recipe", "catalog", "pack", "-o", "catalog")
    return tmp_path / "catalog"


def digest_of(folder):
    """By the definition: the SHA-256 of what sha256sum writes of all files, sorted by path."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")
                   if path.is_file() and path.name != "checksums.txt")
    lines = [f"{hashlib.sha256((folder / path).read_bytes()).hexdigest()}  {path}\n" for path in sorted(paths, key=str.encode)]
    return "sha256:" + hashlib.sha256("".join(lines).encode()).hexdigest()


def show(cnsctl, *arguments):
    return json.loads(cnsctl("recipe", "catalog", "show", *arguments, "-t", "json").stdout)


def test_the_digest_is_that_of_the_files(cnsctl, root, packed, folder):
    expected = digest_of(root / "recipes")
    assert expected == digest_of(folder)
    version = json.loads(cnsctl("version", "-t", "json").stdout)["catalog"]
    assert version["digest"] == expected and version["version"] == "2026.11.0"
    assert expected in cnsctl("version").stdout
    for place in ([], ["catalog"], ["catalog.tar"], [str(root / "recipes")]):
        summary = show(cnsctl, *place)
        assert summary["digest"] == expected and summary["version"] == "2026.11.0"
        assert summary["counts"]["files"] == len(summary["files"])
    recipe = json.loads(cnsctl("recipe", "--service", "eks", "-t", "json").stdout)
    assert recipe["metadata"]["catalog"] == {"version": "2026.11.0", "digest": expected}


def test_packing_is_reproducible_and_reads_back(cnsctl, tmp_path, packed):
    cnsctl("recipe", "catalog", "pack", "-o", "again.tar")
    cnsctl("recipe", "catalog", "pack", "catalog.tar", "-o", "unpacked")
    cnsctl("recipe", "catalog", "pack", "unpacked", "-o", "third.tar")
    for other in ("again.tar", "third.tar"):
        assert (tmp_path / other).read_bytes() == packed.read_bytes()
    plain = cnsctl("recipe", *LEAF, "--inline-values").stdout
    for place in ("catalog.tar", "unpacked"):
        assert cnsctl("recipe", *LEAF, "--inline-values", "--catalog", place).stdout.replace(
            f"    source: {place}\n", "").replace(f"source: {place}/", "source: recipes/") == plain


def test_other_tools_read_what_is_packed(tmp_path, packed, folder):
    with tarfile.open(packed) as archive:
        members = archive.getmembers()
        assert [member.name for member in members] == sorted(member.name for member in members)
        assert {(member.uid, member.gid, member.uname, member.mode) for member in members} == {(0, 0, "", 0o644)}
        assert len({member.mtime for member in members}) == 1
        archive.extractall(tmp_path / "by-python", filter="data")
    assert subprocess.run(["diff", "-r", tmp_path / "by-python", folder]).returncode == 0
    subprocess.run(["sha256sum", "--quiet", "-c", "checksums.txt"], cwd=folder, check=True)


def test_time_of_the_files(cnsctl, tmp_path, packed):
    cnsctl("recipe", "catalog", "pack", "-o", "then.tar", env={"SOURCE_DATE_EPOCH": "86400"})
    with tarfile.open(tmp_path / "then.tar") as archive, tarfile.open(packed) as other:
        assert archive.getmembers()[0].mtime == 86400
        assert other.getmembers()[0].mtime % 86400 == 0 and other.getmembers()[0].mtime > 1.7e9
    cnsctl("recipe", "catalog", "pack", "-o", "then.tar", env={"SOURCE_DATE_EPOCH": "soon"}, exit=2)


def test_archives_of_tar(cnsctl, tmp_path, tool, folder):
    subprocess.run([tool("tar"), "--format=ustar", "-cf", "by-tar.tar", "-C", folder, "."], cwd=tmp_path, check=True)
    assert show(cnsctl, "by-tar.tar")["digest"] == digest_of(folder)


def test_standard_output(cnsctl_path, packed):
    done = subprocess.run([cnsctl_path, "recipe", "catalog", "pack", "-o", "-"], capture_output=True, check=True)
    assert done.stdout == packed.read_bytes()


def test_a_folder_of_something_else_is_left_alone(cnsctl, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine")
    cnsctl("recipe", "catalog", "pack", "-o", "mine", exit=9)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_what_is_no_catalog_is_not_packed(cnsctl, tmp_path):
    (tmp_path / "empty").mkdir()
    cnsctl("recipe", "catalog", "pack", "empty", "-o", "catalog.tar", exit=3)
    assert not (tmp_path / "catalog.tar").exists()


def test_verify(cnsctl, packed, folder):
    digest = digest_of(folder)
    cnsctl("recipe", "catalog", "show", "catalog.tar", "--verify", digest)
    cnsctl("recipe", "catalog", "show", "catalog.tar", "--verify", digest.removeprefix("sha256:"))
    error = cnsctl("recipe", "catalog", "show", "catalog.tar", "--verify", "sha256:0123", exit=9)
    assert digest in error.stderr and "sha256:0123" in error.stderr and not error.stdout


# --- archives from outside ---


def archive(path, members, damage=lambda data: data, format=tarfile.USTAR_FORMAT):
    """members: (name, content or (type, link))."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as out:
        for name, content in members:
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size = len(content)
                out.addfile(info, io.BytesIO(content))
            else:
                info.type, info.linkname = content
                out.addfile(info)
    path.write_bytes(damage(buffer.getvalue()))


GOOD = [("registry.yaml", b"a: 1\n"), ("overlays/base.yaml", b"b: 1\n")]


def flip(position):
    return lambda data: data[:position] + bytes([data[position] ^ 1]) + data[position + 1:]


@pytest.mark.parametrize("members,damage,message", [
    ([("../evil.yaml", b"")], None, "would not stay inside"),
    ([("/etc/evil.yaml", b"")], None, "would not stay inside"),
    ([("overlays/../../evil", b"")], None, "would not stay inside"),
    ([("a\\b", b"")], None, "no plain path"),
    ([("a\nb", b"")], None, "no plain path"),
    ([("link", (tarfile.SYMTYPE, "/etc/passwd"))], None, "is a symbolic link"),
    ([("a", b""), ("link", (tarfile.LNKTYPE, "a"))], None, "is a hard link"),
    ([("dev", (tarfile.CHRTYPE, ""))], None, "is a device"),
    ([("pipe", (tarfile.FIFOTYPE, ""))], None, "is a device or pipe"),
    ([*GOOD, ("registry.yaml", b"a: 2\n")], None, "is there twice"),
    ([*GOOD, ("./registry.yaml", b"a: 2\n")], None, "is there twice"),
    ([("a", b"x"), ("a/b", b"y")], None, "is a file and a folder"),
    ([("a/b", b"y"), ("a", b"x")], None, "is a file and a folder"),
    ([("a", (tarfile.DIRTYPE, "")), ("a", b"x")], None, "is a file and a folder"),
    (GOOD, lambda data: data[:512], "is cut off"),
    (GOOD, lambda data: data[:700], "is cut off"),
    (GOOD, lambda data: data[:4 * 512], "end is missing"),
    (GOOD, lambda data: data + b"more" + bytes(508), "behind its end"),
    (GOOD, lambda data: b"", "is empty"),
    (GOOD, lambda data: b"kind: Catalog\n", "no ustar archive"),
    (GOOD, lambda data: bytes.fromhex("1f8b0800") + bytes(1000), "is compressed"),
    (GOOD, flip(0), "checksum"),
    (GOOD, flip(130), "checksum"),
])
def test_hostile_archives_are_refused(cnsctl, tmp_path, members, damage, message):
    archive(tmp_path / "x.tar", members, damage or (lambda data: data))
    before = sorted(path.name for path in tmp_path.parent.iterdir())
    for command in (["recipe", "--service", "eks", "--catalog", "x.tar"], ["recipe", "catalog", "show", "x.tar"],
                    ["recipe", "--service", "eks", "--data", "x.tar"]):
        error = cnsctl(*command, exit=2).stderr
        assert message in error and "x.tar" in error, error
    assert sorted(path.name for path in tmp_path.parent.iterdir()) == before


def test_extended_headers_are_refused(cnsctl, tmp_path):
    archive(tmp_path / "x.tar", [("a" * 120, b"x")], format=tarfile.PAX_FORMAT)
    assert "--format=ustar" in cnsctl("recipe", "catalog", "show", "x.tar", exit=2).stderr
    archive(tmp_path / "x.tar", [("a" * 120, b"x")], format=tarfile.GNU_FORMAT)
    assert "--format=ustar" in cnsctl("recipe", "catalog", "show", "x.tar", exit=2).stderr


def test_bombs_are_refused(cnsctl, tmp_path):
    archive(tmp_path / "many.tar", [(f"f{index}", b"") for index in range(4097)])
    assert "more than 4096 files" in cnsctl("recipe", "catalog", "show", "many.tar", exit=7).stderr
    archive(tmp_path / "big.tar", [("a.yaml", bytes(11 * 2**20))])
    assert "more than the limit" in cnsctl("recipe", "catalog", "show", "big.tar", exit=7).stderr
    with open(tmp_path / "huge.tar", "wb") as file:
        file.truncate(2**30)
    cnsctl("recipe", "catalog", "show", "huge.tar", exit=7)


def test_a_changed_archive_is_refused_and_a_changed_folder_told(cnsctl, tmp_path, folder):
    (folder / "criteria.yaml").write_text((folder / "criteria.yaml").read_text() + "\n")
    assert "'criteria.yaml' is not what checksums.txt says" in cnsctl("recipe", "--service", "eks", "--catalog",
                                                                      "catalog").stderr
    members = [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    archive(tmp_path / "x.tar", members)
    assert "'criteria.yaml' is not what checksums.txt in the archive says" in cnsctl(
        "recipe", "--service", "eks", "--catalog", "x.tar", exit=2).stderr
    archive(tmp_path / "x.tar", [member for member in members if member[0] != "remediation.yaml"])
    assert "is not what checksums.txt in the archive says" in cnsctl(
        "recipe", "--service", "eks", "--catalog", "x.tar", exit=2).stderr


# --- folders over the built-in knowledge ---


@pytest.fixture
def ours(tmp_path):
    (tmp_path / "ours/overlays").mkdir(parents=True)
    (tmp_path / "ours/overlays/ours.yaml").write_text(
        "apiVersion: cns.nvidia.com/v1alpha1\nkind: RecipeMetadata\nmetadata: {name: ours}\n"
        "spec:\n  criteria: {service: eks}\n  constraints:\n"
        "    - {name: K8s.server.version, value: '>= 1.35', source: us, why: so}\n")
    return tmp_path / "ours"


def catalog_of(cnsctl, *options):
    return json.loads(cnsctl("recipe", "--service", "eks", *options, "-t", "json").stdout)["metadata"]["catalog"]


def test_data_has_a_digest_of_both(cnsctl, ours):
    plain, both = catalog_of(cnsctl), catalog_of(cnsctl, "--data", "ours")
    assert both["version"] == plain["version"] and both["digest"] != plain["digest"] and both["source"] == "ours"
    (ours / "catalog.yaml").write_text("apiVersion: cns.nvidia.com/v1alpha1\nkind: Catalog\n"
                                       "metadata: {name: ours, version: '7'}\n")
    third = catalog_of(cnsctl, "--data", "ours")
    assert third["version"] == f"{plain['version']}+7" and third["digest"] not in (plain["digest"], both["digest"])
    (ours / "catalog.yaml").write_text("kind: Recipe\n")
    assert "must have kind Catalog" in cnsctl("recipe", "--service", "eks", "--data", "ours", exit=2).stderr


def test_a_recipe_of_another_catalog_is_told(cnsctl, ours, root, tmp_path):
    cnsctl("recipe", *LEAF, "--data", "ours", "-o", "recipe.yaml")
    told = "recipe.yaml was made from the catalog 2026.11.0 (sha256:"
    assert told in cnsctl("bundle", "-r", "recipe.yaml", "-o", "bundle").stderr
    assert told not in cnsctl("bundle", "-r", "recipe.yaml", "-o", "other", "--data", "ours").stderr
    digest = catalog_of(cnsctl, "--data", "ours")["digest"]
    assert digest in (tmp_path / "bundle/README.md").read_text()
    snapshot = root / "docs/examples/h100-node.yaml"
    done = cnsctl("validate", "-r", "recipe.yaml", "-s", str(snapshot), "-t", "json", exit=8)
    assert told in done.stderr
    assert json.loads(done.stdout)["recipeCatalog"] == {"version": "2026.11.0", "digest": digest}


# --- diff ---


def diff(cnsctl, *arguments, exit=0):
    return json.loads(cnsctl("recipe", "catalog", "diff", *arguments, "-t", "json", exit=exit).stdout)


def test_no_difference(cnsctl, packed, folder):
    found = diff(cnsctl, "catalog.tar", "catalog", "--fail-on-drift")
    assert found["changes"] == [] and found["summary"]["changed"] == 0 and found["summary"]["compared"] > 100
    assert found["files"] == {"added": [], "removed": [], "changed": []}
    assert diff(cnsctl, "catalog")["summary"]["changed"] == 0  # the built-in one


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def combinations(found):
    return [criteria for group in found["changes"] for criteria in group["combinations"]]


def test_differences_are_told_by_path(cnsctl, folder):
    edit(folder / "overlays/h100-any.yaml", "  validation:", """\
  constraints:
    - {name: K8s.server.version, value: ">= 1.36", source: us, why: so}
  componentRefs:
    - name: nfd
      type: Helm
      version: 9.9.9
      overrides: {master: {extra: [1, 2]}}
      sources: [us]
      why: so
    - {name: kueue, type: Helm, sources: [us], why: so}
  validation:""")
    found = diff(cnsctl, "catalog", "--fail-on-drift", exit=8)
    assert found["files"] == {"added": [], "removed": [], "changed": ["overlays/h100-any.yaml"]}
    assert all(criteria["accelerator"] == "h100" for criteria in combinations(found)) and len(combinations(found)) > 5
    changes = {change["path"]: change for group in found["changes"] for change in group["changes"]}
    assert changes["components.nfd.version"]["new"] == "9.9.9"
    assert changes["components.nfd.values.master.extra"]["new"] == [1, 2] and "old" not in changes[
        "components.nfd.values.master.extra"]
    assert changes["components.kueue"].keys() == {"path", "new"}
    assert changes["constraints.K8s.server.version"]["new"] == ">= 1.36"
    back = diff(cnsctl, "catalog", "../" + folder.parent.name + "/catalog")
    assert back["changes"] == []


def test_why_is_no_difference(cnsctl, folder):
    edit(folder / "overlays/eks.yaml", "why: Oldest", "why: The oldest")
    assert diff(cnsctl, "catalog")["changes"] == []


def test_what_is_refused_or_new_is_told(cnsctl, folder):
    edit(folder / "compatibility.yaml", "only:\n      service: [gke]", "only:\n      service: [eks]")
    found = diff(cnsctl, "catalog", "--combinations")
    changes = [group["changes"] for group in found["changes"]]
    assert any(change[0]["path"] == "recipe" and change[0]["old"] == "resolves" and "cannot work" in change[0]["new"]
               for change in changes)
    assert any(change[0]["new"] == "resolves" for change in changes)


def test_text_of_a_difference(cnsctl, folder):
    edit(folder / "overlays/base.yaml", "version: v26.7.0", "version: v99.0.0")
    text = cnsctl("recipe", "catalog", "diff", "catalog").stdout
    assert "~ overlays/base.yaml" in text and "~ components.gpu-operator.version: v26.7.0 -> v99.0.0" in text
    assert " and " in text and text.splitlines()[0].startswith("old  2026.11.0  sha256:")


def test_predecessors_can_be_compared(cnsctl, shared):
    catalogs = sorted(path for path in (shared / "data/catalogs").iterdir())
    found = diff(cnsctl, *map(str, catalogs))
    assert found["summary"]["changed"] > 0 and all("version" not in found[side] for side in ("old", "new"))
