# SPDX-License-Identifier: Apache-2.0
"""doc_tool, the document library as a program (tests/unit/doc_tool.c): found beside the program under test."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from support.program import ROOT


LSAN_OPTIONS = f"suppressions={ROOT}/tests/lsan.supp:print_suppressions=0"


def find_doc_tool():
    if os.environ.get("DOC_TOOL"):
        return Path(os.environ["DOC_TOOL"]).resolve()
    named = os.environ.get("CNSCTL")
    builds = [Path(named).resolve().parent.parent] if named else []
    builds += [ROOT / "build" / "test", ROOT / "build-dev"]
    for build in builds:
        if (build / "tests" / "unit" / "doc_tool").exists():
            return build / "tests" / "unit" / "doc_tool"
    pytest.fail("no doc_tool beside the program under test: build with -Dtests=true")
    return None


class DocTool:
    """Each call runs the program once; what it says on standard error is the failure."""

    def __init__(self):
        self.path = find_doc_tool()

    def run(self, *arguments, env=None):
        done = subprocess.run([self.path, *map(str, arguments)], capture_output=True, timeout=120, check=False,
                              env={**os.environ, "LSAN_OPTIONS": LSAN_OPTIONS, **(env or {})})
        assert done.returncode in (0, 2), f"{arguments}: status {done.returncode}: {done.stderr.decode()}"
        assert b"ERROR: " not in done.stderr or b"Sanitizer" not in done.stderr, done.stderr.decode()
        return done

    def text(self, *arguments):
        """Standard output, or None where the input was refused."""
        done = self.run(*arguments)
        return done.stdout if done.returncode == 0 else None

    def load_many(self, form, paths):
        """[(value, None) or (None, message)] of many files."""
        results = []
        paths = [str(path) for path in paths]
        for start in range(0, len(paths), 500):
            lines = self.run("load", form, *paths[start:start + 500]).stdout.decode().rstrip("\n").split("\n")
            for line in lines:
                refused = line.startswith("error ")
                results.append((None, line) if refused else (json.loads(line), None))
        assert len(results) == len(paths)
        return results


@pytest.fixture(scope="session")
def doc_tool():
    return DocTool()
