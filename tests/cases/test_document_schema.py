# SPDX-License-Identifier: Apache-2.0
"""Our reading of JSON Schema against an independent one: our knowledge, broken at random in a thousand ways."""

import copy
import json
import random

import jsonschema
import pytest
import referencing

from support import recipe_data as data
from support.doc_tool import doc_tool  # noqa: F401
from support.program import ROOT

FOLDER = ROOT / "api" / "schemas"
ODD = [None, [], {}, [[]], {"a": {}}, [{}], ""]


def documents():
    """kind -> documents of it."""
    found = {}
    for path in data.files("**/*.yaml"):
        if "/manifests/" in path:
            continue
        document = data.document(path)
        if isinstance(document, dict) and "kind" in document:
            found.setdefault(document["kind"], []).append(document)
    return found


def places(node, path=()):
    yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def broken(document, choice):
    """The document with one place removed, replaced, renamed or doubled."""
    document = copy.deepcopy(document)
    path = choice.choice([path for path in places(document) if path])
    node = document
    for step in path[:-1]:
        node = node[step]
    what, last = choice.randrange(4), path[-1]
    if what == 0:
        del node[last]
    elif what == 1:
        node[last] = choice.choice(ODD)
    elif what == 2 and isinstance(node, dict):
        node[f"{last}x"] = node.pop(last)
    elif isinstance(node, list):
        node.append(node[last])
    else:
        node[last] = f"{node[last]} !"
    return document


def kind_of(path):
    return json.loads(path.read_text())["properties"]["kind"]["const"]


def validator_of(schema):
    others = [(json.loads(path.read_text())["$id"], json.loads(path.read_text())) for path in FOLDER.glob("*.schema.json")]
    registry = referencing.Registry().with_resources(
        [(name, referencing.Resource.from_contents(contents)) for name, contents in others])
    return jsonschema.Draft202012Validator(schema, registry=registry)


SCHEMAS = [path for path in sorted(FOLDER.glob("*.schema.json")) if kind_of(path) in documents()]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name.removesuffix(".schema.json"))
def test_as_an_independent_reader_sees_it(doc_tool, tmp_path, path):  # noqa: F811
    schema = json.loads(path.read_text())
    samples = documents()[kind_of(path)]
    choice, cases = random.Random(path.name), []
    for document in samples[:12]:
        cases += [document] + [broken(document, choice) for _ in range(max(8, 96 // len(samples[:12])))]
    files = []
    for index, document in enumerate(cases):
        files.append(tmp_path / f"{index:04}.json")
        files[-1].write_text(json.dumps(document))
    lines = doc_tool.run("schema", FOLDER, path.name, *files).stdout.decode().splitlines()
    assert not [line for line in lines if line.startswith("unknown keyword")]
    verdicts = [line for line in lines if line in ("ok", "bad")]
    validator = validator_of(schema)
    expected = ["ok" if validator.is_valid(document) else "bad" for document in cases]
    differing = [json.dumps(document) for document, ours, theirs in zip(cases, verdicts, expected, strict=True) if ours != theirs]
    assert not differing, differing[:3]
    assert expected.count("bad") > len(cases) / 3 and "ok" in expected
