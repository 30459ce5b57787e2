# SPDX-License-Identifier: Apache-2.0
"""Combinations that cannot work are refused with reason, source and what works instead; maturity of what is put together."""

import json

import pytest

HEAD = "apiVersion: cns.nvidia.com/v1alpha1\nkind: {kind}\n"


def rules(text):
    return HEAD.format(kind="CompatibilityCatalog") + "metadata: {name: ours}\nrules:\n" + text


@pytest.mark.parametrize("options,parts,hint", [
    ("--service eks --os cos", ["service=eks os=cos cannot work", "Google's own node image", "(source: "],
     "--service gke; or --os ubuntu, "),
    ("--service aks --gpu L40S --intent inference", ["service=aks accelerator=l40s cannot work", "No machine type"],
     "--service "),
    ("--platform kserve --intent training", ["intent=training platform=kserve"], "--intent inference; or --platform "),
    ("--service gke --gpu gb200 --os ubuntu", ["service=gke accelerator=gb200 os=ubuntu", "Arm"], "--os cos"),
    ("--service aks --os talos --platform kubeflow --intent inference", ["os=talos", "platform=kubeflow", "; and "],
     "no single change mends all of this"),
])
@pytest.mark.parametrize("verb", ["recipe", "query", "explain"])
def test_what_cannot_work_is_refused(cnsctl, verb, options, parts, hint):
    done = cnsctl(verb, *options.split(), exit=2)
    assert not done.stdout
    message, advice = done.stderr.split("\n  hint: ")
    assert all(part in message for part in parts) and hint in advice, done.stderr


def test_advice_starts_with_what_is_served_best(cnsctl):
    advice = cnsctl("recipe", "--service", "aks", "--gpu", "l40s", exit=2).stderr.split("hint: ")[1]
    services = advice.split("--service ")[1].split(";")[0].split(", ")
    accelerators = advice.split("--accelerator ")[1].split(";")[0].strip().split(", ")
    assert {"eks", "oke", "generic"} <= set(services) and "gke" not in services
    assert "l40s" not in accelerators and accelerators.index("h100") < accelerators.index("a10")
    for word in services:
        cnsctl("recipe", "--service", word, "--gpu", "l40s")


def test_what_nobody_has_tried_still_resolves(cnsctl):
    rows = json.loads(cnsctl("recipe", "list", "--combinations", "--service", "eks", "--intent", "inference", "-t", "json")
                      .stdout)["combinations"]
    row = next(row for row in rows if len(row.get("parts", [])) > 1)
    options = [word for field, value in row["criteria"].items() if value != "any" for word in (f"--{field}", value)]
    done = cnsctl("recipe", *options, "-t", "json")
    metadata = json.loads(done.stdout)["metadata"]
    assert metadata["maturity"] == "preview"
    words = " ".join(f"{field}={value}" for field, value in row["criteria"].items() if value != "any")
    reason = f"no recipe is made for {words}; put together from {', '.join(row['parts'])}"
    assert metadata["maturityReason"] == reason and reason in done.stderr
    # What another part builds on is no part.
    assert "eks" not in row["parts"] and set(row["parts"]) < set(metadata["appliedOverlays"])
    error = cnsctl("recipe", *options, "--strict", exit=3).stderr
    assert reason in error and "--strict" in error


def test_what_is_made_for_it_is_strict_enough(cnsctl):
    leaf = ["--service", "eks", "--gpu", "h100", "--intent", "training", "--os", "ubuntu"]
    for options in (leaf, [*leaf, "--nodes", "4"], ["--service", "eks"]):
        metadata = json.loads(cnsctl("recipe", *options, "--strict", "-t", "json").stdout)["metadata"]
        assert metadata["maturity"] == "supported" and "maturityReason" not in metadata


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ours" / "hardware").mkdir(parents=True)
    (tmp_path / "ours/registry.yaml").write_text(HEAD.format(kind="ComponentRegistry") + "components: []\n")
    return tmp_path / "ours"


def test_external_rules_add_to_ours(cnsctl, folder):
    (folder / "compatibility.yaml").write_text(rules(
        "  - {name: no-kind, when: {service: [kind]}, why: We do not run it., source: our policy}\n"))
    assert "We do not run it (source: our policy)" in cnsctl("recipe", "--service", "kind", "--data", "ours", exit=2).stderr
    cnsctl("recipe", "--service", "eks", "--os", "cos", "--data", "ours", exit=2)
    cnsctl("recipe", "--service", "eks", "--data", "ours")


def test_external_rules_replace_by_name(cnsctl, folder):
    (folder / "compatibility.yaml").write_text(rules(
        "  - {name: cos-is-gke, when: {os: [cos]}, only: {service: [gke, eks]}, why: We built it., source: us}\n"))
    cnsctl("recipe", "--service", "eks", "--os", "cos", "--data", "ours")
    assert "We built it" in cnsctl("recipe", "--service", "aks", "--os", "cos", "--data", "ours", exit=2).stderr


def test_external_machines_add_to_ours(cnsctl, folder):
    (folder / "hardware/instances.yaml").write_text(HEAD.format(kind="InstanceCatalog") + "metadata: {name: ours}\n"
        "instances:\n  - {service: aks, accelerator: l40s, machines: [Custom], fabric: none, source: us}\n")
    cnsctl("recipe", "--service", "aks", "--gpu", "l40s", "--data", "ours")
    cnsctl("recipe", "--service", "aks", "--gpu", "h100", "--data", "ours")
    cnsctl("recipe", "--service", "gke", "--gpu", "l40s", "--data", "ours", exit=2)


def test_a_catalog_of_its_own_has_its_own_rules(cnsctl, folder):
    (folder / "overlays").mkdir()
    (folder / "overlays/base.yaml").write_text(HEAD.format(kind="RecipeMetadata") + "metadata: {name: base}\nspec: {}\n")
    cnsctl("recipe", "--service", "eks", "--os", "cos", "--catalog", "ours")
    (folder / "compatibility.yaml").write_text(rules(
        "  - {name: r, when: {service: [eks]}, not: {os: [ubuntu]}, why: No., source: us}\n"))
    cnsctl("recipe", "--service", "eks", "--os", "cos", "--catalog", "ours")
    cnsctl("recipe", "--service", "eks", "--os", "ubuntu", "--catalog", "ours", exit=2)


def test_predecessors_are_not_subject(cnsctl, shared):
    for catalog in (shared / "data/catalogs").iterdir():
        for folder in (catalog, catalog / "recipes", catalog / "data"):
            if (folder / "overlays/base.yaml").exists():
                cnsctl("recipe", "--service", "eks", "--os", "cos", "--catalog", str(folder))
                break
        else:
            pytest.fail(f"no catalog below {catalog}")
