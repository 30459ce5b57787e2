# SPDX-License-Identifier: Apache-2.0
"""cnsctl migrate --to: documents between our format and those of the predecessors, there and back; and AICRConfig."""

import copy
import json
import re

import pytest
import yaml

from support import program
from support import recipe_data as data

OURS = "cns.nvidia.com/v1alpha1"
OTHERS = {"aicr.run/v1": "aicr.run/v1", "aicr.nvidia.com/v1alpha1": "aicr.nvidia.com/v1alpha1", "cnsctl": OURS}
CATALOGS = program.SHARED / "data" / "catalogs"
CONFIG = data.document("migrate/aicr-config.yaml")["spec"]


class Loader(yaml.SafeLoader):
    """Numbers stay as they are written: 24.10 and 24.1 are two values."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules
            if tag not in ("tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def load(text):
    return yaml.load(text, Loader=Loader)


@pytest.fixture
def convert(cnsctl, tmp_path):
    """convert(document, format) -> the converted document and the rows of the report."""

    def run(document, to, exit=0):
        (tmp_path / "in.yaml").write_text(document if isinstance(document, str) else yaml.safe_dump(document, sort_keys=False))
        done = cnsctl("migrate", "in.yaml", "--to", to, "--report", "json=report.json", exit=exit)
        return load(done.stdout), json.loads((tmp_path / "report.json").read_text())["results"], done

    return run


def without(document, path):
    """The document without what a path of the report names: "a.b[].c", "a[]{type: X}"."""
    steps = [step.replace("\0", ".") for step in path.replace("\\.", "\0").split(".")]

    def drop(node, steps):
        name, item = re.fullmatch(r"([^\[{]+)(\[\].*)?", steps[0]).groups()
        if not isinstance(node, dict) or name not in node:
            return
        chosen = re.fullmatch(r"\[\]\{(\w+): (.*)\}", item or "")
        if chosen:
            node[name] = [entry for entry in node[name] if entry.get(chosen[1]) != chosen[2]]
        elif len(steps) == 1:
            del node[name]
        elif name == "values" and steps[1] == "*":
            for value in node[name].values():
                drop(value, steps[2:])
        else:
            for child in node[name] if item else [node[name]]:
                drop(child, steps[1:])

    drop(document, steps)


def reduced(document, rows):
    document = copy.deepcopy(document)
    for row in rows:
        if row["cause"] == "lost" and "is kept" not in row["message"]:
            without(document, row["name"])
    return document


def lost(rows):
    return {row["name"] for row in rows if row["cause"] == "lost"}


# --- ours, there and back ---


@pytest.fixture(params=[("eks", "h100", "training", "ubuntu"), ("gke", "h100", "inference", "cos"),
                        ("aks", "h100", "training", "ubuntu"), ("generic", "gb200", "training", "ubuntu")],
                ids=lambda words: "-".join(words))
def recipe(request, cnsctl):
    service, accelerator, intent, system = request.param
    return load(cnsctl("recipe", "--service", service, "--gpu", accelerator, "--intent", intent, "--os", system).stdout)


@pytest.mark.parametrize("to", OTHERS)
def test_a_recipe_comes_back_but_for_what_is_reported(convert, recipe, to):
    theirs, rows, _ = convert(recipe, to)
    has_profile = to == "aicr.run/v1" and "selectedProfile" in recipe["metadata"]
    assert theirs["apiVersion"] == ("aicr.run/v1beta2" if has_profile else OTHERS[to])
    assert theirs["kind"] == ("recipeResult" if to == "cnsctl" else "RecipeResult")
    back, rows_back, _ = convert(theirs, OURS)
    assert lost(rows_back) == set(), "ours holds all that theirs does"
    assert back == reduced(recipe, rows)
    assert {"constraints[].why", "componentRefs[].why"} <= lost(rows)


@pytest.mark.parametrize("to", OTHERS)
def test_what_came_back_makes_the_same_bundle(cnsctl, convert, recipe, to, tmp_path):
    theirs, rows, _ = convert(recipe, to)
    back, _, _ = convert(theirs, OURS)
    if "tuning" in lost(rows):  # told, because manifests may need it
        back["tuning"] = recipe["tuning"]
    for name, document in (("one", recipe), ("two", back)):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(document))
        cnsctl("bundle", "-r", f"{name}.yaml", "-o", name)
    for values in (tmp_path / "one").glob("*/values.yaml"):
        assert values.read_text() == (tmp_path / "two" / values.parent.name / "values.yaml").read_text()


@pytest.mark.parametrize("to", ["aicr.run/v1", "aicr.nvidia.com/v1alpha1"])
@pytest.mark.parametrize("path", data.files("overlays/*.yaml")[::7] + data.files("mixins/*.yaml") + ["registry.yaml"])
def test_knowledge_comes_back_but_for_what_is_reported(cnsctl, convert, to, path):
    text = (data.RECIPES / path).read_text()
    if path.startswith("mixins/") and to != "aicr.run/v1":
        assert "no document like this RecipeMixin" in cnsctl("migrate", data.RECIPES / path, "--to", to, exit=2).stderr
        return
    theirs, rows, _ = convert(text, to)
    back, _, _ = convert(theirs, OURS)
    assert back == reduced(load(text), rows)


@pytest.mark.parametrize("to", OTHERS)
def test_a_snapshot_comes_back_but_for_what_is_reported(cnsctl, convert, to):
    snapshot = load(cnsctl("snapshot", "--exclude", "systemd,gpu").stdout)
    theirs, rows, _ = convert(snapshot, to)
    back, _, _ = convert(theirs, OURS)
    assert back == reduced(snapshot, rows)
    assert {"collectors", "metadata.redaction"} <= lost(rows)
    assert {entry["type"] for entry in theirs["measurements"]} <= {"OS", "K8s", "SystemD", "GPU", "NodeTopology"}


def test_our_own_format_changes_nothing(convert, recipe):
    same, rows, _ = convert(recipe, OURS)
    assert same == recipe and [row["cause"] for row in rows] == ["carried"]


# --- theirs ---


@pytest.mark.parametrize("name", ["aicr-0.11.1", "cnsctl-0.31"])
def test_a_catalog_of_theirs_there_and_back(shared, cnsctl, tmp_path, name):
    source = "cnsctl" if name.startswith("cnsctl") else "aicr.nvidia.com/v1alpha1"
    cnsctl("migrate", CATALOGS / name, "--to", OURS, "-o", "ours", "--report", "json=report.json")
    cnsctl("migrate", "ours", "--to", source, "-o", "theirs")
    rows = json.loads((tmp_path / "report.json").read_text())["results"]
    assert {row["name"] for row in rows if row["status"] == "failed"} <= {"components[].healthCheck.assertFile"}
    for path in sorted((CATALOGS / name).rglob("*")):
        relative = path.relative_to(CATALOGS / name)
        if path.is_dir():
            continue
        ours, back = (tmp_path / "ours" / relative).read_text(), (tmp_path / "theirs" / relative).read_text()
        if relative.parts[0] not in ("overlays", "registry.yaml"):
            assert ours == back == path.read_text(), "what is no document stays as it is"
            continue
        own_rows = [row for row in rows if row["phase"] == str(relative)]
        assert load(back) == reduced(load(path.read_text()), own_rows)
        assert load(ours)["apiVersion"] == OURS and load(ours)["kind"] in ("RecipeMetadata", "ComponentRegistry")
        head = re.match(r"(#.*\n|\n)+", path.read_text())
        assert ours.startswith(head.group()), "the licence at the head of a file stays"


def test_what_resolves_differently_is_told(shared, cnsctl, tmp_path):
    """The report's own comparison, held against two runs of the program."""
    source = CATALOGS / "aicr-0.11.1"
    cnsctl("migrate", source, "--to", OURS, "-o", "ours", "--report", "json=report.json")
    rows = json.loads((tmp_path / "report.json").read_text())["results"]
    told = {row["name"] for row in rows if row["phase"] == "results" and row["cause"] == "decision"}
    really = set()
    for path in (source / "overlays").glob("*.yaml"):
        criteria = yaml.safe_load(path.read_text())["spec"].get("criteria") or {}
        words = [f"--{field}={value}" for field, value in criteria.items() if value != "any"]
        if not words:
            continue
        before, after = (load(cnsctl("recipe", *words, "--catalog", folder).stdout) for folder in (source, "ours"))
        if {c["name"]: c["value"] for c in before.get("constraints", [])} != \
                {c["name"]: c["value"] for c in after.get("constraints", [])} \
                or before["componentRefs"] != after["componentRefs"]:
            really.add(path.stem)
    assert told == really and "h100-aks-training" in told
    aks = next(row for row in rows if row["name"] == "h100-aks-training")
    assert ">= 1.32.4 becomes >= 1.34" in aks["actual"]


def test_a_real_snapshot_of_theirs(shared, convert):
    text = (shared / "data/snapshots/h100.yaml").read_text()
    ours, rows, _ = convert(text, OURS)
    original = load(text)
    original["metadata"]["source-node"] = original["metadata"].pop("source")
    assert ours == original
    assert [row["name"] for row in rows if row["name"] != "comments"] == ["document", "metadata.source"]


AICR_RECIPE = {
    "kind": "RecipeResult", "apiVersion": "aicr.run/v1beta2",
    "metadata": {"version": "v0.22.0", "appliedOverlays": ["base", "aks"], "gpuDriverState": "absent",
                 "excludedOverlays": [{"name": "x", "reason": "mixin-constraint-failed"}],
                 "selectedProfile": {"name": "gpuStack", "value": "azure-managed", "ownedPaths": {"a": ["b"]}}},
    "criteria": {"service": "aks", "accelerator": "any", "intent": "any", "os": "any", "platform": "any"},
    "configuration": {"slurm": {"accounting": {"mode": "disabled"}}},
    "constraints": [{"name": "K8s.server.version", "value": ">= 1.34", "remediation": "Upgrade."}],
    "componentRefs": [{"name": "nfd", "type": "Helm", "source": "oci://x", "version": "0.19.0",
                       "preManifestFiles": ["components/nfd/manifests/a.yaml"], "healthCheckSkip": True}],
    "deploymentOrder": ["nfd"],
}


def test_a_newer_recipe_of_theirs(convert):
    ours, rows, _ = convert(AICR_RECIPE, OURS)
    assert ours["apiVersion"] == OURS and ours["metadata"]["excludedOverlays"] == ["x"]
    assert ours["componentRefs"][0]["preManifestFiles"] == ["components/nfd/manifests/a.yaml"]
    assert lost(rows) >= {"configuration", "metadata.gpuDriverState", "componentRefs[].healthCheckSkip"}
    back, _, _ = convert(ours, "aicr.run/v1")
    assert back["metadata"]["excludedOverlays"] == [{"name": "x", "reason": "constraint-failed"}]


@pytest.mark.parametrize("version", ["aicr.run/v1", "aicr.run/v1alpha2", "aicr.run/v1alpha3", "aicr.run/v1beta2"])
def test_every_version_of_theirs_is_read(convert, version):
    ours, _, _ = convert(dict(AICR_RECIPE, apiVersion=version), OURS)
    assert ours["kind"] == "RecipeResult"


def test_an_overlay_with_a_profile_gets_the_version_that_has_them(convert):
    overlay = {"apiVersion": "aicr.run/v1beta1", "kind": "RecipeMetadata", "metadata": {"name": "x"},
               "spec": {"criteria": {"service": "aks"}, "profile": {
                   "name": "p", "default": "a", "values": {"a": {"componentRefs": [], "constraints": []}}}}}
    same, _, _ = convert(overlay, "aicr.run/v1")
    assert same["apiVersion"] == "aicr.run/v1beta2"


@pytest.mark.parametrize("field, word, to", [
    ("service", "generic", "aicr.nvidia.com/v1alpha1"), ("accelerator", "h200", "cnsctl"), ("platform", "kserve", "aicr.run/v1")])
def test_a_word_that_they_do_not_have_is_told(convert, field, word, to):
    criteria = {"apiVersion": OURS, "kind": "RecipeCriteria", "metadata": {"name": "x"}, "spec": {field: word}}
    theirs, rows, done = convert(criteria, to)
    assert theirs["spec"] == {field: word} and lost(rows) == {f"spec.{field}"}
    assert f"has no word '{word}'" in done.stderr


def test_a_range_is_told(convert, recipe):
    recipe["constraints"][0]["value"] = ">= 1.30, < 1.34"
    _, rows, _ = convert(recipe, "aicr.run/v1")
    assert "constraints[].value" in lost(rows)


def test_keys_that_no_format_has(convert, recipe):
    recipe["metadata"]["mine.own"] = {"a": 1}
    theirs, rows, _ = convert(recipe, "aicr.run/v1")
    assert "mine.own" not in theirs["metadata"] and r"metadata.mine\.own" in lost(rows)


# --- folders, options, refusals ---


def test_a_folder_is_written_whole_and_only_over_its_own(shared, cnsctl, tmp_path):
    source = CATALOGS / "cnsctl-0.31"
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("x")
    cnsctl("migrate", source, "--to", OURS, "-o", "taken", exit=9)
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["mine.txt"]
    cnsctl("migrate", source, "--to", OURS, "-o", "taken", "--force")
    cnsctl("migrate", source, "--to", "cnsctl", "-o", "taken")
    assert load((tmp_path / "taken/overlays/eks.yaml").read_text())["kind"] == "recipeMetadata"
    assert "--output DIR" in cnsctl("migrate", source, "--to", OURS, exit=2).stderr


def test_our_knowledge_as_a_folder_of_theirs(cnsctl, tmp_path):
    cnsctl("migrate", data.RECIPES, "--to", "aicr.run/v1", "-o", "theirs", "--report", "json=report.json")
    rows = json.loads((tmp_path / "report.json").read_text())["results"]
    left_out = {row["phase"] for row in rows if row["name"] == "file"}
    assert {"criteria.yaml", "components/gpu-operator/facts.yaml", "migrate/cns-v1.yaml"} <= left_out
    written = {path.relative_to(tmp_path / "theirs").as_posix() for path in (tmp_path / "theirs").rglob("*") if path.is_file()}
    assert written == set(data.files("**/*")) - left_out | {".cnsctl-migrate"}
    summary = next(row for row in rows if row["name"] == "recipes")
    assert re.fullmatch(r"(\d+) of (\d+) are the same", summary["actual"])


def test_a_broken_file_of_a_folder_is_an_error(cnsctl, tmp_path):
    (tmp_path / "in/overlays").mkdir(parents=True)
    (tmp_path / "in/overlays/x.yaml").write_text("a: [\n")
    done = cnsctl("migrate", "in", "--to", OURS, "-o", "out", exit=2)
    assert "in/overlays/x.yaml:" in done.stderr and not (tmp_path / "out").exists()


@pytest.mark.parametrize("text, message", [
    ("a: 1\n", "cannot be converted"), ("kind: Pod\napiVersion: v1\n", "kind Pod and apiVersion v1"), ("- 1\n", "cannot be"),
    (f"kind: ValidationResult\napiVersion: {OURS}\n", "cannot be converted")])
def test_documents_that_cannot_be_converted(cnsctl, tmp_path, text, message):
    (tmp_path / "x.yaml").write_text(text)
    done = cnsctl("migrate", "x.yaml", "--to", "aicr.run/v1", exit=2)
    assert message in done.stderr and not done.stdout


def test_options_that_do_not_go_together(cnsctl, tmp_path):
    (tmp_path / "x.yaml").write_text("kind: Snapshot\napiVersion: aicr.run/v1\nmeasurements: []\n")
    assert "formats are cns.nvidia.com/v1alpha1" in cnsctl("migrate", "x.yaml", "--to", "helm", exit=2).stderr
    cnsctl("migrate", "x.yaml", "--to", OURS, "-t", "commands", exit=2)
    cnsctl("migrate", "x.yaml", "--to", OURS, "--data", ".", exit=2)
    cnsctl("migrate", "x.yaml", "--force", exit=2)
    assert "--to FORMAT" in cnsctl("migrate", "x.yaml", exit=2).stderr
    cnsctl("migrate", "x.yaml", "--to", OURS, "--fail-on", "failed,warning")
    assert json.loads(cnsctl("migrate", "-", "--to", OURS, "-t", "json",
                             stdin="kind: Snapshot\napiVersion: aicr.run/v1\n").stdout)["apiVersion"] == OURS


# --- AICRConfig ---

FULL = """apiVersion: aicr.run/v1beta1
kind: AICRConfig
spec:
  snapshot: {output: {path: s.yaml, format: yaml}, agent: {namespace: x}}
  recipe:
    criteria: {service: eks, accelerator: h100, intent: training, os: ubuntu, nodes: 4}
    output: {path: r.yaml}
    configuration: {slurm: {accounting: {mode: disabled}}}
  bundle:
    input: {recipe: r.yaml}
    output: {target: ./out}
    deployment: {deployer: helm, set: ["gpuoperator:driver.version=570.10"], vendorCharts: false}
    scheduling:
      systemNodeSelector: {pool: system}
      acceleratedNodeSelector: [pool=gpu]
      acceleratedNodeTolerations: ["dedicated=gpu:NoSchedule", {key: x}]
  validate: {input: {recipe: r.yaml, snapshot: s.yaml}, execution: {phases: [readiness], failOnError: false}}
  verify: {policy: {minTrustLevel: max}}
"""


@pytest.fixture
def config(cnsctl, tmp_path):
    def run(text, *options, exit=0):
        (tmp_path / "config.yaml").write_text(text)
        return cnsctl("migrate", "config.yaml", *options, exit=exit)

    return run


def test_a_configuration_of_theirs_becomes_commands(config, cnsctl, tmp_path):
    result = load(config(FULL).stdout)
    for line in result["commands"]:
        if "snapshot" in line.split()[:2]:
            line += " --exclude systemd"
        cnsctl(*re.sub(r"^cnsctl ", "", line).split())
    operator = load((tmp_path / "out/gpu-operator/values.yaml").read_text())
    assert operator["driver"]["version"] == "570.10"
    recipe = load((tmp_path / "r.yaml").read_text())
    assert recipe["criteria"] == {"service": "eks", "accelerator": "h100", "intent": "training", "os": "ubuntu",
                                  "platform": "any", "nodes": 4}
    found = {row["key"]: row for row in result["keys"]}
    assert found["verify.policy"]["verdict"] == found["snapshot.agent"]["verdict"] == "lost"
    assert found["bundle.deployment.vendorCharts"]["verdict"] == "off"
    assert found["bundle.scheduling.acceleratedNodeTolerations"]["verdict"] == "decision"
    assert len(found) == 23


def test_a_configuration_with_one_section_gives_one_command(config):
    result = load(config("kind: AICRConfig\nspec:\n  bundle: {input: {recipe: x.yaml}}\n").stdout)
    assert result["commands"] == ["cnsctl bundle --recipe x.yaml --output bundle"]


def test_every_key_of_a_configuration_is_known(config):
    """A file with every key of the map: each gets a row that is not unknown."""
    document = {}
    for entry in CONFIG["keys"]:
        node = document
        *path, last = entry["key"].split(".")
        for name in path:
            node = node.setdefault(name, {})
        node[last] = True if entry.get("type") == "boolean" else "word"
    result = load(config(yaml.safe_dump({"kind": "AICRConfig", "spec": document})).stdout)
    assert {row["key"] for row in result["keys"] if row["part"] == "keys"} == {entry["key"] for entry in CONFIG["keys"]}
    assert result["summary"]["unknown"] == 0


def test_an_unknown_key_of_a_configuration(config):
    done = config("kind: AICRConfig\nspec:\n  bundle: {deployment: {deployr: helm}}\n")
    assert "'bundle.deployment.deployer'" in done.stderr
    config("kind: AICRConfig\nspec: 3\n", exit=2)
    config("kind: AICRConfig\n", exit=2)
