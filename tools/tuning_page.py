#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/tuning.md from recipes/tuning/: for each accelerator the settings with reason, trade-off, proof, default and
source, and for each service and operating system how each reaches a node. Usage: tools/tuning_page.py > docs/tuning.md"""

import functools
from pathlib import Path

import tuning_data
import yaml

RECIPES = Path(__file__).resolve().parent.parent / "recipes"
GROUPS = [
    ("GB200 and GB300", ["gb200", "gb300"]),
    ("H100, and by rule H200, H20, H800, A100, A800, B200, B300", ["h100", "h200", "h20", "h800", "a100", "a800", "b200", "b300"]),
    ("RTX PRO 6000", ["rtx-pro-6000"]),
    ("All others (L40S, L40, L4, A10 and so on)", ["l40s"]),
]
PLACES = [("eks", "ubuntu"), ("eks", "amazonlinux"), ("eks", "bottlerocket"), ("gke", "cos"), ("aks", "ubuntu"), ("oke", "ubuntu"),
          ("oke", "ol"), ("generic", "ubuntu"), ("generic", "rhel"), ("generic", "sles"), ("generic", "talos")]
INTENTS = ("training", "inference")
HEAD = """# Node tuning

Written from the data by `tools/tuning_page.py`; a test keeps it fresh. How the data is written is told in
[recipe-format](recipe-format.md#tuning).

A GPU node wants other kernel parameters, sysctls and driver options than a distribution's defaults. Which ones depends on
accelerator, service, operating system and intent; a recipe that names the first three carries those that apply, in its
`tuning` section, each with its reason, its trade-off, how it reaches a node, and the reading that proves it.

```
cnsctl recipe --service generic --accelerator gb300 --os ubuntu --intent training -o recipe.yaml
cnsctl explain --recipe recipe.yaml tuning.numa-balancing     # what, from where, why
cnsctl bundle --recipe recipe.yaml                            # bundle/tuning/README.md tells how to apply and revert
cnsctl snapshot -o after.yaml                                 # on a node, afterwards
cnsctl validate --recipe recipe.yaml --snapshot after.yaml --phase deployment
```

Without an operating system in the criteria nothing is set, and the recipe's `tuning.note` says so.

**Switching.** `--tuning NAME=on|off` (recipe, query, explain; may be repeated) turns a setting or a whole profile on or off;
`--tuning all=off` leaves tuning out. What NVIDIA's packages bring comes whole or not at all, and a setting that nothing in the recipe
can apply cannot be turned on: both are told. What is off stands in the recipe with the reason.

**Proof.** Each setting is a check `tuning/<setting>` of the phase `deployment`, and a line of `tuning/verify.sh` on the node. What a
snapshot does not hold is *not checked*, never passed. A boot parameter or a module that is not among the collected ones has
failed; a virtual machine without frequency control makes the governor *not applicable*.

**The script.** `tuning/apply.sh` and `revert.sh` are for machines that nobody else sets up. They need bash and root, write only files of their
own (each begins with a mark; somebody else's file at the place is an error before anything is changed), and note in
`/var/lib/cns-tuning` what was before, ahead of each change. Cut short at any point, `apply.sh` completes on the next run, and
`revert.sh` puts everything back, value for value. Neither ever reboots; both say when it is needed. Boot parameters go into a drop-in
for `update-grub` where that is, else through `grubby`; where neither is (SLES may lack both), the script says which parameters to
add and does nothing, unless `--skip-boot`. `--dry-run` shows all steps. `ROOT=/mnt/image COMMANDS=/folder` works on a system below
a folder with programs from a folder.

## How settings are applied and reverted

A setting takes the first way below that its recipe allows.
"""
NOT_HERE = """## Not here, and why

- `nokaslr`, `kernel.sched_latency_ns`, `kernel.sched_min_granularity_ns`: earlier recipes set them. The first weakens hardening for
  nothing measured; the kernel has had the others in debugfs only since 5.13.
- Limits in `/etc/security/limits.d`: they reach sessions of PAM, not containers, which inherit the limits of containerd.
- `acpi_power_meter.force_cap_on=y`: bare metal only, and it fails on AWS.
- Page size: Grace wants a kernel with pages of 64 KiB, which is a kernel to install, not a setting. On it, transparent huge pages are
  512 MiB and of no use.
- IMEX channels as driver options: their names could not be verified; the DRA driver makes channels.
- Confidential computing: none of the IOMMU settings may be used with it. The recipes have no such criterion, so it is up to you.

## Not verified

- No machine was tuned from this repository. The values are those of the sources named; the scripts were run against root folders
  like Ubuntu's and RHEL's with stand-ins for the programs that would reach the machine.
- The names under which tuned keeps its profile on EKS (`eks`) are those of nvidia-tuned 0.2; the pinned package is newer.
- The forms of GKE, Bottlerocket and Talos follow their documentation; no provider has judged the files.
- On the module options of the GPU operator: NVIDIA's documentation says one `NAME=VALUE` a line, upstream's manifest wrote lines of
  modprobe.d. We follow the documentation.
"""


@functools.cache
def overlays():
    return [yaml.safe_load(path.read_text(encoding="utf-8"))["spec"] for path in sorted((RECIPES / "overlays").glob("*.yaml"))]


@functools.cache
def components(query):
    """Names of the components of a recipe: what the overlays that match bring."""
    wanted = dict(query)
    found = set()
    for spec in overlays():
        criteria = {field: value for field, value in (spec.get("criteria") or {}).items() if value != "any"}
        if ("criteria" in spec or not spec.get("base")) and criteria.items() <= wanted.items():
            found |= {ref["name"] for ref in spec.get("componentRefs") or []}
    return frozenset(found)


def settings(accelerator, service, system, intent):
    query = {"accelerator": accelerator, "service": service, "os": system, "intent": intent}
    return tuning_data.settings(query, components(tuple(sorted(query.items()))))


def cell(text):
    return " ".join(str(text).split()).replace("|", "\\|")


def code(text):
    return f"`{cell(text)}`" if text != "" else "(no value)"


def proof(setting):
    verify = setting.get("verify")
    if not verify:
        return "no reading tells"
    if "expect" in verify:
        return f"{code(verify['reading'])} is {verify['expect']}"
    return f"{code(verify['reading'])} is {code(verify['value'])}"


def collect(accelerators):
    """name -> {intent and place -> setting} over all places."""
    found = {}
    for intent in INTENTS:
        for service, system in PLACES:
            for name, item in settings(accelerators[0], service, system, intent).items():
                found.setdefault(name, {})[intent, service, system] = item
    return found


def default(uses):
    on = {key: item for key, item in uses.items() if item["on"]}
    if not on:
        return "off: " + cell(next(iter(uses.values())).get("unsettled") or next(iter(uses.values()))["reason"])
    intents = {key[0] for key in uses}
    return "on" + (f" for {intents.pop()}" if len(intents) == 1 else "")


def values(uses):
    """Each value with the intents and places that have it, where they differ."""
    by_value = {}
    for (intent, _, _), item in uses.items():
        by_value.setdefault(item["value"], set()).add(intent)
    if len(by_value) == 1:
        return code(next(iter(by_value)))
    return ", ".join(f"{code(value)} ({' and '.join(sorted(intents))})" for value, intents in by_value.items())


def setting_table(found):
    yield "| setting | kind | key | value | why | trade-off | verified by | holds | default | source |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for name, uses in found.items():
        item = next(iter(uses.values()))
        # The reason of the general profile, not that of a place.
        for key in (("training", "generic", "ubuntu"), ("inference", "generic", "ubuntu")):
            item = uses.get(key, item)
        yield (f"| {name} | {item['kind']} | {code(item['key'])} | {values(uses)} | {cell(item['why'])} | {cell(item['tradeoff'])} | "
               f"{proof(item)} | {'after a reboot' if item.get('reboot') else 'at once'} | {default(uses)} | {cell(item['source'])} |")


def way(item):
    if item is None:
        return "–"
    if not item["on"]:
        return "off"
    rule = item["rule"]
    return f"{rule['mechanism']} ({rule['package']})" if "package" in rule else rule["mechanism"]


def place_table(found):
    """One row a setting, one column a place; where intents differ, both are told."""
    yield "| setting | " + " | ".join(f"{'own' if service == 'generic' else service} {system}" for service, system in PLACES) + " |"
    yield "|---" * (len(PLACES) + 1) + "|"
    for name, uses in found.items():
        row = []
        for place in PLACES:
            ways = {intent: way(uses.get((intent, *place))) for intent in INTENTS}
            known = {text for text in ways.values() if text != "–"}
            row.append(known.pop() if len(known) == 1 else "–" if not known else
                       "; ".join(f"{intent}: {text}" for intent, text in ways.items()))
        yield f"| {name} | " + " | ".join(row) + " |"


def held_back():
    yield "## Unsettled"
    yield ""
    yield "| profile | holds for | turned on by | why it is off | source |"
    yield "|---|---|---|---|---|"
    for name, document in tuning_data.profiles().items():
        held = document["spec"].get("holdsBack")
        if held:
            fields = "; ".join(f"{field} {', '.join(values_)}" for field, values_ in document["spec"]["appliesTo"].items())
            yield f"| {name} | {fields} | `--tuning {name}=on` | {cell(held['unsettled'])} | {cell(held['source'])} |"
    yield ""


def mechanisms():
    yield "| way | what it is | apply | revert |"
    yield "|---|---|---|---|"
    for item in tuning_data.delivery()["mechanisms"]:
        yield f"| {item['name']} | {cell(item['title'])} | {cell(item['apply'])} | {cell(item['revert'])} |"
    yield ""
    for item in tuning_data.delivery()["notFor"]:
        yield f"Not for {', '.join(item['service'])}: {cell(item['why'])}"
    yield ""


def page():
    yield HEAD.rstrip("\n")
    yield ""
    yield from mechanisms()
    yield from held_back()
    for title, accelerators in GROUPS:
        found = collect(accelerators)
        yield f"## {title}"
        yield ""
        yield from setting_table(found)
        yield ""
        yield "How each reaches a node, by service and operating system (*own*: machines of your own); a dash: not part of the recipe."
        yield ""
        yield from place_table(found)
        yield ""
    yield NOT_HERE.rstrip("\n")


if __name__ == "__main__":
    print("\n".join(page()))
