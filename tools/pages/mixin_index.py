# SPDX-License-Identifier: Apache-2.0
"""docs/mixins.md: what users may add to a recipe, and what they must tell then."""

from . import component, knowledge as know
from .markdown import code, codes, sentences, table

HEAD = """# Mixins

Options of a recipe: `cnsctl recipe ... --mixin NAME`, repeatable. Where a table names criteria, one of the values must be asked for.
Values under "you tell" have no default that could be right; a bundle warns, or is refused, until they are set (`--set`, or the option that is
named). How a mixin is written is told in [recipe-format](recipe-format.md#mixins).
"""
BY_OPTION = {"storageClassPaths": "--storage-class", "sharedStorageClassPaths": "--shared-storage-class"}


def value_at(values, path):
    for step in path.split("."):
        values = values.get(step) if isinstance(values, dict) else None
    return values


def merged(low, high):
    if not (isinstance(low, dict) and isinstance(high, dict)):
        return high
    return {key: merged(low[key], high[key]) if key in low and key in high else {**low, **high}[key] for key in {**low, **high}}


def asked_of(ref):
    """What the registry says a user must fill in, of the component as this mixin brings it."""
    entry = know.registry()[ref["name"]]
    values = merged(know.load(f"components/{ref['name']}/values.yaml") or {}, ref.get("overrides") or {})
    for check in entry.get("validations") or []:
        for path in check.get("paths") or []:
            if value_at(values, path) == "":
                option = next((word for key, word in BY_OPTION.items() if path in entry.get(key, [])), None)
                yield option or f"{ref['name']}:{path}"


def row(layer, document):
    refs = [ref for ref in layer.refs.values() if (ref.get("overrides") or {}).get("enabled") is not False]
    out = [ref["name"] for ref in layer.refs.values() if ref not in refs]
    asked = dict.fromkeys(word for ref in refs for word in asked_of(ref))
    parts = [", ".join(f"[{ref['name']}](components/{ref['name']}.md)" for ref in refs)]
    parts += [f"takes out {codes(out)}"] if out else []
    criteria = "; ".join(f"{field} {values}" for field, values in know.named(layer.criteria).items())
    return (code(layer.name), sentences(document["metadata"]["title"]).rstrip("."), criteria or "any",
            "; ".join(part for part in parts if part) or "demands only", codes(asked, "<br>") or "–", layer.maturity)


def page():
    yield component.NOTE + "\n"
    yield HEAD
    yield from table(("mixin", "what it is", "for", "components", "you tell", "maturity"),
                     (row(layer, know.load(layer.path)) for layer in know.layers() if layer.kind == know.MIXIN))
