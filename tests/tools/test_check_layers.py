# SPDX-License-Identifier: Apache-2.0
"""The layer check finds each kind of breach, and none in a clean tree."""

import subprocess
import sys

import pytest

HEADER = "// SPDX-License-Identifier: Apache-2.0\n#pragma once\n\n// What this is.\n"
SOURCE = "// SPDX-License-Identifier: Apache-2.0\n"


def check(root, folder):
    done = subprocess.run([sys.executable, root / "tools" / "check_layers.py", folder], capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout + done.stderr


def write(folder, files):
    for name, text in {"src/cnsctl.c": SOURCE, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize("files, message", [
    ({"src/base/a.c": SOURCE + '#include "doc/doc.h"\n'}, "src/base/a.c:2: \"doc/doc.h\": base may include only"),
    ({"src/model/a.c": SOURCE + '#include "io/source.h"\n'}, "model may include only"),
    ({"src/io/a.c": SOURCE + '\n#  include "model/tree.h"\n'}, "src/io/a.c:3:"),
    ({"src/recipe/a.c": SOURCE + '#include "bundle/plan.h"\n'}, "recipe may include only"),
    ({"src/cli/a.c": SOURCE + '#include "io/source.h"\n'}, "cli may include only"),
    ({"src/usecase/a.c": SOURCE + '#include "cli/command.h"\n'}, "usecase may include only"),
    ({"src/doc/a.c": SOURCE + '#include "doc.h"\n'}, "write the path from src/"),
    ({"src/doc/a.c": SOURCE + '#include "elsewhere/doc.h"\n'}, "no folder of the table"),
    ({"src/model/a.c": SOURCE + "#include <yaml.h>\n"}, "only src/doc may include"),
    ({"src/usecase/a.c": SOURCE + "#include <curl/curl.h>\n"}, "only src/io may include"),
    ({"src/collect/a.c": SOURCE + "#include <systemd/sd-bus.h>\n"}, "only src/io may include"),
    ({"src/cnsctl.c": SOURCE + "#include <jv.h>\n"}, "only src/doc may include"),
    ({"src/recipe/a.c": SOURCE + "#include <time.h>\n"}, "recipe is pure"),
    ({"src/bundle/a.c": SOURCE + 'int f(void) { return getenv("A") != 0; }\n'}, "getenv(): bundle is pure"),
    ({"src/base/a.h": SOURCE + "\n// Text.\n"}, "#pragma once is missing"),
    ({"src/base/a.h": SOURCE + "#pragma once\n#include <stddef.h>\n"}, "opening paragraph is missing"),
    ({"src/base/a.c": "int a;\n"}, "SPDX-License-Identifier"),
    ({"tools/a.sh": "#!/bin/sh\necho\n"}, "tools/a.sh:1:"),
])
def test_breach_is_found(root, tmp_path, files, message):
    write(tmp_path, files)
    code, output = check(root, tmp_path)
    assert code == 1
    assert message in output
    assert len(output.splitlines()) == 1


def test_clean_tree_passes(root, tmp_path):
    write(tmp_path, {
        "src/base/a.h": HEADER,
        "src/doc/a.c": SOURCE + '#include "doc/a.h"\n#include "base/a.h"\n#include <yaml.h>\n',
        "src/doc/a.h": HEADER,
        "src/bundle/a.c": SOURCE + '// getenv("A") and <time.h> are not used\nconst char *a = "open(x)";\n',
        "src/usecase/a.c": SOURCE + '#include "recipe/a.h"\n#include "io/a.h"\n',
        "tests/unit/a.c": SOURCE + '#include "usecase/a.h"\n#include "base/a.h"\n',
        "tests/cases/recipe/x/input.py": "no licence needed: this is a case's input\n",
        "tools/a.py": "#!/usr/bin/env python3\n" + SOURCE.replace("//", "#"),
    })
    assert check(root, tmp_path) == (0, "")


def test_this_tree_passes(root):
    assert check(root, root) == (0, "")


def test_folder_without_sources_is_an_error(root, tmp_path):
    code, output = check(root, tmp_path)
    assert code == 2 and "no src/" in output
