# SPDX-License-Identifier: Apache-2.0
"""The program resolves the embedded knowledge as a second, plain reading of recipes/ does, explains all of it, and makes
bundles of it."""

import itertools
import json
import os

import pytest
import yaml

from support import recipe_data as data

OVERLAYS = data.overlays()
BASES = {spec.get("base") for spec in OVERLAYS.values()}
LEAVES = sorted(name for name in OVERLAYS if name not in BASES and {"service", "platform"} & data.criteria(name).keys())
VALUES = {
    "service": [None, "eks", "gke", "aks"], "accelerator": [None, "h100", "gb200"],
    "intent": [None, "training", "inference"], "os": [None, "ubuntu", "cos", "amazonlinux"], "platform": [None, "kubeflow", "dynamo"],
}
QUERIES = [
    {field: value for field, value in zip(VALUES, values) if value} for values in itertools.product(*VALUES.values())
]


def meetings():
    """Queries over all values that any overlay names, chosen so that every two overlays which some query brings together
    are brought together by one of these: what one layer does to another is seen at least once, without all products."""
    criteria = {name: data.criteria(name).items() for name, spec in OVERLAYS.items() if "criteria" in spec}
    values = {field: [None, *sorted({dict(items)[field] for items in criteria.values() if field in dict(items)})]
              for field in VALUES}
    groups = {}
    for combination in itertools.product(*values.values()):
        query = {field: value for field, value in zip(values, combination) if value}
        if data.refusals(query):
            continue
        group = frozenset(name for name, items in criteria.items() if items <= query.items())
        groups.setdefault(group, query)
    chosen, seen = [], set()
    for group in sorted(groups, key=lambda group: (-len(group), sorted(group))):
        pairs = set(itertools.combinations_with_replacement(sorted(group), 2))
        if not pairs <= seen:
            chosen.append(groups[group])
            seen |= pairs
    return chosen


MEETINGS = meetings()


def options(query):
    return [word for field, value in query.items() for word in (f"--{field}", value)]


def written(value):
    """As the two readings can be compared: texts of scalars, because a reader of JSON no longer has them."""
    return json.loads(json.dumps(value))


def differences(cnsctl, query):
    refused = data.refusals(query)
    if refused:
        error = cnsctl("query", *options(query), "--selector", "", exit=2).stderr
        whys = [rule["why"] for rule in data.document("compatibility.yaml")["rules"] if rule["name"] in refused]
        assert all(why.strip(" .\n") in error for why in whys[:3]) and "hint: " in error
        return
    answer = json.loads(cnsctl("query", *options(query), "--selector", "", "--format", "json").stdout)
    constraints, components = data.resolve(query)
    assert answer["metadata"]["appliedOverlays"] == data.applied(query)
    assert {item["name"]: item["value"] for item in answer.get("constraints", [])} == {
        name: item["value"] for name, item in constraints.items()}
    assert answer["deploymentOrder"] == data.order(components)
    assert sorted(answer["components"]) == sorted(components)
    for name, component in components.items():
        told = answer["components"][name]
        entry = data.registry()[name]
        defaults = entry.get("helm", {})
        assert told["source"] == component.get("source", defaults.get("defaultRepository", "")), name
        assert told.get("version", "") == component.get("version", defaults.get("defaultVersion", "")), name
        assert told.get("tag", "") == component.get("tag", ""), name
        assert told.get("chart", "") == defaults.get("defaultChart", "").split("/")[-1], name
        if "defaultNamespace" in defaults:
            assert told["namespace"] == component.get("namespace", defaults["defaultNamespace"]), name
        assert told.get("values", {}) == written(data.values_of(component)), name


@pytest.mark.parametrize("service", VALUES["service"], ids=str)
@pytest.mark.parametrize("accelerator", VALUES["accelerator"], ids=str)
def test_every_combination_resolves_as_the_files_say(service, accelerator, cnsctl):
    """All combinations of criteria, those that no overlay knows included."""
    count = 0
    for query in QUERIES:
        if query and (query.get("service"), query.get("accelerator")) == (service, accelerator):
            differences(cnsctl, query)
            count += 1
    assert count >= 35


def test_meetings_reach_every_overlay():
    reached = {name for query in MEETINGS for name in data.applied(query)}
    assert reached == set(OVERLAYS)
    assert any({"aks", "inference-dynamo"} <= set(data.applied(query)) for query in MEETINGS)


@pytest.mark.parametrize("service", sorted({query.get("service", "none") for query in MEETINGS}))
def test_layers_that_meet_resolve_as_the_files_say(service, cnsctl):
    for query in MEETINGS:
        if query.get("service", "none") == service:
            differences(cnsctl, query)


@pytest.mark.parametrize("name", LEAVES)
def test_everything_is_explained(name, cnsctl):
    """Each value, pin and constraint of a leaf comes with a file, a line, a source and a reason."""
    query = data.criteria(name)
    for component in data.resolve(query)[1]:
        rows = json.loads(cnsctl("explain", *options(query), component, "--format", "json").stdout)
        assert rows
        for row in rows:
            fact = row["path"].split(".")[2]
            if row["path"].endswith(".values"):
                assert row["value"] == "{}"  # the chart's defaults, all of them
                continue
            if fact in ("type", "valuesFile", "manifestFiles", "preManifestFiles", "chart", "namespace", "path"):
                continue
            for step in [row, *row["overrode"]]:
                assert step.get("why") and step.get("source"), f"{row['path']}: {step}"
                assert step["file"].startswith("recipes/") and step["line"] > 0
    rows = json.loads(cnsctl("explain", *options(query), "--format", "json").stdout)
    limits = [row for row in rows if row["path"].startswith("constraints.")]
    assert limits and all(step["why"] and step["source"] for row in limits for step in [row, *row["overrode"]])


def test_a_fact_does_not_explain_a_file_that_replaces_another(cnsctl, tmp_path):
    folder = tmp_path / "data" / "components" / "nvidia-dra-driver-gpu"
    folder.mkdir(parents=True)
    (folder / "values.yaml").write_text("nvidiaDriverRoot: /elsewhere\n")
    (tmp_path / "data" / "registry.yaml").write_text(
        "apiVersion: cns.nvidia.com/v1alpha1\nkind: ComponentRegistry\ncomponents: []\n")
    query = [*options(data.criteria("h100-any")), "--format", "json"]
    row = json.loads(cnsctl("explain", *query, "nvidia-dra-driver-gpu:nvidiaDriverRoot").stdout)[0]
    assert row["value"] == "/run/nvidia/driver" and "driver container" in row["why"]
    row = json.loads(cnsctl("explain", *query, "--data", str(tmp_path / "data"),
                            "nvidia-dra-driver-gpu:nvidiaDriverRoot").stdout)[0]
    assert row["value"] == "/elsewhere" and not row.get("why")


@pytest.mark.parametrize("name", LEAVES)
def test_every_leaf_makes_a_bundle(name, cnsctl, tmp_path):
    query = data.criteria(name)
    cnsctl("recipe", *options(query), "--output", "recipe.yaml")
    cnsctl("bundle", "--recipe", "recipe.yaml", "--output", "bundle")
    components = {name: item for name, item in data.resolve(query)[1].items() if data.values_of(item).get("enabled", True)}
    for component in components.values():
        folder = tmp_path / "bundle" / component["name"]
        values = yaml.load((folder / "values.yaml").read_text(), data.StrictLoader) or {}
        assert written(values) == written(data.values_of(component)), component["name"]
        for path in folder.glob("*manifests/*.yaml"):
            objects = [item for item in yaml.load_all(path.read_text(), data.StrictLoader) if item]
            assert objects, f"{path} holds nothing"
            assert all(item["apiVersion"] and item["kind"] and item["metadata"]["name"] for item in objects)
    wanted = {f"{component['name']}/{folder}/{os.path.basename(path)}" for component in components.values()
              for key, folder in (("manifestFiles", "manifests"), ("preManifestFiles", "pre-manifests"))
              for path in component.get(key, [])}
    found = {path.relative_to(tmp_path / "bundle").as_posix() for path in tmp_path.glob("bundle/*/*manifests/*.yaml")}
    tuning = components.get("skyhook-customizations")
    off = {"skyhook-customizations/manifests/tuning.yaml"} if tuning and not data.values_of(tuning)["tuningEnabled"] else set()
    assert found == wanted - off


def test_a_switch_turns_tuning_on(cnsctl, tmp_path):
    cnsctl("recipe", *options(data.criteria("gb200-eks-ubuntu-training")), "--output", "recipe.yaml")
    cnsctl("bundle", "--recipe", "recipe.yaml", "--output", "bundle", "--set", "skyhookcustomizations:tuningEnabled=true",
           "--accelerated-node-selector", "pool=gpu", "--accelerated-node-toleration", "dedicated=gpu:NoSchedule")
    skyhook = yaml.safe_load((tmp_path / "bundle/skyhook-customizations/manifests/tuning.yaml").read_text())
    assert skyhook["kind"] == "Skyhook" and skyhook["spec"]["packages"]["profile"]["configMap"]["accelerator"] == "gb200"
    assert skyhook["spec"]["nodeSelectors"]["matchLabels"] == {"pool": "gpu"}
    assert [item["key"] for item in skyhook["spec"]["additionalTolerations"]] == ["dedicated"]
    operator = yaml.safe_load((tmp_path / "bundle/gpu-operator/values.yaml").read_text())
    assert "nodeSelector" not in operator["daemonsets"] and operator["daemonsets"]["tolerations"]
