# SPDX-License-Identifier: Apache-2.0
"""A real Kubernetes API judges every manifest in the bundles of our own knowledge: each is sent as a server-side dry run,
so that types, unknown fields, names and rules of definitions are checked as a cluster checks them."""

import itertools
import re
import time

import pytest
import yaml

from support import recipe_data

# Definitions that none of the stored charts and definitions holds; and why that is so.
WITHOUT_DEFINITION = {
    ("agentgateway.dev", "AgentgatewayParameters"): "the chart agentgateway-crds is stored without its templates",
    ("monitoring.coreos.com", "PrometheusRule"): "the chart prometheus-operator-crds is stored without its templates; promtool "
                                                 "checks the rules in tests/cases/test_monitoring.py",
    ("serving.kserve.io", "InferenceService"): "the chart kserve-crd is stored without its templates",
    ("serving.kserve.io", "LLMInferenceService"): "the chart kserve-llmisvc-crd is not stored",
    **{(group, kind): "comes with OpenShift, or with an operator that OpenShift installs; none of them is stored"
       for group, kind in (("operators.coreos.com", "OperatorGroup"), ("operators.coreos.com", "Subscription"),
                           ("operator.openshift.io", "CertManager"), ("nfd.openshift.io", "NodeFeatureDiscovery"))},
}
# Options that make every optional part of the manifests appear.
PLACED = ["--accelerated-node-selector", "gpu=true", "--accelerated-node-toleration", "nvidia.com/gpu=present:NoSchedule",
          "--system-node-selector", "system=true", "--system-node-toleration", "system=yes:NoSchedule",
          "--workload-selector", "app=train"]
TUNED = ["--set", "skyhook-customizations:tuningEnabled=true"]


def leaves():
    """Criteria of the overlays that no other builds on, as command line words."""
    known = recipe_data.overlays()
    bases = {spec.get("base") for spec in known.values()}
    return {name: [word for field, value in recipe_data.criteria(name).items() for word in (f"--{field}", str(value))]
            for name in known if name not in bases and recipe_data.criteria(name)}


def mixin_queries():
    """mixin -> criteria that it may be used with, as command line words. A mixin that only changes a component which a
    platform brings is for that platform."""
    queries = {}
    for name, spec in recipe_data.mixins().items():
        query = {field: values[0] for field, values in spec.get("appliesTo", {}).items()}
        queries[name] = [word for field, value in query.items() for word in (f"--{field}", value)] or ["--service", "generic"]
    return queries


class Definitions:
    """Those that are stored, each read when it is first asked for: all of them are 20 MB of YAML."""

    def __init__(self, shared):
        folders = [shared / "data" / "crds", *sorted((shared / "data" / "charts").glob("*/crds"))]
        self.texts = [path.read_text() for folder in folders for path in sorted(folder.glob("*.yaml"))]

    def of_constraint(self, kind):
        """As Gatekeeper makes it out of the template, as far as the spec goes."""
        text = (recipe_data.RECIPES / "components" / "gatekeeper" / "manifests" / "gpu-templates.yaml").read_text()
        for template in yaml.safe_load_all(re.sub(r"\{\{.*?\}\}", "x", text)):
            about = template["spec"]["crd"]["spec"]
            if about["names"]["kind"] != kind:
                continue
            anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
            spec = {"enforcementAction": {"type": "string"}, "match": anything,
                    "parameters": about.get("validation", {}).get("openAPIV3Schema", {"type": "object"})}
            names = {"kind": kind, "plural": kind.lower(), "singular": kind.lower(), "listKind": f"{kind}List"}
            return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                    "metadata": {"name": f"{kind.lower()}.constraints.gatekeeper.sh"},
                    "spec": {"group": "constraints.gatekeeper.sh", "scope": "Cluster", "names": names, "versions": [{
                        "name": "v1beta1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                            "type": "object", "properties": {"spec": {"type": "object", "properties": spec}}}}}]}}
        return None

    def find(self, group, kind):
        if group == "constraints.gatekeeper.sh":
            return self.of_constraint(kind)
        for text in self.texts:
            if not (f"group: {group}\n" in text and f"kind: {kind}\n" in text):
                continue
            for document in yaml.load_all(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
                if document and document["kind"] == "CustomResourceDefinition" and document["spec"]["group"] == group and \
                        document["spec"]["names"]["kind"] == kind:
                    return document
        return None


def manifests(folder):
    """(component, namespace, text) of each manifest of a bundle."""
    plan = yaml.safe_load((folder / "plan.yaml").read_text())
    for component in itertools.chain.from_iterable(wave["components"] for wave in plan["waves"]):
        for path in sorted(folder.glob(f"{component['name']}/*manifests/*.yaml")):
            yield path.relative_to(folder).as_posix(), component.get("namespace"), path.read_text()


def objects(text):
    return [document for document in yaml.safe_load_all(text) if document]


def kind_of(document):
    return document["apiVersion"].rpartition("/")[0], document["kind"]


class Judge:
    def __init__(self, api, definitions):
        self.api, self.definitions = api, definitions
        self.seen, self.namespaces = set(), set()

    def prepare(self, document, namespace):
        if kind_of(document) not in self.seen:
            self.seen.add(kind_of(document))
            self.define(*kind_of(document))
        namespace = document["metadata"].get("namespace", namespace)
        if namespace and namespace not in self.namespaces and not self.api.get("namespace", namespace):
            self.api.kubectl("create", "namespace", namespace)
        self.namespaces.add(namespace)

    def define(self, group, kind):
        definition = self.definitions.find(group, kind) if "." in group else None
        if definition:
            self.api.apply(yaml.safe_dump(definition))
            end = time.monotonic() + 30
            while not self.is_established(definition["metadata"]["name"]):
                assert time.monotonic() < end
                time.sleep(0.1)

    def is_established(self, name):
        conditions = self.api.get("crd", name).get("status", {}).get("conditions") or []
        return any(item["type"] == "Established" and item["status"] == "True" for item in conditions)

    def dry_run(self, document, namespace):
        where = ["--namespace", namespace] if namespace and "namespace" not in document["metadata"] else []
        return self.api.kubectl("apply", "--server-side", "--dry-run=server", "-f", "-", *where,
                                stdin=yaml.safe_dump(document), check=False)


@pytest.fixture(scope="module")
def judge(kube_api, shared):
    return Judge(kube_api, Definitions(shared))


def test_manifests_of_all_leaves_and_mixins(judge, root, cnsctl, tmp_path):
    found = {}
    queries = leaves() | {f"mixin-{name}": [*words, "--mixin", name] for name, words in mixin_queries().items()}
    for name, words in queries.items():
        recipe = cnsctl("recipe", *words).stdout
        placed = PLACED + (TUNED if "skyhook-customizations" in recipe else [])
        for number, options in enumerate(([], placed)):
            cnsctl("bundle", "-r", "-", "-o", f"{name}-{number}", *options, *recipe_data.filled_in(recipe), stdin=recipe)
            for path, namespace, text in manifests(tmp_path / f"{name}-{number}"):
                found.setdefault((namespace, text), f"{name}: {path}")
    # No file of the catalog is missed by the leaves and mixins.
    assert {place.rpartition("/")[2] for place in found.values()} == \
        {path.name for path in (root / "recipes" / "components").glob("*/manifests/*.yaml")}

    kinds, refused, passed_by = set(), [], set()
    for (namespace, text), place in found.items():
        for document in objects(text):
            judge.prepare(document, namespace)
            if kind_of(document) in WITHOUT_DEFINITION:
                passed_by.add(kind_of(document))
                continue
            done = judge.dry_run(document, namespace)
            kinds.add(document["kind"])
            if done.returncode != 0 or "Warning" in done.stderr:
                refused.append(f"{place}: {done.stderr}")
    assert not refused, "\n".join(refused)
    assert passed_by == set(WITHOUT_DEFINITION)
    assert kinds >= {"ConfigMap", "ResourceQuota", "DaemonSet", "Gateway", "ClusterTrainingRuntime", "Skyhook"}


# Objects that only choices of the user bring about.
TUNING = {
    "aks": ["--service", "aks", "--accelerator", "h100", "--os", "ubuntu", "--intent", "training", "--tuning", "aks-ubuntu=on"],
    "gb200-eks": ["--service", "eks", "--accelerator", "gb200", "--os", "ubuntu", "--intent", "training", "--tuning", "gb200-eks=on"],
    "rtx": ["--service", "generic", "--accelerator", "rtx-pro-6000", "--os", "ubuntu", "--intent", "inference"],
    "gke": ["--service", "gke", "--accelerator", "h100", "--os", "cos", "--intent", "training"],
}


@pytest.mark.parametrize("name", sorted(TUNING))
def test_objects_of_node_tuning(judge, cnsctl, tmp_path, name):
    cnsctl("recipe", *TUNING[name], "-o", "recipe.yaml")
    cnsctl("bundle", "-r", "recipe.yaml", "-o", "bundle", *PLACED)
    judged = []
    for path, namespace, text in manifests(tmp_path / "bundle"):
        for document in objects(text) if "skyhook-customizations" in path or "module-params" in path else []:
            judge.prepare(document, namespace)
            done = judge.dry_run(document, namespace)
            assert done.returncode == 0 and "Warning" not in done.stderr, f"{path}: {done.stderr}"
            judged.append(document)
    packages = {package for document in judged for package in document.get("spec", {}).get("packages", {})}
    assert {"aks": "settings", "gb200-eks": "profile", "gke": "sysctl"}.get(name) in packages | {None}
    assert {"rtx", "gb200-eks"}.isdisjoint({name}) or any(document["kind"] == "ConfigMap" and document["data"] for document in judged)


def test_the_judge_refuses(judge):
    """A field too much, a wrong type, a wrong name: of a built-in kind and of a definition's."""
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": "1"}}}
    skyhook = {"apiVersion": "skyhook.nvidia.com/v1alpha1", "kind": "Skyhook", "metadata": {"name": "s"}, "spec": {"runtimeRequired": True}}
    for document in (quota, skyhook):
        judge.prepare(document, "default")
        assert judge.dry_run(document, "default").returncode == 0
    for wrong in ({**quota, "spec": {"hard": {"pods": "many"}}}, {**quota, "spec": {"hart": {}}}, {**quota, "metadata": {"name": "Q"}},
                  {**skyhook, "spec": {"runtimeRequired": "yes"}}, {**skyhook, "spec": {"runtimeRequire": True}}):
        assert judge.dry_run(wrong, "default").returncode != 0, wrong
