#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/coverage.md from recipes/: which combination of service, accelerator and intent has a recipe of its own,
which resolves by rule, and which has none and why; then which systems and platforms each service has.
Usage: tools/coverage_page.py > docs/coverage.md"""

from pathlib import Path

import yaml

RECIPES = Path(__file__).resolve().parent.parent / "recipes"
INTENTS = ("training", "inference")
OWN_MACHINES = "machines of your own"
HEAD = """# Coverage

Written from the data by `tools/coverage_page.py`; a test keeps it fresh. What the layers mean is told in
[recipe-data](recipe-data.md).

A cell names the overlays that are made for the combination, each with its maturity: *supported* (its sources proved it on such
machines), *preview* (derived, or not proved), *planned*. *By rule* means that no overlay is made for it: the recipe is put together from
the layers named, and counts as preview. Where a managed service has no machine with the accelerator, the combination is
[refused](recipe-format.md#what-cannot-work).
"""


def load(path):
    return yaml.safe_load((RECIPES / path).read_text(encoding="utf-8"))


def overlays():
    """name -> (criteria without any, maturity)."""
    found = {}
    for path in sorted((RECIPES / "overlays").glob("*.yaml")):
        document = load(path)
        criteria = {field: value for field, value in (document["spec"].get("criteria") or {}).items() if value != "any"}
        found[document["metadata"]["name"]] = (criteria, document["metadata"]["maturity"])
    return found


def cell(known, machines, service, accelerator, intent):
    wanted = {"service": service, "accelerator": accelerator, "intent": intent}
    own = [f"`{name}` {maturity}" for name, (criteria, maturity) in known.items() if wanted.items() <= criteria.items()]
    if own:
        return "<br>".join(own)
    if not machines:
        return "cannot work: no such machine"
    layers = [name for name, (criteria, _) in known.items()
              if criteria and (set(criteria.items()) - {("os", "cos")} <= set(wanted.items()))]
    special = [name for name in layers if name != intent and not any(
        set(known[name][0].items()) < set(known[other][0].items()) for other in layers)]
    return "by rule: " + ", ".join(f"`{name}`" for name in special)


def managed_services():
    """Those whose machines are all known: the others take machines of one's own."""
    return {service for rule in load("compatibility.yaml")["rules"] if rule.get("needsMachine")
            for service in rule["when"]["service"]}


def service_table(known, instances, service, accelerators):
    managed = managed_services()
    yield "| accelerator | machines | fabric | training | inference |"
    yield "|---|---|---|---|---|"
    for accelerator in accelerators:
        row = instances.get((service, accelerator))
        own = "the GPUs of the host" if service == "kind" else OWN_MACHINES
        machines = ", ".join(row["machines"]) if row else "" if service in managed else own
        cells = [cell(known, machines, service, accelerator, intent) for intent in INTENTS]
        yield f"| {accelerator} | {machines or '–'} | {row['fabric'] if row else '–'} | {cells[0]} | {cells[1]} |"


def refused_by(rules, query):
    """The rule by which a combination cannot work, None when it may."""
    for rule in rules:
        if all(query.get(field) in values for field, values in rule["when"].items()) and (
                any(field in query and query[field] not in values for field, values in rule.get("only", {}).items())
                or any(query.get(field) in values for field, values in rule.get("not", {}).items())):
            return rule["name"]
    return None


def matrix(known, rules, services, field, special):
    """Service by value of the field: the layers that are made for the pair, or why there is none."""
    values = load("criteria.yaml")["fields"][field]["values"]
    yield "| service | " + " | ".join(value["display"] for value in values) + " |"
    yield "|" + "---|" * (len(values) + 1)
    for service in services:
        row = []
        for value in values:
            pair = {"service": service["name"], field: value["name"]}
            own = [f"`{name}` {maturity}" for name, (criteria, maturity) in known.items()
                   if pair.items() <= criteria.items() and not special & criteria.keys()]
            refused = refused_by(rules, pair)
            row.append("<br>".join(own) or (f"cannot work ({refused})" if refused else "by rule"))
        yield f"| {service['display']} | " + " | ".join(row) + " |"


def everywhere(known, field):
    """Layers of a value that hold on any service."""
    yield f"| {field} | layers on any service |"
    yield "|---|---|"
    for value in load("criteria.yaml")["fields"][field]["values"]:
        own = [f"`{name}` {maturity}" for name, (criteria, maturity) in known.items()
               if criteria.get(field) == value["name"] and not {"accelerator", "service"} & criteria.keys()]
        yield f"| {value['display']} | {'<br>'.join(own) or 'none'} |"


def page():
    known = overlays()
    fields = load("criteria.yaml")["fields"]
    instances = {(row["service"], row["accelerator"]): row for row in load("hardware/instances.yaml")["instances"]}
    used = {criteria.get("accelerator") for criteria, _ in known.values()} | {pair[1] for pair in instances}
    accelerators = [value["name"] for value in fields["accelerator"]["values"] if value["name"] in used]
    yield HEAD
    for value in fields["service"]["values"]:
        if value["name"] != "any":
            yield f"## {value['display']}\n"
            yield from service_table(known, instances, value["name"], accelerators)
            yield ""
    services = [value for value in fields["service"]["values"] if value["name"] != "any"]
    rules = load("compatibility.yaml")["rules"]
    yield "## Operating systems\n"
    yield "Names in brackets are rules of `recipes/compatibility.yaml`; `cnsctl recipe` tells their reasons.\n"
    yield from matrix(known, rules, services, "os", {"accelerator", "intent"})
    yield "\n## Platforms\n"
    yield "What a platform brings is the same on every service; a service, or an accelerator there, may add to it.\n"
    yield from everywhere(known, "platform")
    yield ""
    yield from matrix(known, rules, services, "platform", set())

if __name__ == "__main__":
    print("\n".join(page()).rstrip())
