# SPDX-License-Identifier: Apache-2.0
"""The independent suites for documents, run whole: JSON parsing, YAML, JSON Patch, canonical JSON. Where libyaml differs
from the YAML suite, docs/documents.md lists the case and the reason, and this test holds exactly that list."""

import json
import re
import struct

import pytest
import yaml

from support.doc_tool import doc_tool  # noqa: F401
from support.program import ROOT

# --- JSON parsing ----------------------------------------------------------------------------------------------------

# Valid JSON that a document of ours may not be: the reader accepts it, the loader refuses the second key.
DUPLICATE_KEYS = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}


@pytest.fixture(scope="module")
def suites(shared):
    return shared / "data" / "suites"


def test_json_parsing(suites, doc_tool):
    files = sorted((suites / "json").glob("*.json"))
    assert len(files) > 300
    wrong = []
    for path, (value, refused) in zip(files, doc_tool.load_many("json", files)):
        kind = path.name[0]
        if path.name in DUPLICATE_KEYS:
            if not refused or "duplicate key" not in refused or doc_tool.text("events", "json", path) is None:
                wrong.append(f"{path.name}: {refused}")
        elif (kind == "y" and refused) or (kind == "n" and not refused):
            wrong.append(f"{path.name}: {refused or value}")
        elif kind == "y" and value != json.loads(path.read_bytes()):
            wrong.append(f"{path.name}: {value}")
    assert not wrong, "\n".join(wrong)


# --- YAML ------------------------------------------------------------------------------------------------------------

# Objects of a suite case and of ours are compared as lists of (event, plain, text).


def from_glyphs(text):
    text = re.sub("—*»", "\t", text.replace("␣", " "))
    text = text.replace("←", "\r").replace("⇔", "\ufeff").replace("↵", "")
    return re.sub("∎\n$", "", text)


def suite_cases(suites):
    """(id, yaml, tree, json, fails) of every case; a case without a tree has the one before it."""
    for path in sorted((suites / "yaml").glob("*.yaml")):
        before = {}
        for index, case in enumerate(yaml.safe_load(path.read_text())):
            if "tree" not in case and not case.get("fail"):
                case = {"tree": before.get("tree"), "json": before.get("json"), **case}
            before = case
            name = f"{path.stem}-{index:02}" if index or len(list(path.stem)) > 4 else path.stem
            yield name, from_glyphs(case["yaml"]), case.get("tree"), case.get("json"), bool(case.get("fail"))


ESCAPES = {"\\": "\\", "n": "\n", "t": "\t", "r": "\r", "b": "\b", "0": "\0"}


def unescape(text):
    return re.sub(r"\\(.)", lambda match: ESCAPES[match.group(1)], text)


class Places:
    """Tells keys from values, as our events do."""

    def __init__(self):
        self.levels = []

    def node(self, opens=None):
        level = self.levels[-1] if self.levels else None
        is_key = level is not None and level[0] == "map" and level[1]
        if level is not None:
            level[1] = not level[1]
        if opens:
            self.levels.append([opens, True])
        return is_key

    def end(self):
        self.levels.pop()


def expected_events(tree):
    """The suite's events as ours: aliases replayed, tags and anchors gone."""
    events, anchors, open_anchors = [], {}, []
    for line in from_glyphs(tree).splitlines():
        line = line.lstrip()
        kind, _, rest = line.partition(" ")
        if kind in ("+STR", "-STR", "+DOC"):
            continue
        rest = re.sub(r"^(\{\}|\[\]) ?", "", rest)
        anchor = re.match(r"&(\S+) ?", rest)
        if anchor:
            rest = rest[anchor.end():]
        tag = re.match(r"<([^>]*)> ?", rest)
        if tag:
            rest = rest[tag.end():]
        if kind == "=ALI":
            events += anchors[rest[1:]]
        elif kind == "=VAL":
            plain = rest[0] == ":" and not tag
            event = ("=VAL", plain, unescape(rest[1:]), tag.group(1) if tag else None)
            events.append(event)
            if anchor:
                anchors[anchor.group(1)] = [event]
        else:
            if kind[0] == "+":
                open_anchors.append((anchor.group(1) if anchor else None, len(events)))
            events.append((kind,))
            if kind in ("-MAP", "-SEQ"):
                name, start = open_anchors.pop()
                if name:
                    anchors[name] = events[start:]
    places, placed = Places(), []
    for event in events:
        if event[0] in ("+MAP", "+SEQ"):
            if places.node("map" if event[0] == "+MAP" else "list"):
                return None
        elif event[0] in ("-MAP", "-SEQ"):
            places.end()
        elif event[0] == "=VAL":
            event = ("=KEY" if places.node() else "=VAL", *event[1:])
        placed.append(event)
    return placed


def our_events(output):
    events = []
    for line in output.decode().rstrip("\n").split("\n") if output else []:
        if line == "-DOC":
            events.append(("-DOC",))
            continue
        _, kind, _, plain, *text = line.split(" ", 4)
        events.append((kind, plain == "plain", json.loads(text[0])) if kind[0] == "=" else (kind,))
    return events


CORE = "tag:yaml.org,2002:"


def same_events(ours, expected):
    if expected is None or len(ours) != len(expected):
        return False
    for our, their in zip(ours, expected):
        # What a tag makes of a scalar is judged by the values.
        tagged = len(their) == 4 and their[3] is not None
        if our[0] != their[0] or (our[0][0] == "=" and our[2] != their[2]):
            return False
        if our[0][0] == "=" and not tagged and our[1] != their[1]:
            return False
    return True


def json_values(text):
    decoder, values, position = json.JSONDecoder(), [], 0
    while text[position:].strip():
        position += len(text[position:]) - len(text[position:].lstrip())
        value, position = decoder.raw_decode(text, position)
        values.append(value)
    return [value for value in values if value is not None]


def outcome(doc_tool, path, tree, values, fails):
    """None where we agree with the suite, else "accepts", "refuses" or "differs"."""
    events, loaded = doc_tool.text("events", "all", path), doc_tool.text("all", "auto", path)
    if fails:
        return None if loaded is None else "accepts"
    if events is None or loaded is None:
        return "refuses"
    if not same_events(our_events(events), expected_events(tree)):
        return "differs"
    if values is not None:
        ours = [value for value in json.loads(loaded) if value is not None]
        if ours != json_values(from_glyphs(values)):
            return "differs"
    return None


def listed_differences():
    page = (ROOT / "docs" / "documents.md").read_text()
    rows = re.findall(r"^\| ([0-9A-Z]{4}(?:-\d\d)?) \| (accepts|refuses|differs) \| \S.* \|$", page, re.MULTILINE)
    assert len(rows) == len({name for name, _ in rows}), "a case is listed twice"
    return dict(rows)


def test_yaml_suite(suites, doc_tool, tmp_path):
    found, count = {}, 0
    path = tmp_path / "case.yaml"
    for name, text, tree, values, fails in suite_cases(suites):
        count += 1
        path.write_bytes(text.encode())
        result = outcome(doc_tool, path, tree, values, fails)
        if result:
            found[name] = result
    assert count > 400
    listed = listed_differences()
    assert found == listed, "docs/documents.md must list exactly these cases:\n" + "\n".join(
        f"{name}: found {found.get(name, 'agreement')}, listed {listed.get(name, 'agreement')}"
        for name in sorted(found.keys() | listed.keys()) if found.get(name) != listed.get(name))


# --- JSON Patch ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tests.json", "spec_tests.json"])
def test_json_patch(suites, doc_tool, tmp_path, name):
    document, patch = tmp_path / "document.json", tmp_path / "patch.json"
    wrong, count = [], 0
    for index, case in enumerate(json.loads((suites / "json-patch" / name).read_text())):
        if case.get("disabled") or "patch" not in case:
            continue
        count += 1
        document.write_text(json.dumps(case["doc"]))
        patch.write_text(json.dumps(case["patch"]))
        output = doc_tool.text("patch", document, patch)
        if "error" in case:
            if output is not None:
                wrong.append(f"{index}: accepted: {case['error']}")
        elif output is None or ("expected" in case and json.loads(output) != case["expected"]):
            wrong.append(f"{index}: {case.get('comment')}: {output}")
    assert count > 10
    assert not wrong, "\n".join(wrong)


# --- canonical JSON --------------------------------------------------------------------------------------------------


def test_canonical_documents(suites, doc_tool):
    inputs = sorted((suites / "jcs" / "input").glob("*.json"))
    assert inputs
    for path in inputs:
        output = doc_tool.text("canonical", path)
        assert output == (suites / "jcs" / "output" / path.name).read_bytes(), path.name
        hexadecimal = (suites / "jcs" / "outhex" / (path.stem + ".txt")).read_text()
        assert output == bytes.fromhex(hexadecimal), path.name


# RFC 8785, appendix B: bits of a double, and how it is written.
NUMBERS = """
0000000000000000 0
8000000000000000 0
0000000000000001 5e-324
8000000000000001 -5e-324
7fefffffffffffff 1.7976931348623157e+308
ffefffffffffffff -1.7976931348623157e+308
4340000000000000 9007199254740992
c340000000000000 -9007199254740992
4430000000000000 295147905179352830000
44b52d02c7e14af5 9.999999999999997e+22
44b52d02c7e14af6 1e+23
44b52d02c7e14af7 1.0000000000000001e+23
444b1ae4d6e2ef4e 999999999999999700000
444b1ae4d6e2ef4f 999999999999999900000
444b1ae4d6e2ef50 1e+21
3eb0c6f7a0b5ed8c 9.999999999999997e-7
3eb0c6f7a0b5ed8d 0.000001
41b3de4355555553 333333333.3333332
41b3de4355555554 333333333.33333325
41b3de4355555555 333333333.3333333
41b3de4355555556 333333333.3333334
41b3de4355555557 333333333.33333343
becbf647612f3696 -0.0000033333333333333333
43143ff3c1cb0959 1424953923781206.2
"""


def ecmascript(value):
    """Number::toString of ECMA-262 from Python's shortest digits."""
    if value == 0:
        return "0"
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    n = len(whole) + int(exponent or 0) if whole != "0" else int(exponent or 0) - (len(fraction) - len(digits))
    digits = digits.rstrip("0")
    k = len(digits)
    if k <= n <= 21:
        text = digits + "0" * (n - k)
    elif 0 < n <= 21:
        text = digits[:n] + "." + digits[n:]
    elif -6 < n <= 0:
        text = "0." + "0" * -n + digits
    else:
        text = digits[0] + ("." + digits[1:] if k > 1 else "") + f"e{n - 1:+d}"
    return "-" + text if value < 0 else text


def test_canonical_numbers(doc_tool, tmp_path):
    path = tmp_path / "numbers.json"
    rows = [line.split() for line in NUMBERS.split("\n") if line]
    values = [struct.unpack(">d", bytes.fromhex(bits))[0] for bits, _ in rows]
    path.write_text("[" + ",".join(f"{value:.17e}" for value in values) + "]")
    assert doc_tool.text("canonical", path).decode() == "[" + ",".join(text for _, text in rows) + "]"


def test_canonical_random_numbers(doc_tool, tmp_path):
    """Doubles of all sizes, powers of two and their neighbours among them."""
    import random

    source = random.Random(8785)
    bits = [source.getrandbits(64) for _ in range(20000)]
    bits += [(exponent << 52) + step for exponent in range(1, 2047) for step in (-1, 0, 1)]
    bits += [source.getrandbits(52) >> shift for shift in range(52)]
    values = [struct.unpack(">d", struct.pack(">Q", number))[0] for number in bits]
    values = [value for value in values if value == value and abs(value) != float("inf")]
    path = tmp_path / "numbers.json"
    path.write_text("[" + ",".join(f"{value:.17e}" for value in values) + "]")
    assert doc_tool.text("canonical", path).decode()[1:-1].split(",") == [ecmascript(value) for value in values]


def test_canonical_refuses_infinity(doc_tool, tmp_path):
    path = tmp_path / "infinite.json"
    for text in ("[1e999]", "[.inf]", "[.nan]"):
        path.write_text(text)
        assert doc_tool.text("canonical", path) is None


def test_identity_ignores_order_and_layout(doc_tool, tmp_path):
    first, second = tmp_path / "a.json", tmp_path / "b.yaml"
    first.write_text('{"b": 1.0, "a": [true, null, "\\u20ac"]}')
    second.write_text("a:\n- true\n- ~\n- €\nb: 1\n")
    identity = doc_tool.text("sha256", first)
    assert re.fullmatch(rb"[0-9a-f]{64}\n", identity)
    assert doc_tool.text("sha256", second) == identity
