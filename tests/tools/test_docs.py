# SPDX-License-Identifier: Apache-2.0
"""Documentation that cannot rot unseen: links resolve, every page can be found from the index."""

import re
import subprocess

import pytest

from support.program import ROOT

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.S | re.M)
INLINE_CODE = re.compile(r"`[^`\n]*`")


def pages():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
                            capture_output=True, text=True, check=True).stdout.split("\n")
    return [ROOT / name for name in listed
            if name and (ROOT / name).exists() and not name.startswith(("tests/cases/", "recipes/"))]


def prose(path):
    return INLINE_CODE.sub("", FENCE.sub("", path.read_text()))


def anchors(path):
    """The anchors of a page's headings, made as Git forges make them."""
    found = set()
    for line in FENCE.sub("", path.read_text()).splitlines():
        if line.startswith("#"):
            text = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
            found.add(text.replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_resolve(page):
    broken = []
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists():
            broken.append(f"{target}: no such file")
        elif anchor and path.suffix == ".md" and anchor not in anchors(path):
            broken.append(f"{target}: no such heading")
    assert not broken


def linked_from(page):
    return {(page.parent / target.partition("#")[0]).resolve() for target in LINK.findall(prose(page))}


def test_every_page_is_in_the_index():
    """The index lists every page of docs/; a folder's own README.md, which it lists, those of the folder."""
    missing = []
    for page in pages():
        if (ROOT / "docs") not in page.parents or page == ROOT / "docs" / "README.md":
            continue
        index = page.parent / "README.md" if page.name != "README.md" else page.parent.parent / "README.md"
        if page.resolve() not in linked_from(index):
            missing.append(f"{page.relative_to(ROOT)} in {index.relative_to(ROOT)}")
    assert not missing


def test_the_index_is_found_from_the_readme():
    assert "docs/README.md" in LINK.findall(prose(ROOT / "README.md"))
