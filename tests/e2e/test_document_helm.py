# SPDX-License-Identifier: Apache-2.0
"""Helm, which reads YAML as all of Kubernetes' Go programs do, finds in our YAML what we wrote into it."""

import json
import random
import subprocess

import pytest

from cases.test_document_differential import NASTY, all_line_shapes, random_value
from support.doc_tool import doc_tool  # noqa: F401

CHART = "apiVersion: v2\nname: echo\nversion: 1.0.0\n"
# One line, so that nothing that Helm does to the output matters.
TEMPLATE = 'kind: Echo\nvalues: {{ omit .Values "global" | toJson | b64enc }}\n'


def as_go(value):
    """Numbers as Go's JSON has them: doubles."""
    if isinstance(value, dict):
        return {key: as_go(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_go(item) for item in value]
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def helm_reads(helm, tmp_path, values):
    import base64

    chart = tmp_path / "chart"
    (chart / "templates").mkdir(parents=True, exist_ok=True)
    (chart / "Chart.yaml").write_text(CHART)
    (chart / "templates" / "echo.yaml").write_text(TEMPLATE)
    done = subprocess.run([helm, "template", "echo", chart, "-f", values], capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()[:2000]
    line = next(line for line in done.stdout.decode().splitlines() if line.startswith("values: "))
    return json.loads(base64.b64decode(line.split()[1]))


def nasty():
    texts = list(dict.fromkeys([*NASTY, *all_line_shapes()]))
    return {"list": texts, "map": {text: text for text in texts}, "nested": [[text] for text in texts],
            "maps": [{text: [text]} for text in texts]}


# Helm drops a null from values, which is its way to remove a default.
def without_nulls(value):
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value if item is not None]
    return value


def generated(seed):
    source = random.Random(seed)
    return {"values": [without_nulls(random_value(source)) or "" for _ in range(200)]}


@pytest.mark.parametrize("name", ["nasty", "first", "second"])
def test_values(doc_tool, tool, tmp_path, name):
    value = nasty() if name == "nasty" else generated(len(name))
    source, values = tmp_path / "source.json", tmp_path / "values.yaml"
    source.write_text(json.dumps(value))
    values.write_bytes(doc_tool.text("emit", "yaml", source))
    read = helm_reads(tool("helm"), tmp_path, values)
    assert as_go(read) == as_go(value)
