# SPDX-License-Identifier: Apache-2.0
"""What a bundle says to Helm, asked of the real one: it reads every values.yaml to the same values as our own reader,
and a chart of our own renders through deploy.sh --dry-run."""

import base64
import hashlib
import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from support.doc_tool import doc_tool  # noqa: F401 (a fixture)

CHARTS = Path(__file__).resolve().parent / "charts"


def criteria_of(known):
    """Every combination of the criteria that overlays of the catalog name, as command line words."""
    for values in itertools.product(*known.values()):
        yield [word for name, value in zip(known, values) if value for word in (f"--{name}", value)]


KNOWN = {"service": ["eks", "gke"], "accelerator": ["h100", "gb200"], "intent": ["training", "inference"],
         "os": ["ubuntu", "cos"], "platform": [None, "kubeflow", "dynamo"]}
SAMPLE = [words for number, words in enumerate(criteria_of(KNOWN)) if number % 4 == 0]


def catalogs(shared):
    return [[]] + [["--catalog", str(path)] for path in sorted((shared / "data" / "catalogs").iterdir())
                   if (path / "registry.yaml").exists()]


def test_helm_reads_all_values(cnsctl, tool, doc_tool, shared, tmp_path):  # noqa: F811
    helm = tool("helm")
    files = {}
    bundles = 0
    for place, catalog in enumerate(catalogs(shared)):
        for number, words in enumerate(SAMPLE):
            done = cnsctl("recipe", *catalog, *words, exit=None)
            if not catalog and done.exit == 2 and "cannot work" in done.stderr:
                continue  # the predecessors know no such rules
            assert done.exit == 0, done.stderr
            recipe = done.stdout
            folder = tmp_path / f"bundle-{place}-{number}"
            cnsctl("bundle", "-r", "-", *catalog, "-o", folder, "--accelerated-node-selector", "gpu=true",
                   "--system-node-toleration", "system=yes:NoSchedule", "--workload-selector", "app=train", stdin=recipe)
            subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "checksums.txt"], cwd=folder, check=True)
            bundles += 1
            for path in folder.glob("*/values.yaml"):
                files.setdefault(hashlib.sha256(path.read_bytes()).hexdigest(), path)
    assert bundles >= 30
    assert len(files) >= 30
    paths = sorted(files.values())
    ours = doc_tool.load_many("yaml", paths)
    for path, (expected, error) in zip(paths, ours):
        assert error is None, f"{path}: {error}"
        done = subprocess.run([helm, "template", "x", CHARTS / "dump", "--values", path], capture_output=True, check=False)
        assert done.returncode == 0, f"{path}: {done.stderr.decode()}"
        found = json.loads(base64.b64decode(yaml.safe_load(done.stdout)["data"]["json"]))
        assert without_nulls(found) == without_nulls(expected), path


def without_nulls(value):
    """Helm drops some keys whose value is null: that is how defaults of a chart are taken away."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return value


POCKET = """
kind: RecipeResult
apiVersion: cns.nvidia.com/v1alpha1
metadata: {version: v1}
criteria: {service: eks}
componentRefs:
  - name: pocket
    type: Helm
    source: SOURCE
    chart: pocket
    version: 1.2.3
    namespace: pocket-space
    values: {image: {tag: "580.105.08"}, replicas: 2}
    registry:
      name: pocket
      nodeScheduling: {accelerated: {nodeSelectorPaths: [nodeSelector], tolerationPaths: [tolerations]}}
  - name: after
    type: Helm
    dependencyRefs: [pocket]
    values: {}
    manifests: [{path: m.yaml, text: "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: m}\\n"}]
"""


def path_with(tool, tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "helm").symlink_to(tool("helm"))
    return f"{programs}:/usr/bin:/bin"


@pytest.mark.parametrize("source", ["absolute", "file", "relative"])
def test_dry_run_renders_chart(cnsctl, tool, tmp_path, source):
    shutil.copytree(CHARTS / "pocket", tmp_path / "charts" / "pocket")
    where = {"absolute": f"{tmp_path}/charts", "file": f"file://{tmp_path}/charts", "relative": "../charts"}[source]
    cnsctl("bundle", "-r", "-", "-o", "out", "--set", "pocket:image.tag=570.10",
           "--accelerated-node-toleration", "dedicated=gpu:NoSchedule", stdin=POCKET.replace("SOURCE", where))
    done = subprocess.run(["out/deploy.sh", "--dry-run", "--context", "nowhere"], cwd=tmp_path, capture_output=True, text=True,
                          env={"PATH": path_with(tool, tmp_path), "HOME": str(tmp_path)}, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pocket: the chart renders with these values" in done.stdout
    assert "--kube-context nowhere" in done.stdout
    assert "dry run: nothing was changed" in done.stdout
    rendered = subprocess.run([tool("helm"), "template", "pocket", CHARTS / "pocket", "--values", tmp_path / "out/pocket/values.yaml"],
                              capture_output=True, check=True).stdout
    pod = yaml.safe_load(rendered)["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == "registry.example/pocket:570.10"
    assert pod["tolerations"] == [{"key": "dedicated", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"}]
    assert "nodeSelector" not in pod


def test_dry_run_fails_with_the_chart(cnsctl, tool, tmp_path):
    cnsctl("bundle", "-r", "-", "-o", "out", "--set-json", "pocket:image.tag=570.10", stdin=POCKET.replace("SOURCE", str(CHARTS)))
    done = subprocess.run(["out/deploy.sh", "--dry-run"], cwd=tmp_path, capture_output=True, text=True,
                          env={"PATH": path_with(tool, tmp_path), "HOME": str(tmp_path)}, check=False)
    assert done.returncode == 1
    assert "image.tag must be text" in done.stderr
    assert "wave 2" not in done.stdout


def test_commands_of_the_readme(cnsctl, tool, tmp_path):
    """The commands for installing by hand are those that Helm understands, also for components without a chart."""
    cnsctl("bundle", "-r", "-", "-o", "out", stdin=POCKET.replace("SOURCE", str(CHARTS)))
    readme = (tmp_path / "out" / "README.md").read_text()
    commands = [line for line in readme.split("## Installing by hand")[1].split("```")[1].splitlines() if line.startswith("helm ")]
    assert len(commands) == 1
    words = commands[0].replace("--install ", "--install --dry-run=client ").split()
    done = subprocess.run([tool("helm"), "template", *words[4:words.index("--wait")]], cwd=tmp_path / "out", capture_output=True,
                          check=False, env={**os.environ, "HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)["metadata"]["namespace"] == "pocket-space"
