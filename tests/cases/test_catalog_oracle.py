# SPDX-License-Identifier: Apache-2.0
"""The recipe engine against a second opinion: for both predecessors' catalogs and every combination of criteria, the
program's recipe is the one that tests/support/catalog_oracle.py computes from the rules alone. Separate cases show what
the mended rules change, and that results which were verified by running a predecessor come out again."""

import json
import subprocess

import pytest

from support import catalog_oracle as oracle
from support import documents
from support import recipe_data as data

CATALOGS = ("cnsctl-0.31", "aicr-0.11.1")


@pytest.fixture(scope="module")
def batch(cnsctl_path):
    """batch(folder or None, [query]) -> answers, by one process for all."""
    path = cnsctl_path.parent.parent / "tests" / "batch" / "resolve_batch"
    if not path.exists():
        pytest.skip(f"tool: {path} (build with -Dtests=true)")

    def run(folder, queries):
        lines = "".join(" ".join(query[field] for field in oracle.FIELDS) + "\n" for query in queries)
        command = [path] + ([folder] if folder else [])
        done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0 and not done.stderr, done.stderr[-2000:]
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(queries)
        return answers

    return run


@pytest.fixture(scope="module", params=CATALOGS)
def catalog(request, shared):
    return oracle.Catalog(shared / "data" / "catalogs" / request.param)


def newer(shared):
    return oracle.Catalog(shared / "data" / "catalogs" / "aicr-0.11.1")


def query(**fields):
    return {field: fields.get(field, "any") for field in oracle.FIELDS}


def test_every_combination(catalog, batch):
    queries = list(oracle.combinations())
    assert len(queries) == 6 * 6 * 3 * 5 * 3
    wrong, seen = [], set()
    for criteria, answer in zip(queries, batch(catalog.folder, queries)):
        assert "error" not in answer, (criteria, answer)
        expected = catalog.resolve(criteria)
        lines = both_ways(expected, oracle.from_program(answer["recipe"]))
        if lines:
            wrong.append(f"{criteria}: " + "; ".join(lines[:5]))
        assert answer["recipe"]["criteria"] == {**criteria, "nodes": 0}
        seen.add(tuple(expected["applied"]))
    assert not wrong, f"{len(wrong)} of {len(queries)} differ:\n" + "\n".join(wrong[:20])
    # Every overlay of the catalog took part in some recipe, so none of them went untested.
    assert {name for applied in seen for name in applied} == {"base", *catalog.overlays}


def both_ways(expected, actual):
    """Containment in both directions is equality, with the places where it fails."""
    return documents.differences(expected, actual) + documents.differences(actual, expected)


def test_the_oracle_can_disagree(batch, shared):
    # A test that cannot fail proves nothing: broken rules must be seen.
    catalog = newer(shared)
    criteria = query(service="eks", accelerator="h100", intent="training", os="ubuntu", platform="kubeflow")
    actual = oracle.from_program(batch(catalog.folder, [criteria])[0]["recipe"])
    assert not both_ways(catalog.resolve(criteria), actual)
    catalog.overlays["eks"].constraints.append({"name": "K8s.node.provider", "value": "eks"})
    assert both_ways(catalog.resolve(criteria), actual)


def test_program_and_batch_agree(cnsctl, batch, catalog):
    """The same answers come out of the program itself, for a sample that has every overlay in it."""
    sample, covered = [], set()
    for criteria in oracle.combinations():
        applied = set(catalog.applied(criteria))
        if applied - covered and any(value != "any" for value in criteria.values()):
            sample.append(criteria)
            covered |= applied
    for criteria, answer in zip(sample, batch(catalog.folder, sample)):
        options = [f"--{field}={value}" for field, value in criteria.items()]
        done = cnsctl("query", *options, "--catalog", str(catalog.folder), "--format", "json")
        assert json.loads(done.stdout) == answer["recipe"], criteria
        recipe = documents.load(cnsctl("recipe", *options, "--catalog", str(catalog.folder)).stdout)
        assert recipe["metadata"] == answer["recipe"]["metadata"]
        assert recipe["deploymentOrder"] == answer["recipe"]["deploymentOrder"]
        assert [row["name"] for row in recipe["componentRefs"]] == sorted(answer["recipe"]["components"])


# --- what the mended rules change -------------------------------------------------------------------------------------

def stated_specificity(overlay):
    """The predecessors' rule: a field that is left out counts as specific."""
    return sum(overlay.stated.get(field) != "any" for field in oracle.FIELDS)


def test_ties_are_broken_by_specificity_and_name(batch, shared):
    """Two overlays that a predecessor held for equally specific, and merged in random order: ours knows which one is."""
    catalog = oracle.Catalog(shared / "data" / "catalogs" / "cnsctl-0.31")
    assert stated_specificity(catalog.overlays["h100-inference"]) == stated_specificity(catalog.overlays["eks"])
    assert catalog.overlays["h100-inference"].specificity() == 3 and catalog.overlays["eks"].specificity() == 1
    criteria = query(service="eks", accelerator="h100", intent="inference", os="ubuntu")
    answers = batch(catalog.folder, [criteria] * 20)
    assert {json.dumps(answer) for answer in answers} == {json.dumps(answers[0])}
    constraints = oracle.from_program(answers[0]["recipe"])["constraints"]
    assert constraints["K8s.server.version"] == ">= 1.31"


def test_results_leak_nothing(batch, shared):
    """A recipe is the same whatever was resolved before it in the same process."""
    catalog = newer(shared)
    plain = query(service="eks")
    rich = query(service="eks", accelerator="h100", intent="training", os="ubuntu")
    first, _, last = batch(catalog.folder, [plain, rich, plain])
    assert first == last
    assert "performance" not in first["recipe"]["validation"]


def test_deep_merge_keeps_what_a_parent_set(cnsctl, tmp_path):
    """The predecessors replaced nested maps whole, so that a child's `driver` lost its parent's settings."""
    write_catalog(tmp_path / "catalog", {
        "parent": ("eks", None, {"driver": {"enabled": True, "version": "580"}}),
        "child": ("eks", "h100", {"driver": {"version": "590"}}),
    })
    catalog = oracle.Catalog(tmp_path / "catalog")
    criteria = query(service="eks", accelerator="h100")
    done = cnsctl("query", "--service", "eks", "--accelerator", "h100", "--catalog", "catalog", "--selector",
                  "components.gpu-operator.values", "-t", "json")
    values = json.loads(done.stdout)
    assert values == {"driver": {"enabled": True, "version": "590"}}
    assert values == catalog.resolve(criteria)["components"]["gpu-operator"]["values"]
    shallow = catalog.resolve(criteria, merge_overrides=oracle.merge_shallow)
    assert shallow["components"]["gpu-operator"]["values"] == {"driver": {"version": "590"}}


def write_catalog(folder, overlays, api_version="aicr.nvidia.com/v1alpha1"):
    (folder / "overlays").mkdir(parents=True)
    (folder / "registry.yaml").write_text(
        f"apiVersion: {api_version}\nkind: ComponentRegistry\n"
        "components:\n  - {name: gpu-operator, displayName: gpu-operator}\n")

    def write(name, spec):
        (folder / "overlays" / f"{name}.yaml").write_text(json.dumps(
            {"kind": "RecipeMetadata", "apiVersion": api_version, "metadata": {"name": name}, "spec": spec}))

    write("base", {"componentRefs": [{"name": "gpu-operator", "type": "Helm"}]})
    for name, (service, accelerator, overrides) in overlays.items():
        criteria = {"service": service, **({"accelerator": accelerator} if accelerator else {})}
        write(name, {"criteria": criteria, "componentRefs": [{"name": "gpu-operator", "overrides": overrides}]})


# --- results that were verified by running a predecessor ----------------------------------------------------------------

KUBEFLOW_ON_EKS = """aws-ebs-csi-driver aws-efa cert-manager kube-prometheus-stack k8s-ephemeral-storage-metrics
prometheus-adapter skyhook-operator skyhook-customizations gpu-operator kai-scheduler kubeflow-trainer
nvidia-dra-driver-gpu nvsentinel""".split()
DYNAMO_ON_GKE = """cert-manager dynamo-crds kgateway-crds kgateway kube-prometheus-stack k8s-ephemeral-storage-metrics
prometheus-adapter skyhook-operator skyhook-customizations gpu-operator kai-scheduler dynamo-platform
nvidia-dra-driver-gpu nvsentinel""".split()

VERIFIED = [
    # service, accelerator, intent, os, last overlay, Kubernetes bound, number of components
    ("aks", "h100", "training", "ubuntu", "h100-aks-ubuntu-training", ">= 1.32.4", 10),
    ("aks", "h100", "inference", "ubuntu", "h100-aks-ubuntu-inference", ">= 1.32.4", 12),
    ("eks", "h100", "training", "ubuntu", "h100-eks-ubuntu-training", ">= 1.32.4", 12),
    ("eks", "h100", "inference", "ubuntu", "h100-eks-ubuntu-inference", ">= 1.32.4", 14),
    ("eks", "gb200", "training", "ubuntu", "gb200-eks-ubuntu-training", ">= 1.32.4", 12),
    ("eks", "gb200", "inference", "ubuntu", "gb200-eks-ubuntu-inference", ">= 1.32.4", 14),
    ("eks", "h100", "training", "rhel", "h100-eks-training", ">= 1.32.4", 12),
    ("gke", "h100", "training", "cos", "h100-gke-cos-training", ">= 1.32", 11),
    ("gke", "h100", "inference", "cos", "h100-gke-cos-inference", ">= 1.32", 12),
    ("gke", "h100", "training", "ubuntu", "monitoring-hpa", ">= 1.25", 9),
    ("gke", "b200", "training", "cos", "gke-cos-training", ">= 1.30", 9),
    ("kind", "h100", "training", "any", "h100-kind-training", ">= 1.34", 10),
    ("kind", "h100", "inference", "any", "h100-kind-inference", ">= 1.30", 12),
    ("oke", "any", "any", "any", "monitoring-hpa", ">= 1.25", 9),
    ("eks", "a100", "training", "any", "eks-training", ">= 1.30", 11),
    ("eks", "l40", "inference", "any", "eks-inference", ">= 1.30", 13),
]


def test_verified_results(batch, shared):
    queries = [query(service=row[0], accelerator=row[1], intent=row[2], os=row[3]) for row in VERIFIED]
    for row, answer in zip(VERIFIED, batch(newer(shared).folder, queries)):
        recipe = oracle.from_program(answer["recipe"])
        found = (recipe["applied"][-1], recipe["constraints"]["K8s.server.version"], len(recipe["components"]))
        assert found == row[4:], row


def test_verified_orders(batch, shared):
    kubeflow = query(service="eks", accelerator="h100", intent="training", os="ubuntu", platform="kubeflow")
    dynamo = query(service="gke", accelerator="h100", intent="inference", os="cos", platform="dynamo")
    first, second = batch(newer(shared).folder, [kubeflow, dynamo])
    assert first["recipe"]["deploymentOrder"] == KUBEFLOW_ON_EKS
    assert second["recipe"]["deploymentOrder"] == DYNAMO_ON_GKE


def test_weakening_is_told(batch, shared):
    criteria = query(service="aks", accelerator="h100", intent="training", os="ubuntu")
    notes = batch(newer(shared).folder, [criteria])[0]["notes"]
    assert any("aks-training" in note and ">= 1.34" in note and "weakens" in note for note in notes), notes


# --- the built-in knowledge ---------------------------------------------------------------------------------------------

def is_refused(criteria):
    return data.refusals({field: value for field, value in criteria.items() if value != "any"})


def test_builtin_knowledge_resolves_everywhere(batch):
    """Every combination that can work gives a recipe, and none weakens a bound without saying so."""
    queries = list(oracle.combinations())
    for criteria, answer in zip(queries, batch(None, queries)):
        assert ("error" in answer) == bool(is_refused(criteria)), (criteria, answer)
        if "error" in answer:
            assert "cannot work" in answer["error"]
            continue
        bad = [note for note in answer["notes"] if "less than the" in note or "not in the registry" in note]
        assert not bad, (criteria, bad)


def test_builtin_knowledge_is_its_files(batch, root):
    """The embedded files and their index of overlays give what the folder recipes/ gives when it is read whole, and
    that is what the rules give."""
    queries = [criteria for criteria in oracle.combinations() if not is_refused(criteria)]
    catalog = oracle.Catalog(root / "recipes")
    embedded, read = batch(None, queries), batch(root / "recipes", queries)
    for criteria, first, second in zip(queries, embedded, read):
        assert second["recipe"]["metadata"]["catalog"].pop("source") == str(root / "recipes")
        assert first["recipe"] == second["recipe"], criteria
        expected, actual = catalog.resolve(criteria), oracle.from_program(first["recipe"])
        # One rule is ours alone: a bound is never weakened, so what the last overlay says need not hold.
        actual["constraints"].pop("K8s.server.version")
        expected["constraints"].pop("K8s.server.version")
        for name in expected["components"]:
            expected["components"][name].pop("namespace", None)
            actual["components"][name].pop("namespace", None)
        assert not both_ways(expected, actual), criteria
