# SPDX-License-Identifier: Apache-2.0
"""The page of mended defects names what shows each of them: cases and tests that are there."""

import re

from support import program

PAGE = program.ROOT / "docs" / "predecessor-defects.md"


def rows():
    return [line.split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| ") and "](" in line]


def test_every_defect_has_a_test_that_exists():
    found = rows()
    assert len(found) >= 15
    for row in found:
        shown = row[2]
        links = re.findall(r"\]\(\.\./(tests/[^)]+)\)", shown)
        assert links, row
        for link in links:
            assert (program.ROOT / link).is_file(), link
        for function, file in re.findall(r"`(test_\w+)` in \[[^]]*\]\(\.\./([^)]+)\)", shown):
            text = (program.ROOT / file).read_text()
            assert f"def {function}(" in text or f"void {function}(" in text, function


def test_every_case_of_a_defect_is_on_the_page():
    page = PAGE.read_text()
    for case in sorted((program.ROOT / "tests" / "cases" / "defects").iterdir()):
        assert f"tests/cases/defects/{case.name}/case.yaml" in page, case.name
