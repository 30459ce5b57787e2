# SPDX-License-Identifier: Apache-2.0
"""A real Kubernetes API judges every manifest in the bundles of our own knowledge: each is sent as a server-side dry run,
so that types, unknown fields, names and rules of definitions are checked as a cluster checks them."""

import itertools

import pytest
import yaml

from support import recipe_data

# Definitions that none of the stored charts and definitions holds; and why that is so.
WITHOUT_DEFINITION = {
    ("agentgateway.dev", "AgentgatewayParameters"): "the chart agentgateway-crds is stored without its templates",
}
# Options that make every optional part of the manifests appear.
PLACED = ["--accelerated-node-selector", "gpu=true", "--accelerated-node-toleration", "nvidia.com/gpu=present:NoSchedule",
          "--system-node-selector", "system=true", "--system-node-toleration", "system=yes:NoSchedule",
          "--workload-selector", "app=train", "--set", "skyhook-customizations:tuningEnabled=true"]


def leaves():
    """Criteria of the overlays that no other builds on, as command line words."""
    known = recipe_data.overlays()
    bases = {spec.get("base") for spec in known.values()}
    return {name: [word for field, value in recipe_data.criteria(name).items() for word in (f"--{field}", str(value))]
            for name, spec in known.items() if name not in bases and spec.get("criteria")}


def definitions(shared):
    """(group, kind) -> the definition, of all that are stored."""
    found = {}
    folders = [shared / "data" / "crds", *sorted((shared / "data" / "charts").glob("*/crds"))]
    for path in itertools.chain.from_iterable(sorted(folder.glob("*.yaml")) for folder in folders):
        for document in yaml.safe_load_all(path.read_text()):
            if document and document.get("kind") == "CustomResourceDefinition":
                found.setdefault((document["spec"]["group"], document["spec"]["names"]["kind"]), document)
    return found


def manifests(folder):
    """(component, namespace, text) of each manifest of a bundle."""
    plan = yaml.safe_load((folder / "plan.yaml").read_text())
    for component in itertools.chain.from_iterable(wave["components"] for wave in plan["waves"]):
        for path in sorted(folder.glob(f"{component['name']}/*manifests/*.yaml")):
            yield path.relative_to(folder).as_posix(), component.get("namespace"), path.read_text()


def objects(text):
    return [document for document in yaml.safe_load_all(text) if document]


class Judge:
    def __init__(self, api, known):
        self.api, self.known = api, known
        self.applied, self.namespaces = set(), set()

    def prepare(self, document, namespace):
        group = document["apiVersion"].rpartition("/")[0]
        kind = (group, document["kind"])
        if kind in self.known and kind not in self.applied:
            name = self.known[kind]["metadata"]["name"]
            self.api.apply(yaml.safe_dump(self.known[kind]))
            self.api.kubectl("wait", "--for=condition=Established", f"crd/{name}", "--timeout=30s")
            self.applied.add(kind)
        namespace = document["metadata"].get("namespace", namespace)
        if namespace and namespace not in self.namespaces and not self.api.get("namespace", namespace):
            self.api.kubectl("create", "namespace", namespace)
        self.namespaces.add(namespace)

    def dry_run(self, document, namespace):
        where = ["--namespace", namespace] if namespace and "namespace" not in document["metadata"] else []
        return self.api.kubectl("apply", "--server-side", "--dry-run=server", "-f", "-", *where,
                                stdin=yaml.safe_dump(document), check=False)


@pytest.fixture(scope="module")
def judge(kube_api, shared):
    return Judge(kube_api, definitions(shared))


def test_manifests_of_all_leaves(judge, cnsctl, tmp_path):
    found = {}
    for name, words in leaves().items():
        recipe = cnsctl("recipe", *words).stdout
        for number, options in enumerate(([], PLACED)):
            cnsctl("bundle", "-r", "-", "-o", f"{name}-{number}", *options, stdin=recipe)
            for path, namespace, text in manifests(tmp_path / f"{name}-{number}"):
                found.setdefault((namespace, text), f"{name}: {path}")
    kinds, refused, passed_by = set(), [], set()
    for (namespace, text), place in found.items():
        for document in objects(text):
            judge.prepare(document, namespace)
            kind = (document["apiVersion"].rpartition("/")[0], document["kind"])
            if kind in WITHOUT_DEFINITION:
                passed_by.add(kind)
                continue
            done = judge.dry_run(document, namespace)
            kinds.add(document["kind"])
            if done.returncode != 0 or "Warning" in done.stderr:
                refused.append(f"{place}: {done.stderr}")
    assert not refused, "\n".join(refused)
    assert passed_by == set(WITHOUT_DEFINITION)
    assert kinds >= {"ConfigMap", "ResourceQuota", "DaemonSet", "Gateway", "ClusterTrainingRuntime", "Skyhook"}


def test_every_manifest_is_judged(root, cnsctl, tmp_path):
    """No file in the catalog is missed by the leaves."""
    names = {path.name for path in (root / "recipes" / "components").glob("*/manifests/*.yaml")}
    for name, words in leaves().items():
        cnsctl("bundle", "-r", "-", "-o", name, *PLACED, stdin=cnsctl("recipe", *words).stdout)
        names -= {path.rpartition("/")[2] for path, _, _ in manifests(tmp_path / name)}
    assert not names


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
