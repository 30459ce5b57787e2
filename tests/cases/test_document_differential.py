# SPDX-License-Identifier: Apache-2.0
"""Generated documents, read by us and by others, and written by us and read by others. The others are Python's json, and
PyYAML in two shapes: with the YAML 1.2 core schema, for what we read, and as a reader of YAML 1.1 with Go's wider idea
of a float, for what we write. The generator has a fixed start, so every run sees the same documents."""

import itertools
import json
import math
import random
import re

import pytest
import yaml

from support.doc_tool import doc_tool  # noqa: F401

NASTY = [
    "", " ", "  ", "yes", "Yes", "YES", "no", "on", "On", "off", "OFF", "y", "Y", "n", "N", "true", "True", "TRUE", "false",
    "null", "Null", "NULL", "~", "nil", "none", "1e3", "1E3", "1e+3", "1.5e-3", "12e03", "0x1f", "0X1F", "0o7", "0o17", "017",
    "08", "0b11", "1_000", "1_0.5", "_1", "190:20:30", "190:20:30.15", "1:2", "12:30:45", "2024-01-01", "2024-1-1",
    "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5", "24.10", "1.", ".5", "+1", "-1", "+.5", "-.5", "+0x1f", "0",
    "-0", "00", ".inf", "-.inf", "+.inf", ".INF", ".Inf", ".nan", ".NaN", "inf", "nan", "Infinity", ":", "::", "a:", ":a",
    "a: b", "a:b", "a :b", "a : b", "#", "#a", "a#", "a #b", "a # b", "=", "<<", "<", "-", "--", "---", "--- a", "...", "... a",
    "- a", "-a", "?", "? a", "?a", "!", "!a", "!!str a", "&", "&a", "*", "*a", "|", "|-", ">", ">-", "'", "''", "'a'", '"',
    '"a"', "a'b", 'a"b', "a'\"b", "\\", "\\n", "a\\", "%", "%a", "@", "@a", "`", "`a", "{", "}", "{a", "a}", "{}", "[", "]",
    "[a", "a]", "[]", ",", ",a", "a,", "a, b", "{a: b}", "[a, b]", " a", "a ", " a ", "\ta", "a\t", "a\tb", "\t", "a\n", "\na",
    "a\n\n", "\n\na", "a\nb", "a\nb\n", "a\n\nb", "a\nb\n\n", " a\nb", "a\n b", "a \nb", "a\n \nb", "a\n  \n", "\n", "\n\n",
    " \n", "\n ", "a\n\tb", "\ta\nb", "a\t\nb", "a\n\t\nb", "a\n---\nb", "a\n...\nb", "a\n# b", "# a\nb", "- a\n- b",
    "a: b\nc: d", "a\r", "a\rb", "a\r\nb", "\r\n", "a\x00b", "\x00", "\x01", "\x07", "\x08", "\x0b", "\x0c", "\x1b[0m", "\x1f",
    "\x7f", "\x80", "a\x85b", "\x85", "\x9f", "\xa0", "\xa0a", "a\u2028b", "\u2028", "a\u2029b", "\ufeff", "a\ufeffb", "\ufffd",
    "\ufffe", "\uffff", "\ud7ff", "\ue000", "é", "日本語", "😀", "👩‍👩‍👧", "\U0010ffff", "e\u0301", "x" * 200, "word " * 100,
    "word " * 100 + "\n" + "word " * 100, "k" * 1023, "k" * 1024, "k" * 1025, "k k" * 500, "é" * 600, "\x01" * 300, "<&>",
    "http://user@host:80/p?q=1#f", "C:\\dir", "10.0.0.0/8", "fe80::1", "nvcr.io/nvidia/driver:570.10", "--flag=value", "-Xmx1g",
    "v1.33.5-eks-3025e55", "1.33.5", "1.33", "12e4567", "0x", "0b", "0o", "0x1g", "1e", "e1", ".", "..", "1.2.3", "-.", "+", "+a",
    "1,000", "50%", "$HOME", "${x}", "{{ .Values.x }}", "a{{b}}", "*.example.com", "@every 5m", "100m", "1Gi",
]


def all_line_shapes():
    """Spaces, tabs and line breaks around a letter, in all combinations of up to four."""
    for length in range(1, 5):
        for parts in itertools.product(" \t\na", repeat=length):
            yield "".join(parts)


def random_text(source):
    kind = source.randrange(6)
    if kind == 0:
        return source.choice(NASTY)
    if kind == 1:
        return source.choice(NASTY) + source.choice(NASTY)
    if kind == 2:
        return "".join(source.choice(" \t\n:#-'\"\\{}[],&*!|>%@`?~=01aZé") for _ in range(source.randrange(12)))
    if kind == 3:
        return "".join(chr(source.choice([source.randrange(0x20, 0x7F), source.randrange(0x20, 0x3000)]))
                       for _ in range(source.randrange(20)))
    return "".join(source.choice("abcdefghijk-._/ ") for _ in range(source.randrange(1, 15)))


def random_number(source):
    kind = source.randrange(5)
    if kind == 0:
        return source.randrange(-1000, 1000)
    if kind == 1:
        return source.randrange(-(2 ** 70), 2 ** 70)
    if kind == 2:
        return round(source.uniform(-1000, 1000), source.randrange(6))
    if kind == 3:
        return source.uniform(-1, 1) * 10.0 ** source.randrange(-300, 300)
    return source.choice([0, -1, 1, 0.0, -0.0, 2 ** 63 - 1, 2 ** 63, -(2 ** 63), 1e22, 5e-324, 1.7976931348623157e308])


def random_value(source, depth=0):
    kind = source.randrange(10)
    if depth < 5 and kind < 3:
        return {random_text(source): random_value(source, depth + 1) for _ in range(source.randrange(5))}
    if depth < 5 and kind < 5:
        return [random_value(source, depth + 1) for _ in range(source.randrange(5))]
    if kind == 5:
        return random_number(source)
    if kind == 6:
        return source.choice([None, True, False])
    return random_text(source)


def same(ours, theirs):
    """Equal, with types: 1, 1.0 and True are three things, but a float without fraction may be written as an integer."""
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and list(ours) == list(theirs) and all(same(ours[k], theirs[k]) for k in theirs)
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(theirs, float) and math.isnan(theirs):
        return isinstance(ours, float) and math.isnan(ours)
    return type(ours) is type(theirs) and ours == theirs


# --- PyYAML in two shapes --------------------------------------------------------------------------------------------


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2, core schema; keys are text."""

    yaml_implicit_resolvers = {}


def resolve(loader, tag, pattern, firsts):
    loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), firsts)


resolve(CoreLoader, "null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""])
resolve(CoreLoader, "bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF"))
resolve(CoreLoader, "int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789"))
resolve(CoreLoader, "float", r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)"
        r"|\.(?:nan|NaN|NAN))$", list("-+.0123456789"))


def core_int(loader, node):
    text = node.value
    return int(text, 16) if text[:2] == "0x" else int(text[2:], 8) if text[:2] == "0o" else int(text)


def go_float(loader, node):
    text = node.value.lower().replace("_", "")
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


def text_keys(loader, node):
    return {key.value: loader.construct_object(value, deep=True) for key, value in node.value}


CoreLoader.add_constructor("tag:yaml.org,2002:int", core_int)
CoreLoader.add_constructor("tag:yaml.org,2002:float", go_float)
CoreLoader.add_constructor("tag:yaml.org,2002:map", text_keys)


class GoLoader(yaml.SafeLoader):
    """YAML 1.1 as Go's readers have it: PyYAML's, and floats without a point or with an unsigned exponent; 0o7 too."""


resolve(GoLoader, "float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789"))
resolve(GoLoader, "float", r"^0[oO][0-7_]+$", ["0"])
GoLoader.add_constructor("tag:yaml.org,2002:float", go_float)


# --- writing ---------------------------------------------------------------------------------------------------------


def check_written(doc_tool, tmp_path, value):
    source, written = tmp_path / "source.json", tmp_path / "written"
    source.write_text(json.dumps(value, ensure_ascii=True))
    text = doc_tool.run("emit", "yaml", source).stdout
    assert same(yaml.load(text.decode(), GoLoader), value)
    assert same(yaml.load(text.decode(), CoreLoader), value)
    written.write_bytes(text)
    for form in ("json", "compact"):
        assert same(json.loads(doc_tool.run("emit", form, source).stdout), value)
        # What we wrote, we read.
        assert same(json.loads(doc_tool.run("emit", form, written).stdout), value)


def test_nasty_text_in_every_place(doc_tool, tmp_path):
    texts = list(dict.fromkeys([*NASTY, *all_line_shapes()]))
    value = {"list": texts, "map": {text: text for text in texts}, "nested": [[text] for text in texts],
             "maps": [{text: [text]} for text in texts]}
    check_written(doc_tool, tmp_path, value)


@pytest.mark.parametrize("part", range(4))
def test_nasty_text_as_a_document(doc_tool, tmp_path, part):
    source, output = tmp_path / "source.json", {}
    for text in NASTY[part::4]:
        source.write_text(json.dumps(text))
        output[text] = doc_tool.run("emit", "yaml", source).stdout.decode()
    wrong = [text for text in output
             if not same(yaml.load(output[text], GoLoader), text) or not same(yaml.load(output[text], CoreLoader), text)]
    assert not wrong


@pytest.mark.parametrize("seed", range(8))
def test_generated_values_are_written_well(doc_tool, tmp_path, seed):
    source = random.Random(seed)
    check_written(doc_tool, tmp_path, [random_value(source) for _ in range(60)])


# --- reading ---------------------------------------------------------------------------------------------------------


def check_read(doc_tool, tmp_path, form, texts, read):
    """Each text as a file: the same value as `read` gives, or refused by both."""
    paths = []
    for index, text in enumerate(texts):
        path = tmp_path / f"{index}"
        path.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
        paths.append(path)
    wrong = []
    for text, (ours, refused) in zip(texts, doc_tool.load_many(form, paths)):
        try:
            theirs, failed = read(text), False
        except (yaml.YAMLError, ValueError) as error:
            theirs, failed = error, True
        if failed != bool(refused) or (not failed and not same(ours, theirs)):
            wrong.append(f"{text!r}:\n  ours {refused or ours!r}\n  theirs {theirs!r}")
    assert not wrong, "\n".join(wrong[:10])


@pytest.mark.parametrize("seed", range(4))
def test_json_is_read_as_python_reads_it(doc_tool, tmp_path, seed):
    source = random.Random(100 + seed)
    texts = []
    for _ in range(100):
        options = source.choice([{}, {"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}])
        texts.append(json.dumps(random_value(source), ensure_ascii=source.random() < 0.5, **options))
    check_read(doc_tool, tmp_path, "json", texts, json.loads)
    check_read(doc_tool, tmp_path, "auto", texts, json.loads)


def strict_json(text):
    """json.loads, without what it allows beyond RFC 8259, and without what we refuse."""

    def refuse(name):
        raise ValueError(name)

    def unique(pairs):
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError("duplicate key")
        return dict(pairs)

    value = json.loads(text, parse_constant=refuse, object_pairs_hook=unique)
    json.dumps(value, ensure_ascii=False).encode()  # lone surrogates
    return value


@pytest.mark.parametrize("seed", range(4))
def test_broken_json_is_refused_where_python_refuses_it(doc_tool, tmp_path, seed):
    source = random.Random(200 + seed)
    texts = []
    while len(texts) < 200:
        text = json.dumps(random_value(source))
        place = source.randrange(len(text) + 1)
        text = source.choice([text[:place], text[:place] + source.choice('{}[],:"0\\u-.e+tfn \n') + text[place:],
                              text[:place] + text[place + 1:], text + text])
        if text.strip():
            texts.append(text)
    check_read(doc_tool, tmp_path, "json", texts, strict_json)


@pytest.mark.parametrize("seed", range(4))
def test_pyyaml_output_is_read(doc_tool, tmp_path, seed):
    source = random.Random(300 + seed)
    texts = []
    for _ in range(100):
        options = {"default_flow_style": source.choice([None, True, False]), "allow_unicode": source.random() < 0.5,
                   "width": source.choice([20, 80, 10000]), "indent": source.choice([2, 4]), "sort_keys": False,
                   "default_style": source.choice([None, None, None, '"', "'", "|", ">"])}
        texts.append(yaml.dump(plain_number_free(random_value(source)), Dumper=yaml.SafeDumper, **options))
    check_read(doc_tool, tmp_path, "yaml", texts, lambda text: yaml.load(text, CoreLoader))


def plain_number_free(value):
    """Huge numbers are compared elsewhere; PyYAML tags what a style would change, which is not what is tested here."""
    if isinstance(value, dict):
        return {key: plain_number_free(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_number_free(item) for item in value]
    return value if isinstance(value, str) else str(value)


def block_yaml(source, indent=0, depth=0):
    """YAML as people write it: block collections with plain scalars, some quoted, some comments."""
    pad, lines = " " * indent, []
    is_map = source.random() < 0.6
    for index in range(source.randrange(1, 5)):
        lead = f"{pad}key{index}{source.choice(['', '.x', '-y', '_z'])}:" if is_map else f"{pad}-"
        kind = source.randrange(8)
        if depth < 4 and kind < 3:
            step = source.choice([1, 2, 4])
            lines.append(lead + source.choice(["", "", " # comment"]))
            lines += block_yaml(source, indent + step, depth + 1)
        elif kind == 3:
            lines += [lead + source.choice([" |", " |-", " |+", " >", " >-"]),
                      *(pad + "  " + text for text in ("one", "two # no comment", "", "three"))]
        elif kind == 4:
            lines.append(lead + source.choice([' "q: # x\\t\\u00e9"', " 'it''s'", " [a, 1, {b: ~}]", " {x: 1.50, y: []}"]))
        else:
            plain = source.choice(["24.10", "1e3", "0x1f", "0o17", "017", "yes", "on", "~", "", "null", "true", "False", "-1",
                                   ".5", "1.", "+12", ".inf", "-.INF", ".nan", "text with spaces", "a:b", "http://x:1/#y",
                                   "2024-01-01", "190:20:30", "1_000", "v1.2-x", "0b1", "é😀", "=", "99999999999999999999"])
            lines.append(f"{lead} {plain}".rstrip() + source.choice(["", "", "", "  # why"]))
    return lines


@pytest.mark.parametrize("seed", range(4))
def test_block_yaml_is_read_as_pyyaml_reads_it(doc_tool, tmp_path, seed):
    source = random.Random(400 + seed)
    texts = ["\n".join(block_yaml(source)) + source.choice(["", "\n", "\n\n# end\n", "\n...\n"]) for _ in range(150)]

    def read(text):
        return json.loads(json.dumps(yaml.load(text, CoreLoader)), parse_constant=spell)

    check_read(doc_tool, tmp_path, "yaml", texts, read)


def spell(name):
    """JSON has no infinities: we write them as YAML does, as text."""
    return {"Infinity": ".inf", "-Infinity": "-.inf", "NaN": ".nan"}[name]


@pytest.mark.parametrize("seed", range(4))
def test_broken_yaml_never_crashes(doc_tool, tmp_path, seed):
    source = random.Random(500 + seed)
    paths = []
    for index in range(200):
        text = "\n".join(block_yaml(source)).encode()
        for _ in range(source.randrange(1, 4)):
            place = source.randrange(len(text) + 1)
            text = text[:place] + bytes([source.choice(b"\t\n :-?#&*!|>{}[],'\"%@\x00\xff\xc3")]) + text[place:]
        paths.append(tmp_path / str(index))
        paths[-1].write_bytes(text)
    for path, (_, refused) in zip(paths, doc_tool.load_many("auto", paths)):
        assert not refused or re.match(rf"error (invalid|limit) {path.name}:", refused), refused
