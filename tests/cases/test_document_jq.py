# SPDX-License-Identifier: Apache-2.0
"""jq expressions give what the jq program gives, and a machine without libjq is told which package it lacks."""

import json
import subprocess

import pytest

from support.doc_tool import doc_tool  # noqa: F401

DOCUMENT = {"kind": "Snapshot", "measurements": [{"type": "OS", "n": 1.50, "x": None}, {"type": "GPU", "list": [3, 1, 2]}],
            "text": "é\n\"q\" \\ 😀", "big": 2 ** 53, "empty": {}, "flags": [True, False]}

PROGRAMS = [".", ".kind", ".measurements[] | .type", ".measurements | map(.n)", "[.. | scalars]", ".measurements[1].list | sort",
            "keys", "to_entries | map(.key)", ".text | ascii_downcase", "empty", "range(5)", ".missing", ".measurements[5]",
            "[paths | map(tostring) | join(\"/\")]", ".flags | any, all", "\"\\(.kind)-\\(.big)\"",
            ".measurements[] | select(.type == \"GPU\") | .list | add / length", "def f: . + 1; 1 | f | f", "{a: 1} * {a: {b: 2}}",
            "[limit(3; repeat(1))]", "1e1000", "-0", "@base64 \"x\\(.kind)\"", "try error(\"x\") catch ."]


@pytest.mark.parametrize("program", PROGRAMS)
def test_as_the_program_does(doc_tool, tool, tmp_path, program):
    path = tmp_path / "document.json"
    path.write_text(json.dumps(DOCUMENT))
    done = subprocess.run([tool("jq"), "-c", program, path], capture_output=True, check=True)
    expected = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert json.loads(doc_tool.text("jq", program, path)) == expected


# What speaks about the world outside of the document: an output or an error, and never a crash.
OUTSIDE = ["input", "inputs", "[inputs]", "first(inputs)", "debug", "debug | stderr", "input_filename", "input_line_number",
           "env | type", "$ENV | type", "now | type", "get_search_list", "import \"nothing\" as n; .", "include \"nothing\"; .",
           "modulemeta", "$__loc__", "$__prog_args", "halt", "\"x\" | halt_error(0)", "halt_error", "{} | halt_error(3)",
           "builtins | length > 10", "label $out | 1, break $out, 2", "error", "error(null)", "getpath([\"a\", 0])",
           "reduce range(100000) as $i (0; . + $i)", "[range(300)] | reduce .[] as $i (0; [.])", "infinite, nan, -infinite",
           "splits(\"a\")", "test(\"[\")", "ascii", "@uri", "ltrimstr(1)", "limit(-1; .)", "until(true; .)", "$undefined", "",
           "# comment", "...", "\\\\", "\"\\(1\"", "{(1): 2}", "tojson | fromjson", "\"[\" | fromjson", "strptime(\"%Y\")"]


@pytest.mark.parametrize("program", OUTSIDE)
def test_never_crashes(doc_tool, tmp_path, program):
    path = tmp_path / "document.json"
    path.write_text(json.dumps(DOCUMENT))
    done = doc_tool.run("jq", program, path)
    assert done.returncode == 0 or done.stderr.startswith((b"invalid: jq: ", b"limit: ")), done.stderr


def test_without_the_library(doc_tool, tmp_path):
    path = tmp_path / "document.json"
    path.write_text("{}")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "libjq.so.1").touch()
    done = doc_tool.run("jq", ".", path, env={"LD_LIBRARY_PATH": str(tmp_path / "lib")})
    assert done.returncode == 2
    assert done.stderr.startswith(b"unavailable: jq expressions need libjq") and b"libjq1" in done.stderr
    # Nothing else needs it.
    done = doc_tool.run("emit", "json", path, env={"LD_LIBRARY_PATH": str(tmp_path / "lib")})
    assert done.stdout == b"{}\n"
