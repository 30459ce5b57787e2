# SPDX-License-Identifier: Apache-2.0
"""The tool cache refuses what it was not told to trust, and builds nothing twice."""

import os
import shutil
import subprocess

import pytest


@pytest.fixture
def cache(root, tmp_path):
    """A copy of the script with a list and a cache of its own, and a `go` that records its calls."""
    for name in ("tool-cache.sh", "go-requirements.txt"):
        shutil.copy(root / "tools" / name, tmp_path)
    (tmp_path / "tool-cache.txt").write_text("# a comment\ntiny example.com/tiny v1.2.3 h1:good= ./cmd/tiny\n")
    module = tmp_path / "module"
    module.mkdir()
    (module / "go.mod").write_text("module example.com/tiny\n")
    fake = tmp_path / "bin" / "go"
    fake.parent.mkdir()
    fake.write_text(f"""#!/bin/bash
echo "$*" >>{tmp_path}/calls
case "$1 $2" in
"env GOVERSION") echo go1.99.0 ;;
"mod download") printf '{{\\n\\t"Path": "example.com/tiny",\\n\\t"Dir": "{module}",\\n\\t"Sum": "%s"\\n}}\\n' "${{FAKE_SUM:-h1:good=}}" ;;
build*) while [ "$1" != -o ]; do shift; done; printf '#!/bin/sh\\necho tiny\\n' >"$2"; chmod +x "$2" ;;
esac
""")
    fake.chmod(0o755)

    def run(*arguments, **extra):
        env = {**os.environ, "PATH": f"{fake.parent}:{os.environ['PATH']}", "CNS_TOOL_CACHE": str(tmp_path / "cache"),
               **extra}
        return subprocess.run(["bash", tmp_path / "tool-cache.sh", *arguments], env=env, capture_output=True, text=True,
                              check=False)

    run.calls = lambda: (tmp_path / "calls").read_text().count("build ") if (tmp_path / "calls").exists() else 0
    run.folder = tmp_path
    return run


def test_builds_once(cache):
    assert cache("path", "tiny").returncode == 1
    assert cache("build", "tiny").returncode == 0
    found = cache("path", "tiny")
    assert found.returncode == 0
    assert subprocess.run([found.stdout.strip()], capture_output=True, text=True, check=True).stdout == "tiny\n"
    assert cache("build", "tiny").returncode == 0
    assert cache.calls() == 1
    assert cache("list").stdout == "tiny v1.2.3 built\n"


def test_another_hash_is_refused(cache):
    done = cache("build", "tiny", FAKE_SUM="h1:evil=")
    assert done.returncode != 0
    assert "h1:evil=" in done.stderr and "expected h1:good=" in done.stderr
    assert cache.calls() == 0
    assert cache("path", "tiny").returncode == 1


def test_a_new_version_is_another_file(cache):
    cache("build", "tiny")
    old = cache("path", "tiny").stdout
    rows = cache.folder / "tool-cache.txt"
    rows.write_text(rows.read_text().replace("v1.2.3", "v1.2.4"))
    assert cache("path", "tiny").returncode == 1
    assert cache("build", "tiny").returncode == 0
    assert cache("path", "tiny").stdout != old


def test_an_unknown_name_lists_the_known(cache):
    done = cache("build", "huge")
    assert done.returncode == 1
    assert "huge: no such tool; there are: tiny" in done.stderr


def test_no_build_folder_is_left_behind(cache):
    cache("build", "tiny")
    assert not list((cache.folder / "cache").glob("build.*"))


GO_MOD = """module example.com/tiny

require (
	example.com/tiny/api v0.0.0
	example.com/other v1.0.0
)

require example.com/tiny/one v0.0.0

replace (
	example.com/tiny/api => ./staging/api
	example.com/tiny/unused => ../unused
	example.com/other => example.com/fork v1.0.1
)

replace example.com/tiny/one => ../one
"""


def test_siblings_come_as_published(cache):
    """Only what is required and replaced by a folder, in the version of the row; their hashes join go.sum."""
    rows = cache.folder / "tool-cache.txt"
    rows.write_text("tiny example.com/tiny v1.2.3 h1:good= ./cmd/tiny siblings=v0.2.3 -X main.version=v1.2.3 -X a=b\n")
    (cache.folder / "tool-cache.sum").write_text("example.com/tiny/api v0.2.3 h1:pinned=\n")
    (cache.folder / "module" / "go.mod").write_text(GO_MOD)
    (cache.folder / "module" / "go.sum").write_text("upstream\n")
    fake = cache.folder / "bin" / "go"
    fake.write_text(fake.read_text().replace("build*)", f"build*) cp go.sum {cache.folder}/sum-at-build;"))
    assert cache("build", "tiny").returncode == 0
    calls = (cache.folder / "calls").read_text().splitlines()
    assert [call for call in calls if call.startswith("mod edit")] == [
        "mod edit -require=example.com/tiny/api@v0.2.3 -replace=example.com/tiny/api=example.com/tiny/api@v0.2.3 "
        "-require=example.com/tiny/one@v0.2.3 -replace=example.com/tiny/one=example.com/tiny/one@v0.2.3"]
    assert any("-mod=readonly" in call and "-ldflags -s -w -X main.version=v1.2.3 -X a=b -o" in call for call in calls)
    assert (cache.folder / "sum-at-build").read_text() == "upstream\nexample.com/tiny/api v0.2.3 h1:pinned=\n"
    assert (cache.folder / "module" / "go.sum").read_text() == "upstream\n"

    built = cache("path", "tiny").stdout
    rows.write_text(rows.read_text().replace("a=b", "a=c"))  # another way of building is another file
    assert cache("path", "tiny").returncode == 1 and built


def test_siblings_without_replacements_are_refused(cache):
    (cache.folder / "tool-cache.txt").write_text("tiny example.com/tiny v1.2.3 h1:good= ./cmd/tiny siblings=v0.2.3\n")
    (cache.folder / "tool-cache.sum").write_text("")
    done = cache("build", "tiny")
    assert done.returncode == 1 and "siblings= has no place in its row" in done.stderr
    assert cache.calls() == 0
    (cache.folder / "tool-cache.txt").write_text("tiny example.com/tiny v1.2.3 h1:good= ./cmd/tiny -X=y\n")
    done = cache("build", "tiny")
    assert done.returncode == 1 and "where siblings=VERSION or tags=TAGS may stand" in done.stderr


def test_build_tags_are_passed_on(cache):
    rows = cache.folder / "tool-cache.txt"
    rows.write_text("tiny example.com/tiny v1.2.3 h1:good= ./cmd/tiny tags=small,fast -X a=b\n")
    assert cache("build", "tiny").returncode == 0
    calls = (cache.folder / "calls").read_text()
    assert "-tags small,fast -ldflags -s -w -X a=b -o" in calls
    rows.write_text(rows.read_text().replace("small,fast", "small"))
    assert cache("path", "tiny").returncode == 1  # other tags are another file
