# SPDX-License-Identifier: Apache-2.0
"""Bad documents are refused with file, line and column, whatever they are; and no shape of input takes more than linear
time."""

import random
import resource
import subprocess

import pytest

from support.doc_tool import doc_tool  # noqa: F401

# Name, bytes, what the message must hold, what the hint must hold.
REFUSED = [
    ("empty", b"", "input: is empty", None),
    ("blank", b" \n\t\n", "input: is empty", None),
    ("comments", b"# a\n# b\n", "input: holds no document", None),
    ("truncated JSON", b'{"a": [1, 2', "input:1:12: expected ',' or ']', found the end of the input", None),
    ("truncated JSON string", b'{"a": "b', "input:1:7: this string is not closed", None),
    ("truncated YAML list", b"a: [1, 2\nb: 3\n", "input:2:2: expected ',' or ']' in the list that begins at line 1", None),
    ("truncated YAML text", b"a: 'x\nb: 3\n", "the quoted text that begins at line 1 is not closed", None),
    ("tab", b"a:\n\tb: c\n", "input:2:1: this character cannot begin a value", "a tab cannot indent"),
    ("indentation", b"a:\n  b: 1\n c: 2\n", "input:3:2: expected a key of the map that begins at line 1", "same column"),
    ("template", b"v: {{ .x }}\n", "input:1:5: a key must be text", "needs quotes"),
    ("garbage after JSON", b'{"a": 1} x', "input:1:10: ", None),
    ("two JSON documents", b'{"a": 1}\n{"b": 2}', "input:2:1: expected nothing more after the document", None),
    ("two YAML documents", b"a: 1\n---\nb: 1\n", "input:2:1: a second document begins here", "file of its own"),
    ("duplicate", b"a:\n  b: 1\n  c: 2\n  b: 3\n", "input:4:3: duplicate key 'b'; it was set at line 2 already", None),
    ("duplicate by escape", b'{"a": 1, "\\u0061": 2}', "input:1:10: duplicate key 'a'", None),
    ("duplicate by quotes", b'1: a\n"1": b\n', "input:2:1: duplicate key '1'; it was set at line 1 already", None),
    ("unknown alias", b"base: &base 1\nx: *bse\n", "input:2:4: alias *bse: no anchor &bse", "did you mean *base?"),
    ("recursive alias", b"a: &a\n  b: *a\n", "input:2:6: alias *a stands inside the value that it repeats", None),
    ("merge key", b"a: &a {x: 1}\nb:\n  <<: *a\n", "the merge key << is not part of YAML 1.2", "write the members out"),
    ("invalid UTF-8 in YAML", b"a: b\nc: d\xffe\n", "input:2:5: invalid UTF-8", None),
    ("invalid UTF-8 in JSON", b'{"a": "b",\n"c": "d\xffe"}', "input:2:8: invalid UTF-8 (byte 0xff at offset 18)", None),
    ("overlong UTF-8", b"a: \xc0\xaf\n", "input:1:4: invalid UTF-8", None),
    ("surrogate in UTF-8", b"a: \xed\xa0\x80\n", "input:1:4: invalid UTF-8", None),
    ("NUL in YAML", b"a: b\0c\n", "input:1:5: a NUL byte is not allowed", "binary"),
    ("NUL in JSON", b'{"a": "b\0c"}', "input:1:9: a NUL byte is not allowed", None),
    ("control character", b"a: \x07\n", "input:1:4: the character U+0007 is not allowed", '"\\u0007"'),
    ("UTF-16", "a: b\n".encode("utf-16"), "looks like UTF-16", "iconv"),
    ("UTF-16 without mark", "a: b\n".encode("utf-16-be"), "looks like UTF-16", "iconv"),
    ("UTF-32", '{"a": 1}'.encode("utf-32-le"), "looks like UTF-16 or UTF-32", "iconv"),
    ("ELF", b"\x7fELF\x02\x01\x01" + bytes(60), "input:1:1: ", "binary"),
    ("gzip", b"\x1f\x8b\x08\x00" + bytes(range(60)), "input:1:1: ", "binary"),
    ("wrong tag", b"a: !!int x\n", "input:1:4: the value is tagged !!int but is not one", None),
    ("deep lists", b"[" * 100000, "input:1:129: nested more than 128 levels deep", None),
    ("deep maps", b'{"a":' * 100000, "nested more than 128 levels deep", None),
    ("deep block", b"".join(b" " * i + b"a:\n" for i in range(300)), "input:129:129: nested more than 128", None),
    ("deep dashes", b"- " * 100000, "nested more than 128 levels deep", None),
    ("alias bomb", b"a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
     + b"".join(b"a%d: &a%d [%s]\n" % (i, i, b",".join([b"*a%d" % (i - 1)] * 10)) for i in range(1, 12)),
     "aliases repeat more than 100000 values", None),
    ("alias bomb of text", b"a: &a " + b"x" * 1000000 + b"\nb:\n" + b"- *a\n" * 1000,
     "aliases repeat more than 100000 values", None),
    ("tag directives", b"".join(b"%%TAG !a%d! x\n" % i for i in range(100000)) + b"--- a\n", "more than 1000 lines", None),
    ("HTML", b"<!DOCTYPE html>\n<p style=\"a: b\">\n", "input:2:", "needs quotes"),
]


@pytest.mark.parametrize("name,content,message,hint", REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(doc_tool, tmp_path, name, content, message, hint):
    path = tmp_path / "input"
    path.write_bytes(content)
    done = doc_tool.run("emit", "json", path)
    said = done.stderr.decode()
    assert done.returncode == 2 and not done.stdout
    assert message in said.splitlines()[0], said
    assert hint is None or hint in said.partition("hint: ")[2], said


def test_random_bytes_never_crash(doc_tool, tmp_path):
    source, paths = random.Random(1), []
    for index in range(300):
        paths.append(tmp_path / str(index))
        alphabet = source.choice([bytes(range(256)), b'{}[]":,0123truefalsn \\u', b"a: -?&*!|>'\"{}[]\n\t #%"])
        paths[-1].write_bytes(bytes(source.choices(alphabet, k=source.randrange(400))))
    for form in ("auto", "yaml", "json"):
        doc_tool.load_many(form, paths)


@pytest.mark.parametrize("start,filler", [("[1", "        "), ('["', "text"), ("a: '", "text")],
                         ids=["JSON", "JSON text", "YAML text"])
def test_more_than_the_limit(doc_tool, start, filler):
    """257 MiB through a pipe: the reading ends at 256, whatever is being read."""
    writer = f"printf %s \"$1\"; yes \"$2\" | tr -d '\\n' | head -c {257 * 1024 * 1024}"
    with subprocess.Popen(["sh", "-c", writer, "sh", start, filler], stdout=subprocess.PIPE) as source:
        done = subprocess.run([doc_tool.path, "count", "auto", "/dev/stdin"], stdin=source.stdout, capture_output=True,
                              check=False, timeout=300)
        source.stdout.close()
    assert done.returncode == 2
    assert done.stderr.decode().startswith("limit: /dev/stdin: is larger than the limit of 256 MiB")


# What could be quadratic somewhere: a text of about n times a few bytes each.
SHAPES = {
    "keys of one map": lambda n: "".join(f"key-{i}: {i}\n" for i in range(n)),
    "keys of one JSON map": lambda n: "{" + ",".join(f'"key-{i}": {i}' for i in range(n)) + "}",
    "items on one line": lambda n: "[" + "1," * n + "]",
    "flow map on one line": lambda n: "{" + ",".join(f"k{i}: {i}" for i in range(n)) + "}",
    "single pairs": lambda n: "[" + "a: b," * n + "]",
    "short lists": lambda n: "[" + "[[[]]]," * n + "]",
    "text over many lines": lambda n: "a: " + "word\n  " * n,
    "quoted text over many lines": lambda n: 'a: "' + "word\\\n  " * n + '"',
    "blank lines": lambda n: "a: b\n" + "\n" * n + "  c\n",
    "comments": lambda n: "# comment\n" * n + "a: b",
    "literal block": lambda n: "a: |\n" + "  word word\n\n" * n,
    "spaces": lambda n: "a:" + " " * n + "b",
    "long word": lambda n: "a" * n * 5,
    "anchors": lambda n: "".join(f"- &a{i} x\n" for i in range(n)),
    "aliases": lambda n: "- &a x\n" + "- *a\n" * n,
    "tags": lambda n: "%TAG !a! tag:a\n---\n" + "- !a!x y\n" * n,
    "JSON escapes": lambda n: '"' + "\\u00e9" * n + '"',
    "JSON wide text": lambda n: '"' + "é" * n * 5 + '"',
    "JSON long number": lambda n: "[" + "1" * n * 5 + "]",
}


def cpu_seconds(doc_tool, path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert doc_tool.text("load", "auto", path) is not None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime


@pytest.mark.parametrize("name", SHAPES)
def test_time_is_linear(doc_tool, tmp_path, name):
    """Eight times the input may take sixteen times as long, never sixty-four times."""
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_text(SHAPES[name](8000))
    large.write_text(SHAPES[name](64000))
    floor = 0.02  # below this, the clock and the start of the program are all one sees
    quick = max(floor, cpu_seconds(doc_tool, small))
    assert cpu_seconds(doc_tool, large) < 16 * quick + 0.1
