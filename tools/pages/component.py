# SPDX-License-Identifier: Apache-2.0
"""The page of one component, docs/components/<name>.md."""

import re

from . import knowledge as know
from .markdown import cell, code, codes, sentences, table, value

NOTE = "<!-- Written from recipes/ by `make docs`. Change the data, not this page. -->"
FLAGS = (
    (("nodeScheduling", "system", "nodeSelectorPaths"), "--system-node-selector"),
    (("nodeScheduling", "system", "tolerationPaths"), "--system-node-toleration"),
    (("nodeScheduling", "system", "taintStrPaths"), "--workload-gate"),
    (("nodeScheduling", "accelerated", "nodeSelectorPaths"), "--accelerated-node-selector"),
    (("nodeScheduling", "accelerated", "tolerationPaths"), "--accelerated-node-toleration"),
    (("nodeScheduling", "accelerated", "taintStrPaths"), "--workload-gate"),
    (("podScheduling", "workload", "workloadSelectorPaths"), "--workload-selector"),
    (("nodeScheduling", "nodeCountPaths"), "--nodes"),
    (("storageClassPaths",), "--storage-class"),
    (("sharedStorageClassPaths",), "--shared-storage-class"),
)
OFTEN_CHANGED = ("version", "retention", "replicas", "replicaCount", "interval", "memory", "cpu", "enabled")
ROLLED_OUT = ("Deployment", "DaemonSet", "StatefulSet")


def link(name, text=None):
    label = text or name
    return f"[{label}]({name}.md)" if name in know.registry() else code(label)


def source_link(path, text=None):
    return f"[{text or path.rsplit('/', 1)[-1]}](../../recipes/{path})"


# --- what and where ---


def origin(entry):
    if entry.get("helm"):
        helm = entry["helm"]
        return f"chart {code(helm['defaultChart'].rsplit('/', 1)[-1])} of <{helm['defaultRepository']}>" \
            if helm["defaultRepository"].startswith("http") else \
            f"chart {code(helm['defaultRepository'] + '/' + helm['defaultChart'].rsplit('/', 1)[-1])}"
    if entry.get("kustomize"):
        return f"kustomization {code(entry['kustomize'].get('defaultPath', '.'))} of <{entry['kustomize']['defaultSource']}>"
    return "manifests of this repository"


def namespace(entry):
    for kind in ("helm", "kustomize", "manifest"):
        if (entry.get(kind) or {}).get("defaultNamespace"):
            return code(entry[kind]["defaultNamespace"])
    return "none: its objects belong to the cluster"


def override_names(entry):
    return [entry["name"], *entry.get("valueOverrideKeys", [])]


def either(items):
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " or " + items[-1]


def by_service(layers):
    """"eks with a100 or h100, for training; ...": many leaves of one service in one place."""
    places = {}
    for layer in layers:
        criteria = know.named(layer.criteria)
        rest = tuple(f"{field} {criteria[field]}" for field in ("os", "platform") if field in criteria)
        place = places.setdefault((criteria.get("service", "any service"), rest), ({}, {}))
        for column, field in enumerate(("accelerator", "intent")):
            if field in criteria:
                place[column][criteria[field]] = True
    for (service, rest), (accelerators, intents) in places.items():
        text = " ".join((service, *(f"({item})" for item in rest)))
        text += f" with {either(sorted(accelerators))}" if accelerators else ""
        yield text + (f", for {either(sorted(intents, reverse=True))}" if intents else "")


def brought_by(name):
    layers = know.introduced_by(name)
    overlays = [layer for layer in layers if layer.kind == know.OVERLAY]
    places = list(by_service(overlays)) if len(overlays) > 2 else [layer.holds_for for layer in overlays]
    places += [layer.holds_for for layer in layers if layer.kind != know.OVERLAY]
    return "; ".join(places) or "no recipe by itself"


def needs(name):
    found = know.dependencies(name)
    own = len(know.layers_of(name))
    parts = []
    for other, layers in found.items():
        always = any(layer in know.introduced_by(name) for layer in layers) or len(layers) == own
        parts.append(link(other) if always else f"{link(other)} (with {', '.join(code(layer.name) for layer in layers[:3])}"
                     f"{', ...' if len(layers) > 3 else ''})")
    return ", ".join(parts) or "nothing"


def at_a_glance(name, entry):
    rows = [
        ("comes from", origin(entry)),
        ("version", code(know.version(entry)) if know.version(entry) else "that of the recipes"),
        ("namespace", namespace(entry)),
        ("in recipes for", brought_by(name)),
        ("needs first", needs(name)),
        ("needed by", ", ".join(link(other) for other in know.dependents(name)) or "nothing"),
        ("names for `--set`", codes(override_names(entry))),
        ("source of these facts", entry["source"]),
    ]
    yield from table(("", ""), ((f"**{key}**", text) for key, text in rows))


# --- layers ---


def changes(name, layer):
    ref = layer.refs[name]
    found = []
    if (ref.get("overrides") or {}).get("enabled") is False:
        found.append("takes it out")
    if ref.get("version") and ref["version"] != know.version(know.registry()[name]):
        found.append(f"version {code(ref['version'])}")
    if ref.get("namespace") and code(ref["namespace"]) != namespace(know.registry()[name]):
        found.append(f"namespace {code(ref['namespace'])}")
    if ref.get("valuesFile") and not ref["valuesFile"].endswith("/values.yaml"):
        found.append(f"values of {source_link(ref['valuesFile'])}")
    for path, item in know.leaves(ref.get("overrides") or {}):
        if path and path != "enabled":
            found.append(f"{code(path)}: {value(item)}")
    for key, when in (("preManifestFiles", "before the chart"), ("manifestFiles", "after the chart")):
        for manifest in ref.get(key) or []:
            found.append(f"{source_link(manifest)} {when}")
    return "<br>".join(found) or "the defaults"


def layer_link(layer):
    return source_link(layer.path, layer.name) + ("" if layer.kind == know.OVERLAY else f" ({layer.kind})")


def layer_rows(name):
    """Layers that do the same for the same reason share a row."""
    rows = {}
    for layer in know.layers_of(name):
        rows.setdefault((changes(name, layer), layer.refs[name].get("why", "")), []).append(layer)
    for (what, why), layers in rows.items():
        yield "<br>".join(map(layer_link, layers)), "<br>".join(layer.holds_for for layer in layers), what, why


def where_it_is_used(name):
    yield "## Recipes that have it\n"
    if not know.layers_of(name):
        yield "No overlay and no mixin names it yet.\n"
        return
    yield ("Each layer adds to those that it builds on. What a layer does not name stays as it is; the values of a layer further "
           "down win.\n")
    yield from table(("layer", "holds for", "what it brings", "why"), layer_rows(name))


# --- configuration ---


def value_rows(name):
    """Values that one fact explains share a row."""
    paths = know.values_files(name)
    for path in paths:
        file, rows = path.rsplit("/", 1)[-1], {}
        for leaf, item in know.leaves(know.load(path) or {}):
            fact = know.fact(name, file, leaf)
            if leaf:
                rows.setdefault((fact.get("why", ""), fact.get("source", "")), []).append(f"{code(leaf)}: {value(item)}")
        for reason, values in rows.items():
            row = ["<br>".join(values), *reason]
            yield row if len(paths) == 1 else [source_link(path), *row]


def values_set(name):
    rows = list(value_rows(name))
    if not rows:
        yield "The chart's defaults are taken; layers add what the table above names.\n" if know.layers_of(name) else ""
        return
    paths = know.values_files(name)
    if len(paths) == 1:
        yield f"Values that every recipe with it sets, in {source_link(paths[0])}. All others are the chart's own.\n"
    else:
        yield ("Values by file: `values.yaml` counts wherever the component is, the others lie over it where a layer names them. All "
               "other values are the chart's own.\n")
    yield from table(([] if len(paths) == 1 else ["file"]) + ["values", "why", "source"], rows)


def dig(entry, keys):
    for key in keys:
        entry = (entry or {}).get(key)
    return entry or []


def bundle_options():
    return (know.ROOT / "src" / "cli" / "cmd_bundle.c").read_text(encoding="utf-8")


def placement(entry):
    known = bundle_options()
    rows = []
    for keys, flag in FLAGS:
        paths = dig(entry, keys)
        if paths:
            rows.append((code(flag) if f'"{flag[2:]}"' in known else "no option yet: `--set`", "<br>".join(map(code, paths))))
    if not rows:
        return
    yield "### Where its pods run\n"
    yield "Options of `cnsctl bundle` and the values that they fill. Nothing is written that was not asked for.\n"
    yield from table(("option", "fills"), rows)


def is_plain(item):
    return isinstance(item, (str, int, float, bool)) and len(str(item)) < 40 and "," not in str(item) and "\n" not in str(item)


def liked(leaf):
    """What people change is shown first: smaller is better."""
    last = leaf.rsplit(".", 1)[-1]
    return OFTEN_CHANGED.index(last) if last in OFTEN_CHANGED else len(OFTEN_CHANGED)


def example_setting(name, entry):
    """A scalar that the recipes set, else a placement path: something that the reader will find in the chart."""
    plain = [(leaf, item) for path in know.values_files(name) for leaf, item in know.leaves(know.load(path) or {})
             if leaf and "/" not in leaf and is_plain(item) and not leaf.startswith("fullnameOverride")]
    if plain:
        leaf, item = min(plain, key=lambda pair: liked(pair[0]))
        return "--set", leaf, str(item).lower() if isinstance(item, bool) else item
    selectors = dig(entry, ("nodeScheduling", "system", "nodeSelectorPaths")) or \
        dig(entry, ("nodeScheduling", "accelerated", "nodeSelectorPaths"))
    if selectors:
        return "--set-json", selectors[0], '{"pool": "system"}'
    return None


def shortest(entry):
    return min(override_names(entry), key=len)


def change_a_value(name, entry):
    key = shortest(entry)
    yield "### To change a value\n"
    example = example_setting(name, entry)
    yield "```"
    if example:
        option, path, item = example
        argument = f"{key}:{path}={item}"
        yield f"cnsctl bundle -r recipe.yaml {option} " + (f"'{argument}'" if re.search(r"[\s\"{}*]", argument) else argument)
    yield f"cnsctl bundle -r recipe.yaml --set {key}:enabled=false    # leave it out"
    yield f"cnsctl explain --service eks --accelerator h100 --intent training {name}    # where its values come from" \
        if any(layer.holds_for == "every recipe" for layer in know.introduced_by(name)) else \
        f"cnsctl explain -r recipe.yaml {name}    # where its values come from"
    yield "```\n"
    yield "[overrides](../overrides.md) tells what else `--set` and its like can do.\n"


def configuration(name, entry):
    yield "## Configuration\n"
    yield from values_set(name)
    yield from placement(entry)
    yield from change_a_value(name, entry)


# --- manifests ---


def head_comment(text):
    lines = []
    for line in text.splitlines():
        if line.startswith("# SPDX"):
            continue
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").strip())
    return " ".join(lines)


def without_templates(text):
    return re.sub(r"\{\{.*?\}\}", "<value>", text)


def objects(text):
    """(kind, name) of the objects that a template makes, as far as the text shows them."""
    found = []
    for part in re.split(r"^---\s*$", text, flags=re.M):
        kind = re.search(r"^kind:\s*(\S+)", part, re.M)
        name = re.search(r"^metadata:\s*\n(?:[ \t]+.*\n|\{\{.*\n)*?[ \t]+name:[ \t]*(.+)$", part, re.M)
        if kind:
            found.append((kind.group(1), without_templates(name.group(1)).strip('"') if name else ""))
    return found


def manifest_rows(name):
    for path in know.files(f"components/{name}/manifests/*.yaml"):
        text = (know.RECIPES / path).read_text(encoding="utf-8")
        made = [f"{kind} {code(label)}" if label else kind for kind, label in dict.fromkeys(objects(text))]
        users = [layer for layer in know.layers_of(name)
                 if path in (layer.refs[name].get("manifestFiles") or []) + (layer.refs[name].get("preManifestFiles") or [])]
        when = "before" if any(path in (layer.refs[name].get("preManifestFiles") or []) for layer in users) else "after"
        yield (source_link(path), f"{when} the chart" if know.registry()[name].get("helm") else "",
               "<br>".join(made), ", ".join(code(layer.name) for layer in users[:6]) + (", ..." if len(users) > 6 else ""),
               head_comment(text))


def manifests(name):
    rows = list(manifest_rows(name))
    if not rows:
        return
    yield "## Manifests\n"
    has_chart = any(row[1] for row in rows)
    head = ("file", "applied", "objects", "used by", "what it is for")
    yield from table(head if has_chart else head[:1] + head[2:], rows if has_chart else [row[:1] + row[2:] for row in rows])


# --- health ---


def resource_text(item):
    kind, optional = item["kind"], item.get("optional")
    label = code(item["name"]) if "name" in item else f"with label {code(item['labelSelector'])}"
    where = f" in {code(item['namespace'])}" if "namespace" in item else ""
    if "condition" in item:
        state = f"has condition {item['condition']}"
    elif "field" in item:
        state = f"says {code(item['field'])} = {code(item['equals'])}"
    elif kind in ROLLED_OUT:
        state = "is rolled out"
    else:
        state = "is there"
    when = ""
    if "when" in item:
        when = f", when {code(item['when']['path'])} is {code(str(item['when']['equals']).lower())}"
    text = f"{kind} {label}{where} {state}{when}"
    return text + (" (need not be there)" if optional else "")


def health(name, entry):
    check = entry.get("healthCheck")
    if not check:
        return
    yield "## When it is healthy\n"
    yield f"Within {code(check['timeout'])} of being deployed:\n" if "timeout" in check else "When all of these hold:\n"
    for item in check.get("resources", []):
        yield f"- {resource_text(item)}"
    yield ""
    expected = [(layer, item) for layer in know.layers_of(name) for item in layer.refs[name].get("expectedResources") or []]
    if expected:
        yield "Layers expect more:\n"
        yield from table(("layer", "expected"), ((code(layer.name), resource_text(item)) for layer, item in expected))


def remarks(entry):
    rows = [(code(item["function"]), item.get("severity", "warning"), know.criteria_text(item.get("conditions")), item.get("message", ""))
            for item in entry.get("validations", [])]
    if rows:
        yield "## Remarks when it is bundled\n"
        yield from table(("check", "severity", "for", "what it says"), rows)


# --- upgrades ---


def bound(clause):
    relation, version = re.fullmatch(r"\s*(>=|<=|<|>|==)?\s*(\S+)\s*", clause).groups()
    return {"<": "before ", "<=": "up to ", ">": "after ", ">=": "from "}.get(relation, "") + version


def versions(text):
    """">= 1, < 2" as people say it."""
    parts = [bound(clause) for clause in text.split(",")]
    numbers = [part.split()[-1] for part in parts]
    return numbers[0] if len(set(numbers)) == 1 and len(parts) == 2 else " ".join(parts)


def transition(item):
    old, new = versions(item["from"]), versions(item["to"])
    yield f"### {old[0].upper()}{old[1:]}, to {new}: {item['verdict']}\n"
    yield sentences(item["summary"]) + "\n"
    if "precondition" in item:
        yield f"Precondition: {item['precondition']}\n"
    for number, step in enumerate(item.get("steps", []), 1):
        yield f"{number}. {step}"
    if item.get("steps"):
        yield ""
    if "affectedResources" in item:
        kinds = [f"{kind} ({group['group']})" for group in item["affectedResources"] for kind in group["kinds"]]
        yield f"Concerns: {', '.join(kinds)}.\n"
    if "reversible" in item or "reversibleNotes" in item:
        word = {True: "possible.", False: "not possible, as far as is known.", None: "not known."}[item.get("reversible")]
        yield f"Going back: {word} {item.get('reversibleNotes', '')}".strip() + "\n"
    tried = f" Tried by: {item['verifiedBy']}." if "verifiedBy" in item else ""
    yield f"Source: {item['source']}.{tried}\n"
    for reference in item.get("references", []):
        yield f"- {reference}"
    if item.get("references"):
        yield ""


def upgrade_notes(name):
    items = know.upgrades(name)
    if not items:
        return
    yield "## Upgrading\n"
    yield "The first note whose two ranges hold is the one that counts. *safe*: deploying the new bundle is all. *manual*: check or do " \
          "something first. *blocked*: it does not work in one step.\n"
    for item in items:
        yield from transition(item)


def page(name):
    entry = know.registry()[name]
    yield NOTE + "\n"
    yield f"# {entry['displayName']}\n"
    yield sentences(entry.get("description", "")) + "\n"
    yield f"**Why this one, and this version.** {sentences(entry.get('why', ''))}\n"
    yield from at_a_glance(name, entry)
    yield from where_it_is_used(name)
    yield from configuration(name, entry)
    yield from manifests(name)
    yield from health(name, entry)
    yield from remarks(entry)
    yield from upgrade_notes(name)


def summary(entry):
    """The first sentence of the description."""
    text = entry.get("description", entry.get("why", ""))
    return cell(re.split(r"(?<=\.) ", text)[0].rstrip("."))
