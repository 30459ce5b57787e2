# SPDX-License-Identifier: Apache-2.0
"""Reads recipes/ on its own, in the plainest way: no duplicate keys, chains of overlays, merged components, value paths.
It is the second opinion against which the program's own reading is held."""

import functools
import sys
from pathlib import Path

import yaml

from support import program

sys.path.insert(0, str(program.ROOT / "tools"))
import tuning_data  # noqa: E402

RECIPES = program.ROOT / "recipes"
FIELDS = ("service", "accelerator", "intent", "os", "platform")


class StrictLoader(yaml.SafeLoader):
    """YAML as PyYAML reads it, but a key that stands twice in a map is an error."""


def _strict_map(loader, node, deep=False):
    seen = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key!r}", key_node.start_mark)
        seen.add(key)
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _strict_map)


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, StrictLoader)


@functools.lru_cache(maxsize=None)
def document(relative):
    return load(RECIPES / relative)


def files(pattern="**/*"):
    return sorted(path.relative_to(RECIPES).as_posix() for path in RECIPES.glob(pattern) if path.is_file())


@functools.lru_cache(maxsize=None)
def overlays():
    """name -> spec."""
    return {document(file)["metadata"]["name"]: document(file)["spec"] for file in files("overlays/*.yaml")}


@functools.lru_cache(maxsize=None)
def mixins():
    """name -> spec."""
    return {document(file)["metadata"]["name"]: document(file)["spec"] for file in files("mixins/*.yaml")}


def profiles(names):
    """profile name -> (default, {value: spec}) of overlays in order: later ones add and replace values (null takes one
    away), and change the default."""
    found = {}
    for profile in (overlays()[name]["profile"] for name in names if "profile" in overlays()[name]):
        default, values = found.get(profile["name"], (None, {}))
        values = {**values, **profile.get("values", {})}
        found[profile["name"]] = (profile.get("default", default), {k: v for k, v in values.items() if v is not None})
    return found


def contents(names, seen):
    """The specs of overlays in order, before each the mixins that it names and that were not `seen` yet."""
    for name in names:
        for mixin in overlays()[name].get("mixins", []):
            if mixin not in seen:
                seen.add(mixin)
                yield mixins()[mixin]
        yield overlays()[name]


def layers(names, added=(), chosen=None):
    """All that is merged for overlays of these names: their contents, then the mixins that a user adds, then the chosen
    value of each profile."""
    seen = set()
    yield from contents(names, seen)
    yield from (mixins()[mixin] for mixin in dict.fromkeys(added) if mixin not in seen)
    for profile, (default, values) in profiles(names).items():
        yield values[(chosen or {}).get(profile, default)]


@functools.lru_cache(maxsize=None)
def registry():
    """name -> entry."""
    return {entry["name"]: entry for entry in document("registry.yaml")["components"]}


@functools.lru_cache(maxsize=None)
def facts(component):
    path = f"components/{component}/facts.yaml"
    return document(path)["facts"] if (RECIPES / path).exists() else []


@functools.lru_cache(maxsize=None)
def chain(name):
    """The overlay's ancestors, the base first, then itself."""
    names, known = [], overlays()
    while name and name != "base":
        assert name in known, f"unknown base {name}"
        assert name not in names, f"circular inheritance: {' -> '.join([*names, name])}"
        names.insert(0, name)
        name = known[name].get("base")
    return ["base", *names]


@functools.lru_cache(maxsize=None)
def criteria(name):
    found = overlays()[name].get("criteria") or {}
    return {field: value for field, value in found.items() if value not in ("any", "", None)}


def refusals(query):
    """Names of the rules of compatibility.yaml that the query breaks, by docs/recipe-format.md."""
    machines = {(row["service"], row["accelerator"]) for row in document("hardware/instances.yaml")["instances"]}
    found = []
    for rule in document("compatibility.yaml")["rules"]:
        if any(query.get(field) not in values for field, values in rule["when"].items()):
            continue
        stated = {field: query[field] for field in FIELDS if query.get(field)}
        broken = True
        if rule.get("needsMachine"):
            broken = "accelerator" in stated and (stated.get("service"), stated["accelerator"]) not in machines
        elif "only" in rule:
            broken = any(field in stated and stated[field] not in values for field, values in rule["only"].items())
        elif "not" in rule:
            broken = any(stated.get(field) in values for field, values in rule["not"].items())
        if broken:
            found.append(rule["name"])
    return found


def matching(query):
    """Overlays whose criteria the query fulfils, the least specific first, ties by name."""
    names = [
        name
        for name, spec in overlays().items()
        if spec.get("criteria") is not None
        and all(query.get(field) == value for field, value in criteria(name).items())
    ]
    return sorted(names, key=lambda name: (len(criteria(name)), name))


def applied(query):
    names = ["base"]
    for overlay in matching(query):
        names += [name for name in chain(overlay) if name not in names]
    return names


def merge(low, high):
    if not (isinstance(low, dict) and isinstance(high, dict)):
        return high
    merged = dict(low)
    for key, value in high.items():
        merged[key] = merge(low[key], value) if key in low else value
    return merged


def lower_bound(value):
    """(1, 32, 4) of ">= 1.32.4", or None for anything else."""
    words = value.split()
    return tuple(map(int, words[1].split("."))) if len(words) == 2 and words[0] == ">=" and words[1][0].isdigit() else None


def stricter(low, high):
    """The later constraint, but of two lower bounds the higher one, whoever brings it."""
    bounds = [lower_bound(item["value"]) for item in (low, high)]
    return low if None not in bounds and bounds[0] > bounds[1] and not high.get("relax") else high


def union(low, high):
    return [*low, *(item for item in high if item not in low)]


def resolve(query, added=(), chosen=None):
    """(constraints by name, components by name) of a query, added mixins and chosen values of profiles (name -> value),
    by the rules of docs/recipe-format.md."""
    constraints, components = {}, {}
    for spec in layers(applied(query), added, chosen):
        for item in spec.get("constraints", []):
            constraints[item["name"]] = stricter(constraints.get(item["name"], item), item)
        for ref in spec.get("componentRefs", []):
            components[ref["name"]] = merge_component(components.get(ref["name"], {}), ref)
    for ref in tuning_data.component_refs(query, components):
        components[ref["name"]] = merge_component(components[ref["name"]], ref)
    return constraints, components


def merge_component(low, high):
    merged = dict(low)
    for key, value in high.items():
        if key == "overrides":
            value = merge(merged.get(key, {}), value)
        elif key in ("manifestFiles", "preManifestFiles"):
            value = union(merged.get(key, []), value)
        merged[key] = value
    return merged


def values_of(component):
    """The values of a resolved component: the default file, under valuesFile, under overrides."""
    merged, default = {}, f"components/{component['name']}/values.yaml"
    for path in dict.fromkeys([default, component.get("valuesFile", default)]):
        if (RECIPES / path).exists():
            merged = merge(merged, document(path) or {})
    return merge(merged, component.get("overrides", {}))


def filled_in(recipe):
    """--set for each value that the registry says a user must fill in, where the recipe (a text) has it empty."""
    components = {item["name"]: values_of(item) for item in yaml.safe_load(recipe)["componentRefs"]}
    for name, values in components.items():
        for check in registry()[name].get("validations", []):
            for path in check.get("paths", []):
                value = values
                for step in path.split("."):
                    value = value.get(step) if isinstance(value, dict) else None
                if value == "":
                    yield from ("--set", f"{name}:{path}=given")


def order(components):
    """Topological, the smallest name of those that are ready first."""
    waiting = {name: set(item.get("dependencyRefs", [])) for name, item in components.items()}
    done = []
    while waiting:
        ready = sorted(name for name, needs in waiting.items() if needs <= set(done))
        assert ready, f"dependency cycle among {', '.join(sorted(waiting))}"
        done.append(ready[0])
        del waiting[ready[0]]
    return done


def leaves(value, prefix=""):
    """Dotted paths of everything that is not a non-empty map."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix


def covers(path, leaf):
    return leaf == path or leaf.startswith(path + ".")


class Chart:
    """A stored chart: what its values.yaml knows of a path."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.about = yaml.safe_load((self.folder / "Chart.yaml").read_text())
        self.values = yaml.safe_load((self.folder / "values.yaml").read_text()) or {}
        self.subcharts = {item.get("alias") or item["name"]: item["name"] for item in self.about.get("dependencies", [])}

    def finding(self, path, value=None, others=None):
        """None when the chart reads the path as far as its values.yaml tells, "subchart" when a subchart's own values
        would have to tell and the subchart is not among the others (name -> Chart), else what is wrong."""
        node, steps = self.values, path.split(".")
        for index, step in enumerate(steps):
            if node is None or isinstance(node, list) or node == {}:
                return None
            if not isinstance(node, dict):
                return f"{'.'.join(steps[:index])} is {node!r} in the chart, not a map"
            if index and steps[index - 1] == "resources" and step in ("requests", "limits", "claims"):
                return None  # a container's resources, whatever part of them the chart sets
            if step not in node:
                if steps[0] not in self.subcharts:
                    return f"the chart has no {'.'.join(steps[:index + 1])}"
                subchart = (others or {}).get(self.subcharts[steps[0]])
                return subchart.finding(".".join(steps[1:]), value) if subchart else "subchart"
            node = node[step]
        if isinstance(node, dict) and node and not isinstance(value, (dict, type(None))):
            return f"{path} is a map in the chart"
        return None


def charts(folder):
    """chart name -> Chart, for every stored chart; a chart is found by its folder's name and by its own."""
    found = {}
    for path in sorted(Path(folder).glob("*/Chart.yaml")):
        chart = Chart(path.parent)
        found[chart.about["name"]] = chart
    for path in sorted(Path(folder).glob("*/Chart.yaml")):
        found[path.parent.name] = Chart(path.parent)
    return found
