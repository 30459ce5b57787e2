# SPDX-License-Identifier: Apache-2.0
"""Node tuning as the files of recipes/tuning/ say it: the same rules as src/recipe/tuning*.c, written a second time for
the page and as an oracle of the tests."""

import functools
from pathlib import Path

import yaml

TUNING = Path(__file__).resolve().parent.parent / "recipes" / "tuning"
FIELDS = ("service", "accelerator", "intent", "os", "platform")


@functools.cache
def documents():
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(TUNING.glob("*.yaml"))}


def delivery():
    return documents()["delivery"]["spec"]


def profiles():
    return {name: document for name, document in documents().items() if document["kind"] == "TuningProfile"}


def holds(fields, query):
    return all(query.get(field) in values for field, values in (fields or {}).items())


def merge(low, high):
    merged = dict(low)
    for key, value in high.items():
        merged[key] = merge(low[key], value) if isinstance(value, dict) and isinstance(low.get(key), dict) else value
    return merged


def applied(query):
    """Names of the profiles that apply, in the order of merging."""
    fitting = {name: document["spec"].get("appliesTo") or {} for name, document in profiles().items()
               if holds(document["spec"].get("appliesTo"), query)}
    return sorted(fitting, key=lambda name: (len(fitting[name]), name))


def none_because(query):
    if not query.get("accelerator"):
        return "accelerator"
    if not query.get("service"):
        return "service"
    for item in delivery()["notFor"]:
        if query["service"] in item["service"]:
            return item["why"]
    return None if query.get("os") else "os"


def rule_of(setting, query, components):
    for rule in delivery()["rules"]:
        packaged = rule.get("package") in setting.get("packages", [])
        if ("kinds" in rule and setting["kind"] not in rule["kinds"]) or \
                ("values" in rule and setting["value"] not in rule["values"]) or \
                not holds(rule.get("when"), query) or \
                ("package" in rule and not packaged and not rule.get("always")) or \
                (not packaged and setting.get("packagesOnly")) or \
                ("component" in rule and rule["component"] not in components):
            continue
        return rule
    return None


def settings(query, components):
    """name -> setting with `on`, `rule` and, when off, `reason`: what a recipe has without any choice of the user's."""
    if none_because(query):
        return {}
    merged, order = {}, applied(query)
    for name in order:
        for item in profiles()[name]["spec"].get("settings") or []:
            key = (item["kind"], item["key"])
            merged[key] = merge(merged.get(key, {}), item)
    found = {item["name"]: dict(item) for item in merged.values() if "value" in item}
    for item in found.values():
        item["on"] = item.get("enabled", True)
        item["reason"] = None if item["on"] else item.get("unsettled", "off unless it is asked for")
    for name in order:
        held = profiles()[name]["spec"].get("holdsBack")
        for item in found.values() if held else []:
            if item["on"] and item["name"] not in held.get("except", []):
                item["on"], item["reason"] = False, f"{held['unsettled']} (--tuning {name}=on)"
    for item in found.values():
        item["rule"] = rule_of(item, query, components)
        if item["on"] and not item["rule"]:
            item["on"], item["reason"] = False, f"nothing in this recipe can apply it on {query['service']} with {query['os']}"
    return found


def component_refs(query, components):
    """What the mechanisms in use ask of components."""
    used = [item["rule"] for item in settings(query, components).values() if item["on"]]
    return [rule["componentRef"] for rule in delivery()["rules"] if rule in used and "componentRef" in rule]
