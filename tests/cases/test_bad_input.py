# SPDX-License-Identifier: Apache-2.0
"""Input that is broken, hostile or not what was asked for, through every command that reads a document: a status of
the program's own, a message that names the place, nothing on standard output, and no file that was not there before."""

import random

import pytest

API = "apiVersion: cns.nvidia.com/v1alpha1"
SNAPSHOT = f"""kind: Snapshot
{API}
metadata: {{timestamp: "2026-01-02T03:04:05Z", version: test, source-node: node-1}}
measurements:
  - type: OS
    subtypes:
      - subtype: release
        data: {{ID: ubuntu, VERSION_ID: "24.04"}}
"""
CRITERIA = "service: eks, accelerator: h100, intent: training, os: ubuntu"
CRITERIA_DOCUMENT = f"kind: RecipeCriteria\nspec: {{{CRITERIA}}}\n"


@pytest.fixture(scope="module")
def recipe(cnsctl_path, tmp_path_factory):
    """A recipe as the program writes it."""
    from support import program
    flags = [word for pair in CRITERIA.split(", ") for word in ("--" + pair.split(": ")[0], pair.split(": ")[1])]
    return program.run_program(cnsctl_path, ["recipe", *flags], tmp_path_factory.mktemp("recipe")).stdout


@pytest.fixture
def folder(tmp_path, recipe):
    (tmp_path / "recipe.yaml").write_text(recipe)
    (tmp_path / "snapshot.yaml").write_text(SNAPSHOT)
    (tmp_path / "criteria.yaml").write_text(CRITERIA_DOCUMENT)
    return tmp_path


# A document goes in where "{}" stands.
READERS = {
    "recipe-criteria": "recipe --criteria {}",
    "recipe-snapshot": "recipe --snapshot {}",
    "query": "query --criteria {} --selector criteria.service",
    "validate-recipe": "validate --recipe {} --snapshot snapshot.yaml",
    "validate-snapshot": "validate --recipe recipe.yaml --snapshot {}",
    "bundle": "bundle --recipe {} --output out",
}


def laughs(depth=12, width=10):
    lines = ["a0: &a0 [lol, lol]"]
    for level in range(1, depth):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]")
    return "\n".join(lines).encode() + b"\n"


def head(kind):
    return f"kind: {kind}\n{API}\n".encode()


HOSTILE = {
    "empty": b"",
    "blank": b"  \n\n",
    "comment": b"# nothing here\n",
    "nul": b"kind: Snap\0shot\n",
    "binary": random.Random(1).randbytes(100_000),
    "elf": b"\x7fELF\x02\x01\x01" + bytes(100),
    "invalid-utf8": b"kind: \xff\xfe\n",
    "overlong-utf8": b"kind: \xc0\xaf\n",
    "truncated-json": SNAPSHOT.encode() and b'{"kind": "Snapshot", "apiVersion": "cns.nvidia.com/v1alpha1", "measure',
    "truncated-json-number": b'{"kind": "Snapshot", "a": -',
    "truncated-yaml": b'kind: Snapshot\nmetadata: {version: "te',
    "truncated-yaml-flow": b"kind: Snapshot\nmeasurements: [{type: OS",
    "trailing-garbage": b'{"kind": "Snapshot"} x',
    "two-documents": b"kind: Snapshot\n---\nkind: Snapshot\n",
    "deep-json": b'{"a":' * 100_000,
    "deep-json-list": b"[" * 1_000_000,
    "deep-yaml-flow": b"a: " + b"[" * 100_000,
    "deep-yaml-block": b"".join(b" " * i + b"a:\n" for i in range(2000)),
    "billion-laughs": laughs(),
    "self-alias": b"a: &a [*a]\n",
    "merge-key": b"a: &a {b: 1}\nc: {<<: *a}\n<<: *a\n",
    "unknown-anchor": b"a: *nobody\n",
    "duplicate-key": b"kind: Snapshot\nkind: Snapshot\n",
    "duplicate-json-key": b'{"kind": "Snapshot", "kind": "Snapshot"}',
    "tag": b"kind: !!python/object/apply:os.system [id]\n",
    "tabs": b"kind:\n\t- Snapshot\n",
    "text": b"hello, world\n",
    "number": b"42\n",
    "null": b"null\n",
    "list": b"- a\n- b\n",
    "empty-map": b"{}\n",
    "html": b"<!DOCTYPE html><html><body>Not found</body></html>\n",
    "kind-is-a-list": b"kind: [Snapshot]\n" + API.encode() + b"\n",
    "kind-is-null": b"kind:\n" + API.encode() + b"\n",
    "unknown-kind": head("Deployment") + b"metadata: {name: x}\n",
    "unknown-version": b"kind: Snapshot\napiVersion: cns.nvidia.com/v99\nmeasurements: []\n",
    "unknown-version-recipe": b"kind: RecipeResult\napiVersion: cns.nvidia.com/v99\ncomponentRefs: []\n",
    "measurements-is-a-number": head("Snapshot") + b"measurements: 5\n",
    "subtypes-is-text": head("Snapshot") + b"measurements: [{type: OS, subtypes: x}]\n",
    "data-is-a-list": head("Snapshot") + b"measurements: [{type: OS, subtypes: [{subtype: release, data: [1]}]}]\n",
    "components-is-a-map": head("RecipeResult") + b"componentRefs: {a: b}\n",
    "components-holds-null": head("RecipeResult") + b"componentRefs: [null]\n",
    "component-without-name": head("RecipeResult") + b"componentRefs: [{version: 1}]\n",
    "constraints-is-text": head("RecipeResult") + b"constraints: always\ncomponentRefs: []\n",
    "criteria-list": b"kind: RecipeCriteria\nspec: [eks]\n",
    "criteria-unknown": b"kind: RecipeCriteria\nspec: {service: heroku}\n",
    "criteria-negative": b"kind: RecipeCriteria\nspec: {service: eks, nodes: -1}\n",
    "long-line": b"kind: " + b"x" * 20_000_000 + b"\n",
    "many-keys": b"".join(b"key%d: 1\n" % i for i in range(200_000)),
    "control-characters": b"kind: \"\\e[31mred\\a\"\n" + API.encode() + b"\n",
}


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def refused(cnsctl, folder, command, statuses=(2, 7), **options):
    before = files_below(folder)
    run = cnsctl(*command.split(), cwd=folder, exit=None, timeout=30, **options)
    assert run.exit in statuses, run
    assert run.stdout == "", run
    assert "error: " in run.stderr and len(run.stderr) < 5000, run
    assert all(character.isprintable() or character == "\n" for character in run.stderr), run
    assert files_below(folder) == before, run
    return run


# --- documents -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("command", READERS.values(), ids=READERS.keys())
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_document(cnsctl, folder, command, name):
    (folder / "hostile").write_bytes(HOSTILE[name])
    run = refused(cnsctl, folder, command.format("hostile"))
    assert "hostile" in run.stderr


@pytest.mark.parametrize("command", READERS.values(), ids=READERS.keys())
def test_hostile_standard_input(cnsctl, folder, command):
    refused(cnsctl, folder, command.format("-"), stdin=b'{"kind": ')


@pytest.mark.parametrize("command, given, wanted, words", [
    ("validate --recipe snapshot.yaml --snapshot snapshot.yaml", "Snapshot", "recipe", "--snapshot"),
    ("validate --recipe recipe.yaml --snapshot recipe.yaml", "RecipeResult", "snapshot", "--recipe"),
    ("bundle --recipe snapshot.yaml --output out", "Snapshot", "recipe", ""),
    ("recipe --snapshot recipe.yaml", "RecipeResult", "snapshot", ""),
    ("recipe --criteria snapshot.yaml", "Snapshot", "riteria", ""),
    ("recipe --snapshot criteria.yaml", "RecipeCriteria", "snapshot", ""),
])
def test_the_wrong_document_says_so(cnsctl, folder, command, given, wanted, words):
    run = refused(cnsctl, folder, command, statuses=(2,))
    assert given in run.stderr and wanted in run.stderr and words in run.stderr


@pytest.mark.parametrize("command", READERS.values(), ids=READERS.keys())
@pytest.mark.parametrize("location, statuses", [
    ("absent.yaml", (3,)), ("recipe.yaml/below", (3,)), (".", (2,)), ("loop", (2,)), ("dangling", (3,)),
    ("/proc/self/mem", (1, 2)), ("n" * 300, (7,))])
def test_documents_that_are_not_there(cnsctl, folder, command, location, statuses):
    (folder / "loop").symlink_to("loop")
    (folder / "dangling").symlink_to("nowhere")
    refused(cnsctl, folder, command.format(location), statuses)


def test_a_component_cannot_leave_the_bundle(cnsctl, folder):
    (folder / "recipe.yaml").write_bytes(head("RecipeResult") +
                                         b"componentRefs: [{name: ../../etc, type: Helm, version: 1}]\n")
    assert "../../etc" in refused(cnsctl, folder, "bundle --recipe recipe.yaml --output out").stderr


def test_null_items_are_passed_over(cnsctl, folder):
    """Other tools crash on them."""
    (folder / "snapshot.yaml").write_text(SNAPSHOT.replace("measurements:\n", "measurements:\n  - null\n"))
    run = cnsctl("validate", "--recipe", "recipe.yaml", "--snapshot", "snapshot.yaml", cwd=folder, exit=None)
    assert run.exit in (0, 8) and "null" in run.stderr and "ubuntu" in run.stdout


def test_standard_input_named_twice(cnsctl, folder):
    run = refused(cnsctl, folder, "validate --recipe - --snapshot -", statuses=(2,), stdin=SNAPSHOT)
    assert "standard input" in run.stderr


def test_input_over_the_limit(cnsctl, folder):
    with open(folder / "huge.yaml", "wb") as huge:
        huge.truncate(257 * 2**20)  # a hole: NUL bytes, found long before the limit
    with open(folder / "huge.json", "wb") as huge:
        huge.write(b'{"kind": "Snapshot", "a": "')
        huge.write(b"x" * (257 * 2**20))
    for name in ("huge.yaml", "huge.json"):
        run = refused(cnsctl, folder, READERS["validate-snapshot"].format(name))
        assert name in run.stderr


# --- criteria ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("words, hint", [
    ("--service ekz", "eks"),
    ("--accelerator h1000", "h100"),
    ("--intent trainer", None),
    ("--os ubunto", "ubuntu"),
    ("--service " + "x" * 5000, None),
    ("--nodes -1 --service eks", None),
    ("--nodes 3abc --service eks", None),
    ("--nodes 99999999999999999999 --service eks", None),
])
def test_criteria_nobody_knows(cnsctl, folder, words, hint):
    run = refused(cnsctl, folder, f"recipe {words}", statuses=(2,))
    assert hint is None or hint in run.stderr


# --- folders of data -----------------------------------------------------------------------------------------------

def data_folder(folder, name):
    data = folder / "data"
    if name == "absent":
        return
    if name == "file":
        data.write_text("not a folder\n")
        return
    (data / "overlays").mkdir(parents=True)
    if name == "loop":
        data.rename(folder / "moved")
        data.symlink_to("data")
    elif name == "loop-inside":
        (data / "overlays" / "again").symlink_to("..")
        (data / "overlays" / "self.yaml").symlink_to("self.yaml")
    elif name == "broken-overlay":
        (data / "overlays" / "a.yaml").write_text("kind: [\n")
    elif name == "binary-overlay":
        (data / "overlays" / "a.yaml").write_bytes(bytes(range(256)))
    elif name == "broken-registry":
        (data / "registry.yaml").write_text("kind: ComponentRegistry\ncomponents: 5\n")
    elif name == "fifo":
        import os
        os.mkfifo(data / "overlays" / "pipe.yaml")


@pytest.mark.parametrize("option", ["--data", "--catalog"])
@pytest.mark.parametrize("name", ["absent", "file", "loop", "loop-inside", "broken-overlay", "binary-overlay",
                                  "broken-registry", "fifo"])
def test_folders_of_data(cnsctl, folder, option, name):
    data_folder(folder, name)
    run = refused(cnsctl, folder, f"recipe --criteria criteria.yaml {option} data", statuses=(2, 3, 7))
    assert "data" in run.stderr
