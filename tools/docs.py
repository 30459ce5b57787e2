#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes every page that is made from data: docs/cli.md, docs/coverage.md, docs/services.md, docs/mixins.md, docs/components/ and,
once its tool is there, docs/tuning.md. Writes anew what commands print in pages that show them, where the charts beside the checkout are there.

--check writes nothing and fails when a page is not what the data says, or is there without data. --into has the pages
below another folder than the repository's. PREFIX narrows to pages whose path starts so. The program is $CNSCTL, or
build/cnsctl."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pages import component, component_index, knowledge, mixin_index

ROOT = knowledge.ROOT
PROGRAMS = {  # page -> the command that prints it
    "docs/cli.md": [os.environ.get("CNSCTL", str(ROOT / "build" / "cnsctl")), "help", "--markdown"],
    "docs/coverage.md": [sys.executable, str(ROOT / "tools" / "coverage_page.py")],
    "docs/services.md": [sys.executable, str(ROOT / "tools" / "services_page.py")],
    "docs/tuning.md": [sys.executable, str(ROOT / "tools" / "tuning_page.py")],
}

TOURS = {  # page whose commands are run -> the charts that it starts from
    "docs/contributing-recipes.md": ("jobset",),
}
CHARTS = Path(os.environ.get("CNS_SHARED", ROOT / ".." / "shared")) / "data" / "charts"


def text(lines):
    return "\n".join(lines).rstrip() + "\n"


def printed(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def pages():
    """path -> a function that gives the page's text."""
    found = {path: (lambda command=command: printed(command)) for path, command in PROGRAMS.items()
             if not command[-1].endswith(".py") or os.path.exists(command[-1])}
    for path, charts in TOURS.items():
        if all((CHARTS / chart).is_dir() for chart in charts):
            found[path] = lambda path=path, charts=charts: toured(path, charts)
    found["docs/components/README.md"] = lambda: text(component_index.page())
    found["docs/mixins.md"] = lambda: text(mixin_index.page())
    for name in knowledge.registry():
        found[f"docs/components/{name}.md"] = lambda name=name: text(component.page(name))
    return found


def toured(path, charts):
    """What the page would be with the output of its commands as it is now."""
    page = (ROOT / path).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "page.md"
        copy.write_text(page, encoding="utf-8")
        printed([sys.executable, str(ROOT / "tools" / "readme-tour.py"), "--write",
                 *(f"--with={CHARTS / chart}=charts/{chart}" for chart in charts), str(copy)])
        return copy.read_text(encoding="utf-8")


def left_over(root, found):
    return [path.relative_to(root).as_posix() for path in sorted((root / "docs" / "components").glob("*.md"))
            if path.relative_to(root).as_posix() not in found]


def refresh(root, prefixes, is_check):
    """The pages that were not what the data says; they are written unless it is a check."""
    found, stale = pages(), []
    for path, make in found.items():
        target = root / path
        if not path.startswith(prefixes):
            continue
        new = make()
        if target.exists() and target.read_text(encoding="utf-8") == new:
            continue
        stale.append(path)
        if not is_check:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(new, encoding="utf-8")
    for path in left_over(root, found):
        stale.append(path)
        if not is_check:
            (root / path).unlink()
    return stale


def main():
    parser = argparse.ArgumentParser(description="Write the pages that are made from data.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is stale")
    parser.add_argument("--into", type=Path, default=ROOT, metavar="DIR", help="the folder that holds docs/")
    parser.add_argument("prefixes", nargs="*", metavar="PREFIX", help="only pages whose path starts so")
    arguments = parser.parse_args()
    stale = refresh(arguments.into, tuple(arguments.prefixes) or ("",), arguments.check)
    for path in stale:
        print(f"{'stale' if arguments.check else 'written'}: {path}")
    if arguments.check and stale:
        print("run: make docs", file=sys.stderr)
    return 1 if arguments.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
