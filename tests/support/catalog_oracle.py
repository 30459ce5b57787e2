# SPDX-License-Identifier: Apache-2.0
"""What a recipe must be, computed a second time from the rules alone (docs/recipe.md), for catalogs in the formats of
the predecessors. Nothing here knows how the program does it. Rules that are known defects can be asked for, so that
tests can show where the mended rule makes a difference."""

import copy
import itertools

from support import documents, recipe_data

FIELDS = ("service", "accelerator", "intent", "os", "platform")
VALUES = {
    "service": ("any", "eks", "gke", "aks", "oke", "kind"),
    "accelerator": ("any", "h100", "gb200", "b200", "a100", "l40"),
    "intent": ("any", "training", "inference"),
    "os": ("any", "ubuntu", "rhel", "cos", "amazonlinux"),
    "platform": ("any", "dynamo", "kubeflow"),
}
OVERLAY_KINDS = ("recipeMetadata", "RecipeMetadata")


def combinations():
    for values in itertools.product(*(VALUES[field] for field in FIELDS)):
        yield dict(zip(FIELDS, values))


def text(value):
    """A scalar as it stands in the source: 24.10 is no number here."""
    if isinstance(value, documents.FloatText):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def merge_deep(under, over):
    if isinstance(under, dict) and isinstance(over, dict):
        result = dict(under)
        for key, value in over.items():
            result[key] = merge_deep(result[key], value) if key in result else value
        return result
    return over


def merge_shallow(under, over):
    return {**under, **over}


class Overlay:
    def __init__(self, document):
        spec = document.get("spec") or {}
        self.name = document["metadata"]["name"]
        self.base = spec.get("base") or ""
        self.has_criteria = spec.get("criteria") is not None
        self.stated = spec.get("criteria") or {}
        self.criteria = {field: self.stated.get(field) or "any" for field in FIELDS}
        self.constraints = spec.get("constraints") or []
        self.components = spec.get("componentRefs") or []
        self.mixins = spec.get("mixins") or []
        self.profile = spec.get("profile")

    def matches(self, query):
        return self.has_criteria and all(self.criteria[field] in ("any", query[field]) for field in FIELDS)

    def specificity(self):
        return sum(self.criteria[field] != "any" for field in FIELDS)


class Catalog:
    def __init__(self, folder):
        self.folder = folder
        self.documents = {}
        self.registry = {entry["name"]: entry for entry in self.read("registry.yaml")["components"]}
        self.base = Overlay(self.read("overlays/base.yaml"))
        self.overlays, self.mixins = {}, {}
        for path in sorted(folder.rglob("*.yaml")):
            relative = path.relative_to(folder)
            if relative.parts[0] == "components" or "checks" in relative.parts or str(relative) in (
                    "registry.yaml", "overlays/base.yaml"):
                continue
            document = self.read(str(relative))
            if document.get("kind") == "RecipeMixin":
                self.mixins[document["metadata"]["name"]] = Overlay(document)
            if document.get("kind") in OVERLAY_KINDS:
                overlay = Overlay(document)
                assert overlay.name not in self.overlays, overlay.name
                self.overlays[overlay.name] = overlay

    def read(self, relative):
        if relative not in self.documents:
            self.documents[relative] = documents.load((self.folder / relative).read_text())
        return self.documents[relative]

    def has(self, relative):
        return (self.folder / relative).exists()

    # --- matching -------------------------------------------------------------------------------------------------

    def chain(self, overlay):
        names = []
        while overlay is not self.base:
            assert overlay.name not in names, f"{names} go round"
            names.insert(0, overlay.name)
            overlay = self.overlays[overlay.base] if overlay.base not in ("", "base") else self.base
        return names

    def applied(self, query, specificity=Overlay.specificity):
        matching = sorted((overlay for overlay in self.overlays.values() if overlay.matches(query)),
                          key=lambda overlay: (specificity(overlay), overlay.name))
        names = []
        for overlay in matching:
            names += [name for name in self.chain(overlay) if name not in names]
        return ["base"] + names

    # --- merging --------------------------------------------------------------------------------------------------

    def merge_component(self, under, over, merge_overrides):
        result = copy.deepcopy(under)
        for key in ("name", "namespace", "chart", "type", "source", "version", "tag", "path", "valuesFile"):
            if text(over.get(key)):
                result[key] = text(over[key])
        if over.get("overrides"):
            result["overrides"] = merge_overrides(result.get("overrides") or {}, over["overrides"])
        for key in ("dependencyRefs", "patches", "expectedResources"):
            if over.get(key):
                result[key] = over[key]
        return result

    def fill_defaults(self, component):
        entry = self.registry.get(component["name"], {})
        helm, kustomize = entry.get("helm") or {}, entry.get("kustomize") or {}
        component.setdefault("type", "Kustomize" if kustomize.get("defaultSource") else "Helm")
        component.setdefault("source", "")
        defaults = {
            "source": helm.get("defaultRepository"),
            "version": helm.get("defaultVersion"),
            "namespace": helm.get("defaultNamespace"),
            "chart": text(helm.get("defaultChart")).rsplit("/", 1)[-1],
        }
        if component["type"] == "Kustomize":
            defaults = {"source": kustomize.get("defaultSource"), "tag": kustomize.get("defaultTag"),
                        "path": kustomize.get("defaultPath")}
        for key, value in defaults.items():
            if text(value) and not component.get(key):
                component[key] = text(value)

    def values(self, component):
        merged, path = {}, component.get("valuesFile")
        common = f"components/{component['name']}/values.yaml"
        if path:
            if path != common and self.has(common):
                merged = self.read(common) or {}
            merged = merge_deep(merged, self.read(path) or {})
        return merge_deep(merged, component.get("overrides") or {})

    def order(self, components):
        waiting = {name: set(component.get("dependencyRefs") or ()) for name, component in components.items()}
        order = []
        while waiting:
            ready = min(name for name, needs in waiting.items() if not needs)
            order.append(ready)
            del waiting[ready]
            for needs in waiting.values():
                needs.discard(ready)
        return order

    def layers(self, applied):
        """The overlays, each behind those of its mixins that did not come before."""
        seen = set()
        for name in applied:
            overlay = self.overlay(name)
            yield from (self.mixins[mixin] for mixin in overlay.mixins if mixin not in seen)
            seen.update(overlay.mixins)
            yield overlay
        profiles = {}
        for profile in (overlay.profile for overlay in map(self.overlay, applied) if overlay.profile):
            known = profiles.setdefault(profile["name"], {"values": {}})
            known["default"] = profile.get("default") or known.get("default")
            known["values"].update(profile.get("values") or {})
        for profile in profiles.values():
            yield Overlay({"metadata": {"name": "profile"}, "spec": profile["values"][profile["default"]]})

    def overlay(self, name):
        return self.base if name == "base" else self.overlays[name]

    def resolve(self, query, merge_overrides=merge_deep, specificity=Overlay.specificity):
        applied = self.applied(query, specificity)
        constraints, components = {}, {}
        for overlay in self.layers(applied):
            for constraint in overlay.constraints:
                constraints[constraint["name"]] = text(constraint["value"])
            for reference in overlay.components:
                components[reference["name"]] = self.merge_component(components.get(reference["name"], {}), reference,
                                                                     merge_overrides)
        if self.has("tuning"):  # ours alone; tools/tuning_data.py is the second reading of it
            stated = {field: value for field, value in query.items() if value != "any"}
            for reference in recipe_data.tuning_data.component_refs(stated, components):
                components[reference["name"]] = self.merge_component(components[reference["name"]], reference,
                                                                     merge_overrides)
        for component in components.values():
            self.fill_defaults(component)
        return {
            "applied": applied,
            "constraints": dict(sorted(constraints.items())),
            "order": self.order(components),
            "components": {name: self.facts(component) for name, component in sorted(components.items())},
        }

    def facts(self, component):
        keys = ("name", "type", "source", "namespace", "chart", "version", "tag", "path", "dependencyRefs")
        return {**{key: component[key] for key in keys if key in component}, "values": self.values(component)}


def from_program(recipe):
    """The same parts of what the program gives (its hydrated form)."""
    return {
        "applied": recipe["metadata"]["appliedOverlays"],
        "constraints": {row["name"]: row["value"] for row in recipe.get("constraints", [])},
        "order": recipe["deploymentOrder"],
        "components": recipe["components"],
    }
