# SPDX-License-Identifier: Apache-2.0
"""Reads recipes/ for the pages that are written from it: components, and every layer (overlay, mixin, choice of a
profile) that brings or changes one."""

import functools
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
RECIPES = ROOT / "recipes"
FIELDS = ("service", "accelerator", "intent", "os", "platform")
OVERLAY, MIXIN, PROFILE = "overlay", "mixin", "profile"


@functools.lru_cache(maxsize=None)
def load(relative):
    path = RECIPES / relative
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None


def files(pattern):
    return sorted(path.relative_to(RECIPES).as_posix() for path in RECIPES.glob(pattern) if path.is_file())


@functools.lru_cache(maxsize=None)
def registry():
    """name -> entry, sorted by name."""
    return {entry["name"]: entry for entry in sorted(load("registry.yaml")["components"], key=lambda item: item["name"])}


def named(criteria):
    """What criteria name: those that are set and not any; lists joined."""
    found = {}
    for field in FIELDS:
        value = (criteria or {}).get(field)
        values = value if isinstance(value, list) else [value]
        if value and "any" not in values:
            found[field] = ", ".join(map(str, values))
    return found


def criteria_text(criteria):
    return ", ".join(f"{field} {value}" for field, value in named(criteria).items()) or "every recipe"


class Layer:
    """Something that is merged into recipes: an overlay, a mixin, or one value of an overlay's profile."""

    def __init__(self, kind, name, path, spec, maturity, base=None, criteria=None, mixins=()):
        self.kind, self.name, self.path, self.maturity = kind, name, path, maturity
        self.base, self.criteria, self.mixins = base, criteria, mixins
        self.refs = {ref["name"]: ref for ref in spec.get("componentRefs") or []}

    @property
    def holds_for(self):
        if self.kind == MIXIN:
            where = criteria_text(self.criteria)
            return f"`--mixin {self.name}`" + ("" if where == "every recipe" else f" ({where})")
        if self.kind == PROFILE:
            return f"`--profile {self.name}`"
        return criteria_text(self.criteria)


def _overlay_layers(path):
    document = load(path)
    spec, metadata = document["spec"], document["metadata"]
    name = metadata["name"]
    base = spec.get("base") or (None if name == "base" else "base")
    yield Layer(OVERLAY, name, path, spec, metadata.get("maturity"), base, spec.get("criteria"), spec.get("mixins") or ())
    profiles = spec.get("profile") or []
    for profile in profiles if isinstance(profiles, list) else [profiles]:
        for value, body in (profile.get("values") or {}).items():
            yield Layer(PROFILE, f"{profile['name']}={value}", path, body or {}, metadata.get("maturity"), name, spec.get("criteria"))


@functools.lru_cache(maxsize=None)
def layers():
    found = [layer for path in files("overlays/*.yaml") for layer in _overlay_layers(path)]
    for path in files("mixins/*.yaml"):
        document = load(path)
        spec, metadata = document.get("spec") or {}, document["metadata"]
        found.append(Layer(MIXIN, metadata["name"], path, spec, metadata.get("maturity"), None, spec.get("appliesTo")))
    return found


def _width(layer):
    """The base first, then the less specific overlays, then mixins and profiles."""
    return (layer.name != "base", (OVERLAY, PROFILE, MIXIN).index(layer.kind), len(named(layer.criteria)), layer.name)


def layers_of(component):
    return sorted((layer for layer in layers() if component in layer.refs), key=_width)


@functools.lru_cache(maxsize=None)
def _by_name():
    return {layer.name: layer for layer in layers() if layer.kind == OVERLAY}


def ancestors(layer):
    above = _by_name().get(layer.base)
    while above:
        yield above
        above = _by_name().get(above.base)


def introduced_by(component):
    """The layers with which the component enters recipes: none that they build on, and none less specific that holds
    wherever they do, names it."""
    own = layers_of(component)
    first = []
    for layer in own:
        wider = [other for other in first
                 if other.kind == OVERLAY and named(other.criteria).items() <= named(layer.criteria).items()]
        if not wider and not any(above in own for above in ancestors(layer)):
            first.append(layer)
    return first


def dependencies(component):
    """name -> layers by which the component depends on it, over all layers."""
    found = {}
    for layer in layers_of(component):
        for name in layer.refs[component].get("dependencyRefs") or []:
            found.setdefault(name, []).append(layer)
    return dict(sorted(found.items()))


def dependents(component):
    return [name for name in registry() if component in dependencies(name)]


def leaves(value, prefix=""):
    """(dotted path, value) of everything that is not a map with members."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, value


def covers(path, leaf):
    return leaf == path or leaf.startswith(path + ".")


def fact(component, file, path):
    """The longest fact about a value of a file; {} when there is none."""
    about = (load(f"components/{component}/facts.yaml") or {}).get("facts", [])
    fits = [item for item in about if covers(item["path"], path) and item.get("file", file) == file]
    return max(fits, key=lambda item: (len(item["path"]), "file" in item), default={})


def values_files(component):
    """The default file first, then those that overlays name."""
    paths = files(f"components/{component}/values*.yaml")
    return sorted(paths, key=lambda path: (not path.endswith("/values.yaml"), path))


def upgrades(component):
    return (load(f"components/{component}/upgrades.yaml") or {}).get("transitions", [])


def version(entry):
    return (entry.get("helm") or {}).get("defaultVersion") or (entry.get("kustomize") or {}).get("defaultTag")
