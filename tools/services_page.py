#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/services.md from recipes/hardware/: what each service must bring that no recipe can, and which machines it has.
Usage: tools/services_page.py > docs/services.md"""

from pathlib import Path

import yaml

RECIPES = Path(__file__).resolve().parent.parent / "recipes"
HEAD = """# Services and their machines

Written from `recipes/hardware/services.yaml` and `instances.yaml` by `tools/services_page.py`; a test keeps it fresh. A recipe brings what
runs in the cluster. This page tells what it expects around it: node pools with their labels and taints, the autoscaler, storage
classes, and permissions of components in the cloud, which no recipe can hold because they name an account. The options
`--accelerated-node-selector`, `--accelerated-node-toleration`, `--system-node-selector`, `--system-node-toleration` and `--storage-class`
of `cnsctl bundle` take what stands here.
"""


def load(path):
    return yaml.safe_load((RECIPES / path).read_text(encoding="utf-8"))


def cells(*values):
    return "| " + " | ".join(str(value).replace("|", "\\|") or "–" for value in values) + " |"


def table(head, rows):
    rows = list(rows)
    if rows:
        yield cells(*head)
        yield "|" + "---|" * len(head)
        yield from rows
        yield ""


def section(title, service, machines):
    yield f"## {title}\n"
    yield f"{service['create']}\n"
    yield f"- **Pools**: {service['pool']['title']}; nodes of one are told by the label `{service['pool']['label']}`."
    yield f"- **Autoscaler**: {service['autoscaler'].rstrip('.')}."
    yield f"- **From**: {service['source']}.\n"
    yield from table(("label", "meaning"), (cells(f"`{row['label']}`", row["meaning"]) for row in service["labels"]))
    yield from table(("taint", "who sets it"), (cells(f"`{row['taint']}`", row["meaning"]) for row in service["taints"]))
    yield from table(("storage class", "provisioner", "mounted by", "comes from"),
                     (cells(f"`{row['class']}`", row["provisioner"], row["access"], row["origin"]) for row in service["storage"]))
    yield from table(("component", "service account", "needs", "how"), (
        cells(f"[{row['component']}](components/{row['component']}.md)", row["account"], row["permission"],
              "<br>".join(f"{way['name']}: {way['how']}" + (f" (value `{way['valuePath']}`)" if "valuePath" in way else "")
                          for way in row["ways"])) for row in service["identities"]))
    yield from table(("accelerator", "machines", "GPUs", "processor", "fabric", "node label"), (
        cells(row["accelerator"], ", ".join(row["machines"]), row.get("gpus", ""), row.get("architecture", ""), row["fabric"],
              "<br>".join(f"`{label}={'|'.join(values)}`" for label, values in row.get("labels", {}).items()))
        for row in machines))


def page():
    titles = {value["name"]: value["display"] for value in load("criteria.yaml")["fields"]["service"]["values"]}
    instances = load("hardware/instances.yaml")["instances"]
    yield HEAD
    for service in load("hardware/services.yaml")["services"]:
        yield from section(titles[service["name"]], service,
                           [row for row in instances if row["service"] == service["name"]])


if __name__ == "__main__":
    print("\n".join(page()).rstrip())
