# SPDX-License-Identifier: Apache-2.0
"""cnsctl recipe list: compared with recipes/ as read by hand, and what it says of recipes that are not sound."""

import itertools
import json

import pytest

from support import recipe_data as data

HEAD = "apiVersion: cns.nvidia.com/v1alpha1\nkind: {kind}\n"


@pytest.fixture
def listed(cnsctl):
    def run(*options, exit=0):
        return json.loads(cnsctl("recipe", "list", "-t", "json", *options, exit=exit).stdout)["recipes"]

    return run


def test_every_overlay_with_criteria_is_listed(listed):
    bases = {spec.get("base") for spec in data.overlays().values()}
    expected = sorted(name for name, spec in data.overlays().items()
                      if name != "base" and (spec.get("criteria") is not None or name not in bases))
    rows = listed()
    assert [row["name"] for row in rows] == expected
    assert len(rows) > 20


def test_a_row_tells_what_the_recipe_is(listed):
    for row in listed():
        query = {field: value for field, value in row["criteria"].items() if value != "any"}
        assert query == data.criteria(row["name"])
        assert row.get("maturity") == data.document(f"overlays/{row['name']}.yaml")["metadata"].get("maturity")
        constraints, components = data.resolve(query)
        assert row["components"] == sorted(components) and row["componentCount"] == len(components)
        profiles = data.profiles(data.applied(query))
        assert row.get("profiles", []) == [{"name": name, "default": default, "values": list(values)}
                                           for name, (default, values) in profiles.items()]
        assert row["constraintCount"] == len(constraints)
        assert row["health"] == {"status": "sound", "resolves": True, "pinned": True, "chartsKnown": True,
                                 "constraintsParse": True, "filesPresent": True}
        assert row["isLeaf"] == (row["name"] not in {spec.get("base") for spec in data.overlays().values()})


def test_what_is_validated_is_what_the_recipe_says(cnsctl, listed):
    rows = listed("--accelerator", "h100")
    assert len(rows) > 5
    for row in rows:
        query = [f"--{field}={value}" for field, value in row["criteria"].items()]
        recipe = json.loads(cnsctl("recipe", *query, "-t", "json").stdout)
        assert row["validated"] == {phase: {"checks": len(items.get("checks", [])),
                                            "constraints": len(items.get("constraints", []))}
                                    for phase, items in recipe["validation"].items()}


@pytest.mark.parametrize("options,field,value", [
    (["--service", "aws"], "service", "eks"), (["--gpu", "H100"], "accelerator", "h100"),
    (["--intent", "inference"], "intent", "inference"), (["--os", "cos"], "os", "cos"),
    (["--platform", "dynamo"], "platform", "dynamo"), (["--service", "any"], "service", "any")])
def test_filters(listed, options, field, value):
    rows = listed(*options)
    assert rows == [row for row in listed() if row["criteria"][field] == value] and rows


def test_table(cnsctl):
    output = cnsctl("recipe", "list", "--service", "gke", "--platform", "kubeflow").stdout.splitlines()
    assert output[0].split() == ["NAME", "SERVICE", "ACCELERATOR", "INTENT", "OS", "PLATFORM", "MATURITY", "COMPONENTS",
                                 "HEALTH", "VALIDATED"]
    assert output[1].split()[:6] == ["h100-gke-cos-training-kubeflow", "gke", "h100", "training", "cos", "kubeflow"]
    assert len(output) == 2


@pytest.fixture
def catalog(tmp_path):
    folder = tmp_path / "catalog"
    (folder / "overlays").mkdir(parents=True)
    (folder / "registry.yaml").write_text(HEAD.format(kind="ComponentRegistry") + """\
components:
  - {name: a, displayName: A, helm: {defaultRepository: "https://a.example", defaultChart: a, defaultVersion: v1.0.0}}
""")

    def overlay(name, spec, maturity="supported"):
        (folder / f"overlays/{name}.yaml").write_text(
            HEAD.format(kind="RecipeMetadata") + f"metadata: {{name: {name}, maturity: {maturity}}}\nspec: {spec}\n")

    overlay("base", "{componentRefs: [{name: a}]}")
    return overlay


@pytest.mark.parametrize("spec,broken,problem", [
    ("{criteria: {service: eks}, componentRefs: [{name: a, version: '^1'}]}", "pinned", "a has no pinned version"),
    ("{criteria: {service: eks}, componentRefs: [{name: b, version: v1.0.0}]}", "chartsKnown", "b names no chart"),
    ("{criteria: {service: eks}, constraints: [{name: K8s.server.version, value: '>= '}]}", "resolves", ">="),
    ("{criteria: {service: eks}, componentRefs: [{name: a, valuesFile: components/a/no.yaml}]}", "resolves",
     "components/a/no.yaml"),
    ("{criteria: {service: eks}, componentRefs: [{name: a, dependencyRefs: [b]}]}", "resolves", "'b'"),
    ("{base: base}", "resolves", "no criteria"),
])
def test_what_is_not_sound_is_told(cnsctl, listed, catalog, spec, broken, problem):
    catalog("one", spec)
    (row,) = listed("--catalog", "catalog")
    health = row["health"]
    assert health["status"] == "broken" and health[broken] is False
    assert len(health["problems"]) == 1 and problem in health["problems"][0]
    table = cnsctl("recipe", "list", "--catalog", "catalog").stdout
    assert "broken" in table and problem in table


def test_constraints_of_predecessors_are_judged_here(listed, catalog, tmp_path):
    catalog("one", "{criteria: {service: eks}, constraints: [{name: K8s.server.version, value: '>= '}]}")
    for path in (tmp_path / "catalog/overlays").iterdir():
        path.write_text(path.read_text().replace("RecipeMetadata", "recipeMetadata"))
    (row,) = listed("--catalog", "catalog")
    assert row["health"]["resolves"] and not row["health"]["constraintsParse"] and row["health"]["status"] == "broken"


def test_maturity(cnsctl, listed, catalog):
    catalog("old", "{criteria: {service: eks}}")
    catalog("new", "{criteria: {service: gke}}", "preview")
    assert [row["name"] for row in listed("--catalog", "catalog", "--maturity", "preview")] == ["new"]
    assert listed("--catalog", "catalog")[1]["maturity"] == "supported"
    error = cnsctl("recipe", "list", "--catalog", "catalog", "--maturity", "preveiw", exit=2).stderr
    assert "did you mean 'preview'?" in error


def test_validated_is_told_by_the_first_letters_of_phases(cnsctl, listed):
    (row,) = [row for row in listed() if row["name"] == "h100-eks-ubuntu-training"]
    counts = [f"{phase[0].upper()}{counted['checks'] + counted['constraints']}"
              for phase, counted in row["validated"].items() if counted["checks"] + counted["constraints"]]
    line = next(line for line in cnsctl("recipe", "list").stdout.splitlines() if line.startswith("h100-eks-ubuntu-training "))
    assert line.endswith("  " + " ".join(counts)) and len(counts) >= 3


def possible():
    """All combinations that may work, by the second reading of the data."""
    fields = data.document("criteria.yaml")["fields"]
    words = {field: [value["name"] for value in fields[field]["values"] if value["name"] != "any"] for field in data.FIELDS}
    words["platform"].append(None)
    queries = [dict(zip(words, values)) for values in itertools.product(*words.values())]
    return [query for query in queries if not data.refusals(query)], len(queries)


def test_all_combinations(cnsctl):
    expected, total = possible()
    answer = json.loads(cnsctl("recipe", "list", "--combinations", "-t", "json").stdout)
    rows = answer["combinations"]
    key = lambda criteria: tuple(criteria[field] or "any" for field in data.FIELDS)
    assert sorted(key(row["criteria"]) for row in rows) == sorted(map(key, expected)) and len(rows) > 1000
    own = {key({**dict.fromkeys(data.FIELDS), **data.criteria(name)}): name for name in data.overlays()}
    for row in rows:
        name = own.get(key(row["criteria"]))
        assert row.get("recipe") == name
        if name:
            assert row["maturity"] == data.document(f"overlays/{name}.yaml")["metadata"]["maturity"] and "parts" not in row
        else:
            query = {field: value for field, value in row["criteria"].items() if value != "any"}
            assert row["maturity"] == "preview" and set(row["parts"]) <= set(data.matching(query))
            covered = {name for part in row["parts"] for name in data.chain(part)}
            assert {name for name in data.matching(query) if data.criteria(name)} <= covered
    made = sum("recipe" in row for row in rows)
    assert answer["summary"] == {"count": len(rows), "own": made, "byRule": len(rows) - made, "refused": total - len(rows)}
    assert made > 20


def test_filters_of_combinations(cnsctl):
    rows = json.loads(cnsctl("recipe", "list", "--combinations", "--service", "google", "--gpu", "h100", "--platform", "any",
                             "--maturity", "supported", "-t", "json").stdout)["combinations"]
    assert [row["recipe"] for row in rows] == ["h100-gke-cos-training", "h100-gke-cos-inference"]
    table = cnsctl("recipe", "list", "--combinations", "--service", "oke", "--gpu", "l40s", "--os", "ubuntu").stdout
    assert "by rule: " in table and " cannot work" in table.splitlines()[-1]
    assert "did you mean 'preview'" in cnsctl("recipe", "list", "--combinations", "--maturity", "preveiw", exit=2).stderr


def test_options_alone_still_resolve(cnsctl):
    assert "kind: RecipeResult" in cnsctl("recipe", "--service", "eks").stdout
    assert "kind: RecipeResult" in cnsctl("--debug", "recipe", "--service=eks", "--intent", "training").stdout
    assert "RecipeList" in cnsctl("recipe", "--debug", "list", "-t", "yaml").stdout
