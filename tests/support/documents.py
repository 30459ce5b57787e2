# SPDX-License-Identifier: Apache-2.0
"""Documents in tests: read by the YAML 1.2 core schema (PyYAML's own is 1.1, where `on` is true and 2024-01-01 a date;
JSON is a part of the core schema), and compared by containment."""

import difflib
import re

import yaml


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2 core schema; a key given twice is an error. Floats keep their text, so that 24.10 is not 24.1."""


class FloatText(float):
    """A float that also knows how it was written; equal only to the same text, or to a number that is no FloatText."""

    def __new__(cls, text):
        special = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}
        number = super().__new__(cls, special.get(text.lower(), text))
        number.text = text
        return number

    def __eq__(self, other):
        if isinstance(other, FloatText):
            return self.text == other.text
        return float(self) == other

    def __ne__(self, other):
        return not self == other

    __hash__ = float.__hash__

    def __repr__(self):
        return self.text


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
        ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
        ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
        ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
        ("float", r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)"
                  r"|\.(?:nan|NaN|NAN))$", "-+0123456789."),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def _construct_int(loader, node):
    text = loader.construct_scalar(node)
    return int(text, 0) if text.startswith(("0o", "0x")) else int(text)


def _construct_map(loader, node):
    mapping = {}
    yield mapping
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in mapping:
            raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key!r}", key_node.start_mark)
        mapping[key] = loader.construct_object(value_node, deep=True)


CoreLoader.add_constructor("tag:yaml.org,2002:int", _construct_int)
CoreLoader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: FloatText(loader.construct_scalar(node)))
CoreLoader.add_constructor("tag:yaml.org,2002:map", _construct_map)


def load(text):
    """One YAML or JSON document."""
    return yaml.load(text, Loader=CoreLoader)


def load_all(text):
    """All documents of a stream."""
    return list(yaml.load_all(text, Loader=CoreLoader))


def kind(value):
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return type(value).__name__


def differences(expected, actual, path=""):
    """What `actual` lacks of `expected`, as lines: maps are compared as subsets, lists whole and in order."""
    where = path or "(top)"
    if isinstance(expected, dict) and isinstance(actual, dict):
        lines = []
        for key, value in expected.items():
            inner = f"{path}.{key}" if path else str(key)
            if key in actual:
                lines += differences(value, actual[key], inner)
            else:
                lines.append(f"{inner}: missing; there are {sorted(map(str, actual))}")
        return lines
    if isinstance(expected, list) and isinstance(actual, list):
        lines = []
        if len(expected) != len(actual):
            lines.append(f"{where}: expected {len(expected)} items, found {len(actual)}: {actual!r}"[:1000])
        for index, pair in enumerate(zip(expected, actual)):
            lines += differences(*pair, f"{path}[{index}]")
        return lines
    if kind(expected) != kind(actual) or expected != actual:
        return [f"{where}: expected {expected!r} ({kind(expected)}), found {actual!r} ({kind(actual)})"[:1000]]
    return []


def text_diff(expected, actual, name="stdout"):
    return "".join(difflib.unified_diff(expected.splitlines(True), actual.splitlines(True),
                                        f"expected {name}", f"actual {name}"))
