# SPDX-License-Identifier: Apache-2.0
"""The knowledge under recipes/ is whole, consistent and explained; and charts know the values that it sets."""

import functools
import itertools
import json
import re
import sys

import jsonschema
import pytest
import referencing
import yaml

from support import program, recipe_data as data

SCHEMAS = program.ROOT / "api" / "schemas"
SCHEMA_OF_KIND = {
    "RecipeMetadata": "recipe-metadata",
    "RecipeMixin": "recipe-mixin",
    "ComponentRegistry": "component-registry",
    "CriteriaCatalog": "criteria-catalog",
    "GPUCatalog": "gpu-catalog",
    "InstanceCatalog": "instance-catalog",
    "ServiceCatalog": "service-catalog",
    "CompatibilityCatalog": "compatibility-catalog",
    "Catalog": "catalog",
    "ComponentFacts": "component-facts",
    "ComponentUpgrades": "component-upgrades",
    "TuningProfile": "tuning-profile",
    "TuningDelivery": "tuning-delivery",
    "MigrationMap": "migration-map",
    "DocumentFormats": "document-formats",
}
READ_BY_OTHERS = {"remediation.yaml"}  # its form is tested where it is read, by the tests of validate
MANIFESTS = data.files("components/*/manifests/*.yaml")
DOCUMENTS = [path for path in data.files("**/*.yaml") if path not in MANIFESTS]
OVERLAYS = data.overlays()
MIXINS = data.mixins()
LAYERS = {
    **OVERLAYS,
    **{f"mixin {name}": spec for name, spec in MIXINS.items()},
    **{f"{name} {spec['profile']['name']}={value}": body for name, spec in OVERLAYS.items()
       for value, body in spec.get("profile", {}).get("values", {}).items() if body},
}
REGISTRY = data.registry()
TEMPLATE_WORDS = {
    "if", "else", "end", "with", "range", "and", "or", "not", "eq", "ne", "index", "default", "toString", "toYaml",
    "nindent", "quote",
}


def leaf_names():
    """Overlays that nothing builds on and that name a service or a platform: what a user ends at."""
    bases = {spec.get("base") for spec in OVERLAYS.values()}
    return sorted(name for name in OVERLAYS if name not in bases
                  and {"service", "platform"} & data.criteria(name).keys())


def component_refs():
    return [(name, ref) for name, spec in LAYERS.items() for ref in spec.get("componentRefs", [])]


def constraints():
    """(layer, where, constraint) for every constraint, those of validation phases included."""
    for name, spec in LAYERS.items():
        for item in spec.get("constraints", []):
            yield name, "spec", item
        for phase, body in spec.get("validation", {}).items():
            for item in body.get("constraints", []):
                yield name, phase, item


# --- form ---


@pytest.mark.parametrize("path", data.files("**/*"))
def test_every_file_is_yaml_with_a_licence_line(path):
    assert path.endswith(".yaml"), "only YAML belongs here"
    text = (data.RECIPES / path).read_text()
    assert text.startswith("# SPDX-License-Identifier: Apache-2.0\n")
    assert text.endswith("\n") and "\t" not in text and not re.search(r"[ \t]+$", text, re.M)
    assert max(map(len, text.splitlines())) <= 160


@functools.cache
def validator(name):
    """The schemas refer to each other by the names of their files."""
    schemas = [json.loads(path.read_text()) for path in sorted(SCHEMAS.glob("*.json"))]
    registry = referencing.Registry().with_resources(
        (schema["$id"], referencing.Resource.from_contents(schema)) for schema in schemas)
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    return jsonschema.Draft202012Validator(schema, registry=registry)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documents_follow_their_schema(path):
    document = data.document(path)
    if re.fullmatch(r"components/[^/]+/(known-)?values[^/]*\.yaml", path):
        assert isinstance(document, dict)
        return
    kind = document["kind"]
    if path in READ_BY_OTHERS:
        assert document["apiVersion"] == "cns.nvidia.com/v1alpha1" and kind not in SCHEMA_OF_KIND
        return
    checker = validator(SCHEMA_OF_KIND[kind])
    checker.check_schema(checker.schema)
    problems = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in checker.iter_errors(document)]
    assert not problems


def test_schemas_refuse_what_they_must():
    """A schema that accepts everything would pass the test above."""
    schema = json.loads((SCHEMAS / "recipe-metadata.schema.json").read_text())
    overlay = json.loads(json.dumps(data.document("overlays/eks.yaml")))
    broken = [("spec", "constraints", 0, "why"), ("spec", "componentRefs", 0, "sources"), ("metadata", "name")]
    for path in broken:
        copy = json.loads(json.dumps(overlay))
        node = copy
        for step in path[:-1]:
            node = node[step]
        del node[path[-1]]
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(copy, schema)
    mixin = {**data.document("mixins/os-ubuntu.yaml"), "spec": {"constraints": [{"name": "a", "value": "1"}]}}
    with pytest.raises(jsonschema.ValidationError):
        validator("recipe-mixin").validate(mixin)
    overlay["spec"]["constraints"][0]["relax"] = True
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(overlay, schema)


def test_duplicate_keys_are_refused(tmp_path):
    file = tmp_path / "twice.yaml"
    file.write_text("a: 1\nb: {c: 1, c: 2}\n")
    with pytest.raises(yaml.YAMLError, match="duplicate key"):
        data.load(file)


# --- overlays ---


def test_no_overlay_is_made_for_what_cannot_work():
    assert not {name: data.refusals(data.criteria(name)) for name in OVERLAYS if data.refusals(data.criteria(name))}


def test_every_compatibility_rule_refuses_something_and_leaves_something():
    fields = {field: [None, *(value["name"] for value in data.document("criteria.yaml")["fields"][field]["values"]
                              if value["name"] != "any")] for field in data.FIELDS}
    broken, count = set(), 0
    for values in itertools.product(*fields.values()):
        refused = data.refusals({field: value for field, value in zip(fields, values) if value})
        broken.update(refused)
        count += not refused
    assert broken == {rule["name"] for rule in data.document("compatibility.yaml")["rules"]}
    assert count > 1000


def test_names_match_file_names():
    for path in data.files("overlays/*.yaml") + data.files("mixins/*.yaml"):
        assert data.document(path)["metadata"]["name"] == path.split("/")[1].removesuffix(".yaml")
    for path in [*data.files("components/*/facts.yaml"), *data.files("components/*/upgrades.yaml")]:
        assert data.document(path)["component"] == path.split("/")[1]


@pytest.mark.parametrize("name", sorted(OVERLAYS))
def test_chain_ends_at_the_base_and_narrows(name):
    steps = data.chain(name)
    assert steps[0] == "base"
    for parent, child in zip(steps, steps[1:]):
        assert data.criteria(parent).items() <= data.criteria(child).items(), f"{child} does not narrow {parent}"


@pytest.mark.parametrize("name", sorted(MIXINS))
def test_mixins_resolve_where_they_apply(name, cnsctl):
    """With every single value that a mixin says it is for, it gives a recipe, whatever else is open; without, none."""
    applies = MIXINS[name].get("appliesTo", {})
    query = {field: values[0] for field, values in applies.items()}
    for field, value in [(field, value) for field, values in applies.items() for value in values] or [("intent", "training")]:
        words = [word for pair in {**query, field: value}.items() for word in (f"--{pair[0]}", pair[1])]
        recipe = yaml.safe_load(cnsctl("recipe", *words, "--mixin", name).stdout)
        assert name in recipe["metadata"]["mixins"]
        _, components = data.resolve({**query, field: value}, [name])
        assert {item["name"] for item in recipe["componentRefs"]} == set(components)
    for field in applies:
        words = [word for pair in query.items() if pair[0] != field for word in (f"--{pair[0]}", pair[1])]
        refused = cnsctl("recipe", *words, *([] if words else ["--nodes", "1"]), "--mixin", name, exit=2)
        assert f"mixin '{name}' is for {field}" in refused.stderr


def profile_values():
    return [(name, profile, value) for name, spec in OVERLAYS.items() if "profile" in spec
            for profile, (_, values) in data.profiles(data.applied(data.criteria(name))).items() for value in values]


@pytest.mark.parametrize("name, profile, value", profile_values())
def test_every_value_of_a_profile_resolves_as_the_rules_say(name, profile, value, cnsctl):
    query = data.criteria(name)
    words = [word for pair in query.items() for word in (f"--{pair[0]}", pair[1])]
    answer = yaml.safe_load(cnsctl("query", *words, "--profile", f"{profile}={value}", "--selector", "").stdout)
    constraints, components = data.resolve(query, chosen={profile: value})
    assert answer["metadata"]["selectedProfile"]["value"] == value
    assert sorted(item["name"] for item in answer.get("constraints", [])) == sorted(constraints)
    for component in components.values():
        assert answer["components"][component["name"]].get("values", {}) == data.values_of(component)


@pytest.mark.parametrize("name, profile, value", profile_values())
def test_values_of_a_profile_set_the_same_paths(name, profile, value):
    """A path that one value sets and another leaves to what is below would change with that."""
    _, values = data.profiles(data.applied(data.criteria(name)))[profile]
    paths = {other: {(ref["name"], leaf) for ref in spec.get("componentRefs", []) for leaf in data.leaves(ref["overrides"])}
             for other, spec in values.items()}
    assert paths[value] == set.union(*paths.values())


@pytest.mark.parametrize("name, profile, value", profile_values())
def test_driver_and_its_root_go_together(name, profile, value):
    components = data.resolve(data.criteria(name), chosen={profile: value})[1]
    operator, dra, sentinel = (data.values_of(components[item])
                               for item in ("gpu-operator", "nvidia-dra-driver-gpu", "nvsentinel"))
    is_operators = operator["driver"]["enabled"]
    assert (dra["nvidiaDriverRoot"] == operator["hostPaths"]["driverInstallDir"]) or not is_operators
    assert (dra["nvidiaDriverRoot"] != "/run/nvidia/driver") or is_operators
    assert sentinel.get("labeler", {}).get("assumeDriverInstalled", False) is not is_operators
    advertiser = data.profiles(data.applied(data.criteria(name)))[profile][1][value]["advertiser"]
    assert operator["devicePlugin"]["enabled"] is (advertiser == "operator")


def test_mixins_that_exclude_each_other_exist(cnsctl):
    pairs = [(name, other) for name, spec in MIXINS.items() for other in spec.get("excludes", [])]
    assert pairs and {other for _, other in pairs} <= MIXINS.keys()
    for name, other in pairs:
        applies = {"nodes": ["1"], **MIXINS[other].get("appliesTo", {}), **MIXINS[name].get("appliesTo", {})}
        words = [word for field, values in applies.items() for word in (f"--{field}", values[0])]
        refused = cnsctl("recipe", *words, "--mixin", name, "--mixin", other, exit=2)
        assert "exclude each other" in refused.stderr


def test_mixins_that_overlays_name_are_there_and_for_them():
    for overlay, spec in OVERLAYS.items():
        for mixin in spec.get("mixins", []):
            applies = MIXINS[mixin].get("appliesTo", {})
            known = {field: value for name in data.chain(overlay) for field, value in data.criteria(name).items()}
            assert all(known.get(field) in values for field, values in applies.items()), f"{overlay}: {mixin}"


def test_criteria_are_known_and_unlike():
    catalog = data.document("criteria.yaml")["fields"]
    for name in OVERLAYS:
        for field, value in data.criteria(name).items():
            assert value in {item["name"] for item in catalog[field]["values"]}, f"{name}: {field} {value}"
    seen = {}
    for name, spec in OVERLAYS.items():
        if "criteria" in spec:
            key = tuple(sorted(data.criteria(name).items()))
            assert key not in seen, f"{name} and {seen[key]} hold for the same criteria"
            seen[key] = name


@pytest.mark.parametrize("name", leaf_names())
def test_leaves_resolve(name):
    _, components = data.resolve(data.criteria(name))
    for component in components.values():
        assert component["name"] in REGISTRY
        for dependency in component.get("dependencyRefs", []):
            assert dependency in components, f"{component['name']} needs {dependency}"
    assert len(data.order(components)) == len(components)
    assert not [item for item in components.values() if item["type"] == "Kustomize" and "tag" not in item]


@pytest.mark.parametrize("name", sorted(OVERLAYS))
def test_every_overlay_resolves_by_itself(name):
    _, components = data.resolve(data.criteria(name))
    assert set(itertools.chain(*(item.get("dependencyRefs", []) for item in components.values()))) <= set(components)


def test_pins_agree_with_the_registry():
    """One version set: an overlay that pinned another version would have to say so in the registry too."""
    for name, ref in component_refs():
        entry = REGISTRY[ref["name"]]
        kind = "kustomize" if ref["type"] == "Kustomize" else "helm" if "helm" in entry else "manifest"
        assert kind in entry, f"{name}: {ref['name']} is not a {ref['type']} component"
        pairs = {"helm": [("source", "defaultRepository"), ("version", "defaultVersion"), ("chart", "defaultChart")],
                 "kustomize": [("source", "defaultSource"), ("tag", "defaultTag"), ("path", "defaultPath")],
                 "manifest": [("namespace", "defaultNamespace")]}[kind]
        for own, default in pairs:
            if own in ref:
                assert ref[own] == entry[kind][default], f"{name}: {ref['name']} {own}"


def test_override_keys_are_unique():
    keys = [key for entry in REGISTRY.values() for key in (entry["name"], *entry.get("valueOverrideKeys", []))]
    assert len(keys) == len(set(keys))


# --- constraints ---

OPERATOR = re.compile(r"(>=|<=|==|!=|>|<)\s*(\S+)")


def bounds(value):
    """[(operator, (numbers))] of a version bound or a range of two, or None for an exact text."""
    matches = [OPERATOR.fullmatch(part.strip()) for part in value.split(",")]
    if None in matches:
        return None
    versions = [re.sub(r"[-+].*", "", match.group(2).removeprefix("v")) for match in matches]
    return [(match.group(1), tuple(map(int, version.split(".")))) for match, version in zip(matches, versions)]


def test_constraints_parse():
    for overlay, where, item in constraints():
        value = item["value"]
        assert isinstance(value, str), f"{overlay}: {item['name']} is not text"
        if OPERATOR.match(value):
            assert bounds(value), f"{overlay}: {value}"
        if where == "spec":
            kind, subtype, key = item["name"].split(".", 2)
            assert kind in {"K8s", "OS", "GPU", "SystemD", "NodeTopology", "Fabric"} and subtype and key


def holds_back(old, new):
    """Whether whatever satisfies the bound new also satisfies the bound old."""
    if old[0] != new[0]:
        return False
    return new[1] >= old[1] if old[0] in (">=", ">") else new[1] <= old[1] if old[0] in ("<=", "<") else new == old


def weakens(parent, child):
    old, new = bounds(parent), bounds(child)
    if old is None or new is None:
        return parent != child
    return not all(any(holds_back(one, other) for other in new) for one in old)


@pytest.mark.parametrize("name", sorted(OVERLAYS))
def test_no_overlay_weakens_another_silently(name):
    """Not only along the chain: no order in which matching overlays merge may lower what one of them demands."""
    def of(overlay):
        groups = []
        for spec in data.contents([overlay], set()):
            groups.append(("spec", spec.get("constraints", [])))
            groups += [(phase, body.get("constraints", [])) for phase, body in spec.get("validation", {}).items()]
        return {(where, item["name"]): item for where, items in groups for item in items}

    mine = of(name)
    for other in data.applied(data.criteria(name)):
        if other == name:
            continue
        for key, item in of(other).items():
            if key in mine and not mine[key].get("relax"):
                assert not weakens(item["value"], mine[key]["value"]), f"{name} lowers {key[1]} of {other}"


def test_weakening_is_recognised():
    assert weakens(">= 1.34", ">= 1.32.4") and not weakens(">= 1.32", ">= 1.32.4")
    assert weakens("ubuntu", "rhel") and not weakens("ubuntu", "ubuntu") and weakens(">= 1.2", "1.2")
    assert not weakens(">= 1.34", ">= 1.34.1, < 1.36") and weakens(">= 1.34, < 1.36", ">= 1.34")


# --- explanations ---


@pytest.mark.parametrize("component", sorted(REGISTRY))
def test_every_value_is_explained(component):
    """Each value of a file, and each override, is covered by a fact; and each fact is about a value."""
    known = data.facts(component)
    used = set()
    places = {path.split("/")[2]: list(data.leaves(data.document(path) or {}))
              for path in data.files(f"components/{component}/values*.yaml")}
    overrides = {leaf for _, ref in component_refs() if ref["name"] == component
                 for leaf in data.leaves(ref.get("overrides", {})) if leaf}
    for file, paths in places.items():
        for leaf in paths:
            found = [index for index, fact in enumerate(known)
                     if data.covers(fact["path"], leaf) and fact.get("file", file) == file]
            assert found, f"{file}: {leaf} has no fact"
            used.update(found)
    for index, fact in enumerate(known):
        reached = {leaf for leaf in overrides if data.covers(fact["path"], leaf)} if "file" not in fact else set()
        assert index in used or reached or "notInChartValues" in fact, f"no value at {fact['path']}"
        assert fact.get("file", "values.yaml") in places or "file" not in fact, f"no file {fact.get('file')}"
    pairs = [(fact["path"], fact.get("file")) for fact in known]
    assert len(pairs) == len(set(pairs)), "two facts about one path"


def test_explanations_say_something():
    texts = [fact["why"] for name in REGISTRY for fact in data.facts(name)]
    texts += [item["why"] for _, _, item in constraints()] + [ref["why"] for _, ref in component_refs()]
    assert not [text for text in texts if len(text) < 12 or text.lower().startswith(("todo", "tbd", "see "))]


# --- files ---


def test_every_file_is_there_and_used():
    named = set()
    for _, ref in component_refs():
        named.update(ref.get("manifestFiles", []) + ref.get("preManifestFiles", []))
        named.update([ref["valuesFile"]] if "valuesFile" in ref else [])
    present = set(data.files("**/*"))
    assert named <= present, f"missing: {sorted(named - present)}"
    expected = named | READ_BY_OTHERS | {"registry.yaml", "criteria.yaml", "compatibility.yaml", "catalog.yaml"} | set(data.files("hardware/*.yaml"))
    expected |= {path for folder in ("migrate", "mixins", "overlays", "tuning") for path in data.files(f"{folder}/*.yaml")}
    for component in REGISTRY:
        expected |= {f"components/{component}/{name}.yaml" for name in ("values", "facts", "known-values", "upgrades")}
    assert present <= expected, f"nothing refers to {sorted(present - expected)}"


def test_every_component_is_reachable():
    used = {ref["name"] for _, ref in component_refs()}
    assert not set(REGISTRY) - used, "a component that no overlay uses"


# --- manifests ---


@pytest.mark.parametrize("path", MANIFESTS)
def test_manifests_use_the_template_subset(path):
    strings = r'"(?:\\.|[^"\\])*"|`[^`]*`'
    for action in re.findall(rf"\{{\{{-?((?:{strings}|[^\"`])*?)-?\}}\}}", (data.RECIPES / path).read_text(), re.S):
        bare = re.sub(strings, "", action)
        words = re.findall(r"(?<![\w.$])[A-Za-z]\w*", bare)
        assert set(words) <= TEMPLATE_WORDS, f"{action.strip()}: {sorted(set(words) - TEMPLATE_WORDS)}"


def render(helm, folder, component, manifest, values):
    """The manifest as Helm's own template engine renders it."""
    chart = folder / "chart"
    (chart / "templates").mkdir(parents=True, exist_ok=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: manifests\nversion: 0.1.0\n")
    (chart / "values.yaml").write_text(yaml.safe_dump({component["name"]: values}))
    (chart / "templates" / "manifest.yaml").write_text((data.RECIPES / manifest).read_text())
    namespace = component.get("namespace") or REGISTRY[component["name"]].get("helm", {}).get("defaultNamespace")
    done = program.run_program(helm, ["template", "release", str(chart), "--namespace", namespace], folder, None, "",
                               60, False)
    assert done.exit == 0, done
    return [item for item in yaml.load_all(done.stdout, data.StrictLoader) if item], namespace


def schema_of(crd):
    versions = crd["spec"]["versions"]
    return {item["name"]: item["schema"]["openAPIV3Schema"] for item in versions if item["served"]}


def strict(schema):
    """A structural schema drops what it does not know; here that is an error."""
    if isinstance(schema, dict):
        schema = {key: strict(item) for key, item in schema.items()}
        if schema.get("type") == "object" and "properties" in schema and "additionalProperties" not in schema \
                and not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema["additionalProperties"] = False
        if schema.pop("x-kubernetes-int-or-string", False):
            schema["type"] = ["integer", "string"]
        if schema.pop("nullable", False) and isinstance(schema.get("type"), str):
            schema["type"] = [schema["type"], "null"]
        return schema
    return [strict(item) for item in schema] if isinstance(schema, list) else schema


@functools.cache  # some 50 MB of definitions
def stored_crds(shared):
    found = {}
    for path in [*shared.glob("data/crds/*.yaml"), *shared.glob("data/charts/*/crds/*.yaml")]:
        for item in yaml.load_all(path.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if isinstance(item, dict) and item.get("kind") == "CustomResourceDefinition":
                found[item["spec"]["group"], item["spec"]["names"]["kind"]] = schema_of(item)
    return found


@pytest.mark.parametrize("name", leaf_names())
def test_manifests_render_to_objects_that_their_definitions_accept(name, tool, shared, tmp_path):
    helm, crds = tool("helm"), stored_crds(shared)
    _, components = data.resolve(data.criteria(name))
    count = 0
    manifests = [path for item in components.values()
                 for path in item.get("manifestFiles", []) + item.get("preManifestFiles", [])]
    for component in components.values():
        for manifest in component.get("manifestFiles", []) + component.get("preManifestFiles", []):
            folder = tmp_path / f"{component['name']}-{count}"
            objects, namespace = render(helm, folder, component, manifest, data.values_of(component))
            for item in objects:
                count += 1
                assert item["apiVersion"] and item["kind"] and item["metadata"]["name"]
                assert item["metadata"].get("namespace") in (None, namespace)
                assert not any(key.startswith("helm.sh/hook") for key in item["metadata"].get("annotations", {}))
                group, _, version = item["apiVersion"].rpartition("/")
                if (group, item["kind"]) in crds:
                    schema = strict(crds[group, item["kind"]][version])
                    schema["properties"].update(metadata={"type": "object"}, apiVersion={}, kind={})
                    jsonschema.Draft202012Validator(schema).validate(item)
    assert count > 0 or not manifests


def test_tuning_appears_only_when_it_is_on(tool, tmp_path):
    query = data.criteria("gb200-eks-ubuntu-training")
    component = data.resolve(query)[1]["skyhook-customizations"]
    manifest = "components/skyhook-customizations/manifests/tuning.yaml"
    values = data.values_of(component)
    assert values["tuningEnabled"] is False
    assert render(tool("helm"), tmp_path, component, manifest, values)[0] == []
    objects, _ = render(tool("helm"), tmp_path, component, manifest, {**values, "tuningEnabled": True})
    assert [(item["kind"], item["metadata"]["name"]) for item in objects] == [("Skyhook", "tuning")]
    assert objects[0]["spec"]["nodeSelectors"]["matchLabels"], "an object without a selector reaches every node"
    short, _ = render(tool("helm"), tmp_path, component, manifest,
                      {**values, "tuningEnabled": True, "tunedEnabled": False})
    packages = short[0]["spec"]["packages"]
    assert all(set(item.get("dependsOn", {})) <= set(packages) for item in packages.values())


# --- charts ---


def chart_of(component, stored):
    helm = REGISTRY[component].get("helm")
    return stored.get(helm["defaultChart"].split("/")[-1]) if helm else None


def value_paths(component):
    """(path, value) of everything that we set or that placement flags would set."""
    sources = [data.document(path) or {} for path in data.files(f"components/{component}/values*.yaml")]
    sources += [ref.get("overrides", {}) for _, ref in component_refs() if ref["name"] == component]
    for source in sources:
        for leaf in set(data.leaves(source)) - {"enabled"}:  # the switch of every component, not a value of its chart
            value = source
            for step in leaf.split("."):
                value = value.get(step) if isinstance(value, dict) else None
            yield leaf, value
    entry = REGISTRY[component]
    places = [entry.get("nodeScheduling", {}), entry.get("podScheduling", {}),
              {"storageClassPaths": entry.get("storageClassPaths", [])}]
    while places:
        for value in places.pop().values():
            if isinstance(value, dict):
                places.append(value)
            else:
                yield from ((path, None) for path in value)


def test_charts_know_every_value(shared):
    """Stored charts are not always of the pinned version, so an exception may also mean that versions differ; each one
    is a fact with a reason (notInChartValues), and one that is no longer needed fails too."""
    stored = data.charts(shared / "data" / "charts")
    checked, problems, needed = 0, [], set()
    for component in REGISTRY:
        chart = chart_of(component, stored)
        excused = {fact["path"] for fact in data.facts(component) if "notInChartValues" in fact}
        for path, value in value_paths(component):
            if not path or path == "enabled":  # takes the component out, and is none of the chart's
                continue
            finding = chart.finding(path, value, stored) if chart else "no chart is stored"
            excuses = {item for item in excused if data.covers(item, path)}
            if finding and excuses:
                needed.update((component, item) for item in excuses)
            elif finding and finding not in ("subchart", "no chart is stored"):
                problems.append(f"{component} {path}: {finding}")
            elif finding is None:
                checked += 1
        if chart:
            problems += [f"{component} {item}: the exception is not needed" for item in excused
                         if (component, item) not in needed]
    assert not problems, "\n".join(problems)
    assert checked > 100


def test_unknown_chart_values_are_recognised(shared):
    chart = data.charts(shared / "data" / "charts")["gpu-operator"]
    assert chart.finding("driver.maxParallelUpgrades", 5) == "the chart has no driver.maxParallelUpgrades"
    assert chart.finding("driver.version.x", 1).startswith("driver.version is")
    assert chart.finding("driver.upgradePolicy.maxParallelUpgrades", 5) is None
    assert chart.finding("toolkit", "on") == "toolkit is a map in the chart"


@pytest.mark.parametrize("name", leaf_names())
def test_only_one_advertiser_and_one_driver_root(name):
    """Two advertisers hand a GPU out twice, and a driver root that is not the operator's breaks the first claim."""
    components = data.resolve(data.criteria(name))[1]
    operator, dra = (data.values_of(components[item]) for item in ("gpu-operator", "nvidia-dra-driver-gpu"))
    if operator.get("enabled") is False:
        instead = data.values_of(components["gpu-operator-ocp"])
        assert instead["devicePlugin"]["enabled"] is True and instead["driver"]["enabled"] is True
    assert dra["resources"]["gpus"]["enabled"] is False
    assert not dra.get("gpuResourcesEnabledOverride")
    if operator["driver"]["enabled"]:
        assert dra["nvidiaDriverRoot"] == operator["hostPaths"]["driverInstallDir"]
    assert operator["hostPaths"]["driverInstallDir"] != "/"
    assert operator["dcgm"]["enabled"] is True, "NVSentinel needs the host engine"
    assert operator["nfd"]["enabled"] is False and "nfd" in components
    assert operator["devicePlugin"]["enabled"] is (not {("service", "gke"), ("os", "cos")} <= data.criteria(name).items()
                                                   and data.criteria(name).get("os") != "bottlerocket")


def test_no_wildcard_toleration():
    def lists(value):
        if isinstance(value, dict):
            for item in value.values():
                yield from lists(item)
        elif isinstance(value, list):
            yield value
            for item in value:
                yield from lists(item)

    sources = [data.document(path) or {} for path in data.files("components/*/values*.yaml")]
    sources += [ref.get("overrides", {}) for _, ref in component_refs()]
    for source in sources:
        for items in lists(source):
            assert not [item for item in items if isinstance(item, dict) and item.get("operator") == "Exists"
                        and "key" not in item]
    placed = {path for entry in REGISTRY.values() for side in entry.get("nodeScheduling", {}).values()
              if isinstance(side, dict) for paths in side.values() for path in paths}
    assert not [path for path in placed if "node-exporter" in path], "node-exporter runs on every node"


# --- criteria and hardware ---


def test_criteria_names_are_unambiguous():
    catalog = data.document("criteria.yaml")
    for field, body in catalog["fields"].items():
        names = [name for value in body["values"] for name in (value["name"], *value.get("aliases", []))]
        assert len(names) == len(set(names)), field


def first_match(field, readings=None, model=""):
    words = re.findall(r"[a-z0-9]+", model.lower())
    for value in data.document("criteria.yaml")["fields"][field]["values"]:
        for rule in value.get("detect", []):
            reading = (readings or {}).get(rule.get("path"), "")
            phrases = [phrase.split() for phrase in rule.get("model", [])]
            if any(words[at:at + len(phrase)] == phrase for phrase in phrases for at in range(len(words))) \
                    or (reading and (rule.get("equals") == reading
                                     or ("contains" in rule and rule["contains"] in reading)
                                     or ("prefix" in rule and reading.startswith(rule["prefix"])))):
                return value["name"]
    return None


MODELS = {
    "NVIDIA GB200": "gb200", "NVIDIA GB300": "gb300", "NVIDIA B200": "b200", "NVIDIA H200": "h200",
    "NVIDIA H200 NVL": "h200", "NVIDIA H100 80GB HBM3": "h100", "NVIDIA-H100-80GB-HBM3": "h100",
    "NVIDIA GH200 480GB": "gh200", "NVIDIA H20": "h20", "NVIDIA A100-SXM4-80GB": "a100", "A100-PCIE-40GB": "a100",
    "NVIDIA L40S": "l40s", "NVIDIA L40": "l40", "NVIDIA L4": "l4", "NVIDIA A10G": "a10", "NVIDIA A30": "a30",
    "Tesla V100-SXM2-32GB": "v100", "Tesla T4": "t4", "NVIDIA B300 SXM6 AC": "b300",
    "NVIDIA RTX PRO 6000 Blackwell Server Edition": "rtx-pro-6000", "NVIDIA RTX A1000": None, "NVIDIA VR200": "vr200",
    "NVIDIA GeForce RTX 4090": None, "NVIDIA RTX A4000": None,
}


@pytest.mark.parametrize("model", MODELS)
def test_models_are_told_apart(model):
    assert first_match("accelerator", model=model) == MODELS[model]


def test_device_ids_are_told_apart():
    gpus = data.document("hardware/gpus.yaml")["gpus"]
    ids = [gpu["pci"] for gpu in gpus]
    assert len(ids) == len(set(ids)) and ids == sorted(ids)
    known = {value["name"] for value in data.document("criteria.yaml")["fields"]["accelerator"]["values"]}
    for gpu in gpus:
        assert gpu["accelerator"] in known
        assert first_match("accelerator", model=gpu["model"]) == gpu["accelerator"]


def test_instances_are_of_known_criteria():
    fields = data.document("criteria.yaml")["fields"]
    rows = data.document("hardware/instances.yaml")["instances"]
    pairs = [(row["service"], row["accelerator"]) for row in rows]
    assert len(pairs) == len(set(pairs))
    for field, names in (("service", {pair[0] for pair in pairs}), ("accelerator", {pair[1] for pair in pairs})):
        assert names <= {value["name"] for value in fields[field]["values"]}
    managed = {service for service, _ in pairs}
    for name in OVERLAYS:
        own = data.criteria(name)
        if own.get("service") in managed and "accelerator" in own:
            assert (own["service"], own["accelerator"]) in pairs, f"{name}: no machine of the service has the accelerator"


def test_services_tell_what_they_must_bring(shared):
    """Each service is there once; what it says of components is true of them and of their charts."""
    services = data.document("hardware/services.yaml")["services"]
    names = [value["name"] for value in data.document("criteria.yaml")["fields"]["service"]["values"] if value["name"] != "any"]
    assert sorted(row["name"] for row in services) == sorted(names)
    stored, checked = data.charts(shared / "data" / "charts"), 0
    for row in services:
        classes = {item["class"] for item in row["storage"]}
        for name, ref in component_refs():
            wanted = name in OVERLAYS and data.criteria(name).get("service") == row["name"] and ref.get("overrides", {}).get("prometheus", {})
            claim = ((wanted or {}).get("prometheusSpec", {}).get("storageSpec", {})).get("volumeClaimTemplate")
            assert not claim or claim["spec"]["storageClassName"] in classes, f"{name}: a class that {row['name']} does not have"
        for identity in row["identities"]:
            assert identity["component"] in REGISTRY
            assert not re.search(r"arn:aws|[0-9]{12}|subscriptions/", str(identity)), "an account is named"
            for way in identity["ways"]:
                if "valuePath" in way:
                    assert chart_of(identity["component"], stored).finding(way["valuePath"]) is None, way
                    checked += 1
    assert checked


def test_the_page_of_services_is_fresh():
    done = program.run_program(sys.executable, ["tools/services_page.py"], program.ROOT, None, "", 60, False)
    assert done.exit == 0, done
    assert done.stdout == (program.ROOT / "docs" / "services.md").read_text(), "run: tools/services_page.py > docs/services.md"


def test_every_overlay_tells_its_maturity():
    for path in data.files("overlays/*.yaml") + data.files("mixins/*.yaml"):
        assert data.document(path)["metadata"].get("maturity") in {"supported", "preview", "planned"}, path


def test_the_page_of_coverage_is_fresh():
    done = program.run_program(sys.executable, ["tools/coverage_page.py"], program.ROOT, None, "", 60, False)
    assert done.exit == 0, done
    page = (program.ROOT / "docs" / "coverage.md").read_text()
    assert done.stdout == page, "run: tools/coverage_page.py > docs/coverage.md"
    assert "| `h100-aks-training` supported" in page and "by rule" in page and "no such machine" in page


@pytest.mark.parametrize("label, name", [
    ("NVIDIA-GB200", "gb200"), ("NVIDIA-H100-80GB-HBM3", "h100"), ("NVIDIA-H200", "h200"), ("NVIDIA-L40S", "l40s"),
    ("NVIDIA-L40", "l40"), ("NVIDIA-A100-SXM4-80GB", "a100"), ("NVIDIA-RTX-A1000", None)])
def test_product_labels_are_told_apart(label, name):
    reading = {"NodeTopology.label.nvidia.com/gpu.product": f"{label}|node-1,node-2"}
    assert first_match("accelerator", reading) == name


SERVICES = [
    ({"K8s.server.version": "v1.33.5-eks-3025e55"}, "eks"),
    ({"K8s.server.version": "v1.31.1-gke.1337000"}, "gke"),
    ({"K8s.server.version": "v1.34.1", "K8s.node.provider-id": "azure:///subscriptions/x/virtualMachines/0"}, "aks"),
    ({"K8s.server.version": "v1.34.1", "K8s.node.provider": "aks"}, "aks"),
    ({"K8s.server.version": "v1.34.1", "NodeTopology.label.kubernetes.azure.com/cluster": "mc_x|node1"}, "aks"),
    ({"K8s.server.version": "v1.34.1", "K8s.node.provider-id": "ocid1.instance.oc1.iad.anuw"}, "oke"),
    ({"K8s.server.version": "v1.34.1", "K8s.node.provider": "oke"}, "oke"),
    ({"K8s.server.version": "v1.34.1", "K8s.node.provider-id": "kind://docker/kind/kind-worker"}, "kind"),
    ({"K8s.server.version": "v1.34.1"}, None),
    ({"K8s.server.version": "v1.34.1+k3s1"}, "k3s"),
    ({"K8s.server.version": "v1.34.1+rke2r1"}, "rke2"),
    ({"K8s.server.version": "v1.34.1+rke2r1", "K8s.node.provider-id": "aws:///us-east-1a/i-0"}, "rke2"),
    ({"K8s.server.version": "v1.36.3+k0s.0"}, "k0s"),
    ({"K8s.server.version": "v1.34.1", "NodeTopology.label.microk8s.io/cluster": "true|node1"}, "microk8s"),
    ({"K8s.server.version": "v1.32.9", "K8s.node.os-image": "Red Hat Enterprise Linux CoreOS 9.6"}, "ocp"),
    ({"K8s.server.version": "v1.32.9", "NodeTopology.label.node.openshift.io/os_id": "rhel|node1",
      "K8s.node.provider-id": "aws:///us-east-1a/i-0"}, "ocp"),
    ({"K8s.server.version": "v1.34.1", "K8s.node.provider-id": "linode://1234"}, "lke"),
    ({"K8s.server.version": "v1.34.1", "NodeTopology.label.lke.linode.com/pool-id": "7|node1"}, "lke"),
]


@pytest.mark.parametrize("readings, service", SERVICES)
def test_services_are_recognised(readings, service):
    assert first_match("service", readings) == service


@pytest.mark.parametrize("identifier, name", [
    ("ubuntu", "ubuntu"), ("amzn", "amazonlinux"), ("ol", "ol"), ("cos", "cos"), ("rhel", "rhel"), ("sles", "sles"),
    ("talos", "talos"), ("bottlerocket", "bottlerocket"), ("rhcos", "rhel"), ("sl-micro", "sles"), ("debian", None)])
def test_operating_systems_are_recognised(identifier, name):
    assert first_match("os", {"OS.release.ID": identifier}) == name
