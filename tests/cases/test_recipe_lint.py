# SPDX-License-Identifier: Apache-2.0
"""cnsctl recipe lint: a small catalog that is clean, broken in one way for each rule, and our own knowledge."""

import gzip
import io
import json
import os
import re
import tarfile

import jsonschema
import pytest


HEAD = "apiVersion: cns.nvidia.com/v1alpha1\nkind: {kind}\n"
OVERLAY = HEAD.format(kind="RecipeMetadata") + "metadata:\n  name: {name}\nspec:\n"
PROVENANCE = "      source: release notes\n      why: because\n"

CLEAN = {
    "registry.yaml": HEAD.format(kind="ComponentRegistry") + """\
components:
  - name: gpu-operator
    displayName: GPU operator
    valueOverrideKeys: [gpuoperator]
    helm:
      defaultRepository: https://charts.example
      defaultChart: nvidia/gpu-operator
      defaultVersion: v1.2.3
      defaultNamespace: gpu-operator
    healthCheck: {timeout: 5m, resources: [{kind: Deployment, name: gpu-operator}]}
    nodeScheduling:
      system:
        nodeSelectorPaths: [operator.nodeSelector]
    source: release notes
    why: because
  - name: cert-manager
    displayName: cert-manager
    helm:
      defaultRepository: https://certs.example
      defaultChart: cert-manager
      defaultVersion: v1.0.0
      defaultNamespace: cert-manager
    healthCheck: {timeout: 5m, resources: [{kind: Deployment, name: cert-manager}]}
    source: release notes
    why: because
""",
    "criteria.yaml": HEAD.format(kind="CriteriaCatalog") + """\
fields:
  service:
    values:
      - {name: eks, aliases: [aws]}
      - {name: gke}
  accelerator:
    values:
      - {name: h100}
""",
    "overlays/base.yaml": OVERLAY.format(name="base") + """\
  constraints:
    - name: K8s.server.version
      value: ">= 1.32"
      source: release notes
      why: because
  componentRefs:
    - name: gpu-operator
      valuesFile: components/gpu-operator/values.yaml
      dependencyRefs: [cert-manager]
      manifestFiles: [components/gpu-operator/manifests/quota.yaml]
      sources: [release notes]
      why: because
    - name: cert-manager
      sources: [release notes]
      why: because
""",
    "overlays/eks.yaml": OVERLAY.format(name="eks") + "  criteria: {service: eks}\n",
    "overlays/h100-eks.yaml": OVERLAY.format(name="h100-eks") + """\
  base: eks
  criteria: {service: eks, accelerator: h100}
  constraints:
    - name: K8s.server.version
      value: ">= 1.33"
      source: release notes
      why: because
""",
    "components/gpu-operator/values.yaml": "driver:\n  version: \"590\"\n",
    "components/gpu-operator/facts.yaml": HEAD.format(kind="ComponentFacts") + """\
component: gpu-operator
facts:
  - {path: driver, source: release notes, why: because}
""",
    "components/gpu-operator/manifests/quota.yaml": "kind: ResourceQuota\nname: {{ .Release.Namespace }}\n",
}
UPGRADES = HEAD.format(kind="ComponentUpgrades") + """\
component: gpu-operator
transitions:
  - {from: "< 1.0", to: ">= 1.2, < 1.3", verdict: manual, summary: Much, steps: [Read the notes], source: release notes}
  - {from: ">= 1.0, < 1.2.3", to: ">= 1.2, <= 1.2.3", verdict: safe, summary: Little, verifiedBy: us, source: release notes}
"""
CLEAN["components/gpu-operator/upgrades.yaml"] = UPGRADES
CHARTS = {
    "gpu-operator/Chart.yaml": "name: gpu-operator\nversion: 1.2.3\n"
                               "dependencies: [{name: nfd-chart, alias: nfd}, {name: far}]\n",
    "gpu-operator/values.yaml": "driver:\n  version: \"1\"\n  enabled: true\n  port: 80\n  env: []\n  free: {}\n"
                                "operator:\n  nodeSelector: {}\n  resources: {limits: {cpu: 1}}\n",
    "nfd-chart/values.yaml": "master: {replicas: 1}\n",
    "cert-manager/values.yaml": "# nothing\n",
}


def edit(files, path, old, new):
    assert old in files[path], f"{path} has no {old!r}"
    return {**files, path: files[path].replace(old, new, 1)}


def put(files, path, text):
    return {**files, path: text}


def write(folder, files):
    for path, text in files.items():
        if text is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)


@pytest.fixture
def lint(cnsctl, tmp_path):
    """lint(files, *options, exit=0) -> the report's results."""

    def run(files, *options, exit=0, charts=None):
        write(tmp_path / "catalog", files)
        if charts is not None:
            write(tmp_path / "charts", charts)
            options = (*options, "--charts", "charts")
        done = cnsctl("recipe", "lint", "catalog", *options, "-t", "json", exit=exit)
        return json.loads(done.stdout)["results"]

    return run


def found(results):
    return [result for result in results if result["status"] in ("failed", "warning")]


def test_the_small_catalog_is_clean(lint):
    assert not found(lint(MIXED, "--fail-on", "warning", charts=CHARTS))
    assert not found(lint(TUNED, "--fail-on", "warning", charts=CHARTS))
    results = lint(CLEAN, "--fail-on", "warning", charts=CHARTS)
    assert not found(results)
    assert {result["status"] for result in results} == {"passed"}
    assert len(results) == len({result["name"] for result in results}) > 30


def compatibility(condition, when="when: {service: [eks]}", why="    why: because\n"):
    return put(CLEAN, "compatibility.yaml", HEAD.format(kind="CompatibilityCatalog") +
               f"rules:\n  - name: rule\n    {when}\n    {condition}\n{why}    source: release notes\n")


MIXED = {
    **edit(CLEAN, "overlays/eks.yaml", "{service: eks}\n", "{service: eks}\n  mixins: [driver]\n"),
    "overlays/h100-eks.yaml": OVERLAY.format(name="h100-eks") + "  base: eks\n  criteria: {service: eks, accelerator: h100}\n",
    "components/gpu-operator/values-small.yaml": "driver:\n  version: \"580\"\n",
    "mixins/driver.yaml": HEAD.format(kind="RecipeMixin") + """\
metadata:
  name: driver
  title: Another driver
  maturity: preview
spec:
  appliesTo: {service: [aws]}
  constraints:
    - name: K8s.server.version
      value: ">= 1.35"
      source: release notes
      why: because
  componentRefs:
    - name: gpu-operator
      valuesFile: components/gpu-operator/values-small.yaml
      sources: [release notes]
      why: because
""",
}
SWAP = "- {name: swap, kind: sysctl, key: vm.swappiness, value: '1', packages: [parcel], why: w, tradeoff: t, source: s, verify: {reading: OS.sysctl.x, value: '1'}}"
PROFILE = HEAD.format(kind="TuningProfile") + "metadata: {{name: {0}, title: A profile}}\nspec:\n  appliesTo: {{{1}}}\n  settings:\n    {2}\n"
TUNED = {
    **CLEAN,
    "tuning/one.yaml": PROFILE.format("one", "accelerator: [h100]", SWAP),
    "tuning/two.yaml": PROFILE.format("two", "accelerator: [h100], service: [eks]",
                                      "- {name: swap, kind: sysctl, key: vm.swappiness, enabled: false, unsettled: taste}"),
    "tuning/delivery.yaml": HEAD.format(kind="TuningDelivery") + """\
metadata: {name: delivery}
spec:
  mechanisms: [{name: box, title: A box, apply: open it, revert: close it}]
  rules:
    - {package: parcel, component: gpu-operator, mechanism: box, componentRef: {name: gpu-operator, sources: [s], why: w}}
""",
}
WIDE = OVERLAY.format(name="gke") + "  criteria: {service: gke}\n"
# rule, severity, catalog, place, part of the message, part of what to do
BROKEN = [
    ("yaml", "error", edit(CLEAN, "overlays/eks.yaml", "spec:\n", "spec:\n  a: [\n"), "overlays/eks.yaml:", "", ""),
    ("yaml", "error", edit(CLEAN, "overlays/eks.yaml", "spec:\n", "spec:\n  base: base\n  base: base\n"),
     "overlays/eks.yaml:7:3", "base", ""),
    ("document-kind", "error", edit(CLEAN, "criteria.yaml", "CriteriaCatalog", "Criteria"), "criteria.yaml:2:7",
     "CriteriaCatalog", "kind: CriteriaCatalog"),
    ("document-kind", "error", edit(CLEAN, "overlays/eks.yaml", "cns.nvidia.com/v1alpha1", "cns.example/v7"),
     "overlays/eks.yaml:1:13", "cns.example/v7", "cns.nvidia.com/v1alpha1"),
    ("document-kind", "error", put(CLEAN, "components/gpu-operator/values.yaml", "- a\n"),
     "components/gpu-operator/values.yaml:1:1", "map", ""),
    ("document-kind", "error", put(CLEAN, "overlays/base.yaml", None), None, "overlays/base.yaml", "--data"),
    ("unknown-key", "error", edit(CLEAN, "overlays/eks.yaml", "spec:\n", "spec:\n  componentRef: []\n"),
     "overlays/eks.yaml:6:3", "componentRef", "componentRefs"),
    ("unknown-key", "error", edit(CLEAN, "registry.yaml", "defaultVersion: v1.2.3", "defaultVersion: v1.2.3\n      verison: 1"),
     "registry.yaml:11:7", "verison", "known keys: defaultRepository"),
    ("unknown-key", "error", edit(CLEAN, "components/gpu-operator/facts.yaml", "why: because}", "why: because, wy: 1}"),
     "components/gpu-operator/facts.yaml:5:", "wy", "why"),
    ("unknown-key", "error", edit(CLEAN, "criteria.yaml", "aliases: [aws]", "alias: [aws]"), "criteria.yaml:6:", "alias",
     "aliases"),
    ("document-shape", "error", edit(CLEAN, "overlays/h100-eks.yaml", '">= 1.33"', '{a: 1}'), "overlays/h100-eks.yaml:",
     "", ""),
    ("document-shape", "error", edit(CLEAN, "registry.yaml", "    displayName: cert-manager\n", ""), "registry.yaml:",
     "displayName", ""),
    ("name-differs", "error", edit(CLEAN, "overlays/eks.yaml", "name: eks", "name: eks-all"), "overlays/eks.yaml:4:9",
     "eks-all", "rename"),
    ("name-differs", "error", edit(CLEAN, "components/gpu-operator/facts.yaml", "component: gpu-operator", "component: gpu"),
     "components/gpu-operator/facts.yaml:3:12", "'gpu'", ""),
    ("duplicate-name", "error", put(CLEAN, "overlays/other.yaml", CLEAN["overlays/eks.yaml"]), "overlays/other.yaml:4:9",
     "overlays/eks.yaml:4:9", "another name"),
    ("duplicate-name", "error", edit(CLEAN, "registry.yaml", "    displayName: cert-manager",
                                     "    valueOverrideKeys: [gpuoperator]\n    displayName: cert-manager"),
     "registry.yaml:19:25", "gpuoperator", ""),
    ("missing-file", "error", edit(CLEAN, "overlays/base.yaml", "values.yaml", "valuse.yaml"), "overlays/base.yaml:13:19",
     "valuse.yaml", "components/gpu-operator/values.yaml"),
    ("missing-file", "error", edit(CLEAN, "overlays/base.yaml", "quota.yaml", "nowhere-to-be-found-at-all.yaml"),
     "overlays/base.yaml:15:23", "nowhere", "add the file"),
    ("unused-file", "warning", put(CLEAN, "components/gpu-operator/values-old.yaml", "driver: {}\n"),
     "components/gpu-operator/values-old.yaml", "no overlay", "delete"),
    ("template-syntax", "error", edit(CLEAN, "components/gpu-operator/manifests/quota.yaml", "{{ .Release", "{{ if .Release"),
     "components/gpu-operator/manifests/quota.yaml:", "", ""),
    ("unknown-base", "error", edit(CLEAN, "overlays/h100-eks.yaml", "base: eks", "base: esk"), "overlays/h100-eks.yaml:6:9",
     "esk", "did you mean 'eks'?"),
    ("inheritance-cycle", "error", edit(CLEAN, "overlays/eks.yaml", "spec:\n", "spec:\n  base: h100-eks\n"),
     "overlays/eks.yaml:6:9", "eks -> h100-eks -> eks", "outside the circle"),
    ("tuning-setting", "error", edit(TUNED, "tuning/one.yaml", "vm.swappiness", "swappiness"), "tuning/one.yaml:7:", "key 'swappiness'",
     "each kind of setting"),
    ("tuning-setting", "error", edit(TUNED, "tuning/one.yaml", "kind: sysctl", "kind: sysctrl"), "tuning/one.yaml:7:", "sysctrl", "sysctl"),
    ("tuning-setting", "error", edit(TUNED, "tuning/one.yaml", "x, value: '1'", "x, value: '>= '"), "tuning/one.yaml:7:", "cannot be verified",
     "constraint"),
    ("tuning-setting", "error", edit(TUNED, "tuning/two.yaml", "vm.swappiness", "vm.swap"), "tuning/two.yaml:7:",
     "no profile gives setting 'swap' a value", "give it a value"),
    ("tuning-tie", "error", put(TUNED, "tuning/three.yaml", PROFILE.format("three", "service: [eks]", SWAP.replace("value: '1'", "value: '2'", 1))),
     "tuning/one.yaml:7:", "is '1' here and '2' at catalog/tuning/three.yaml:7:", "one more field"),
    ("tuning-delivery", "error", edit(TUNED, "tuning/delivery.yaml", "mechanism: box", "mechanism: fox"), "tuning/delivery.yaml:7:", "'fox'",
     "spec.mechanisms"),
    ("tuning-delivery", "error", edit(TUNED, "tuning/one.yaml", "[parcel]", "[bag]"), "tuning/one.yaml:7:", "'bag', which no rule delivers",
     "delivery.yaml"),
    ("tuning-delivery", "error", edit(TUNED, "tuning/delivery.yaml", "componentRef: {name: gpu-operator", "componentRef: {name: cert-manager"),
     "tuning/delivery.yaml:7:", "changes 'cert-manager'", "component"),
    ("tuning-delivery", "error", put(TUNED, "tuning/delivery.yaml", None), "tuning/", "without tuning/delivery.yaml", "add"),
    ("unknown-key", "error", edit(TUNED, "tuning/one.yaml", "tradeoff", "tradeof"), "tuning/one.yaml:7:", "tradeof", "tradeoff"),
    ("document-kind", "error", edit(TUNED, "tuning/one.yaml", "TuningProfile", "TuningFile"), "tuning/one.yaml:2:7", "TuningFile", "TuningProfile"),
    ("name-differs", "error", edit(TUNED, "tuning/two.yaml", "name: two", "name: too"), "tuning/two.yaml:3:", "'too'", "rename"),
    ("unknown-mixin", "error", edit(MIXED, "overlays/eks.yaml", "[driver]", "[dirver]"), "overlays/eks.yaml:7:12", "dirver",
     "did you mean 'driver'?"),
    ("unknown-mixin", "error", edit(MIXED, "mixins/driver.yaml", "[aws]", "[gke]"), "overlays/eks.yaml:7:12",
     "for service 'eks', for which its mixin 'driver' is not", "appliesTo"),
    ("unknown-key", "error", edit(MIXED, "mixins/driver.yaml", "appliesTo", "applieTo"), "mixins/driver.yaml:8:3", "applieTo",
     "did you mean 'appliesTo'?"),
    ("document-shape", "error", edit(MIXED, "mixins/driver.yaml", "[aws]", "aws"), "mixins/driver.yaml:8:24",
     "spec.appliesTo.service must be a list", "mixin"),
    ("document-kind", "error", edit(MIXED, "mixins/driver.yaml", "RecipeMixin", "RecipeMixture"), "mixins/driver.yaml:2:7",
     "RecipeMixture", "kind: RecipeMixin"),
    ("name-differs", "error", edit(MIXED, "mixins/driver.yaml", "name: driver", "name: drivers"), "mixins/driver.yaml:4:9",
     "mixin 'drivers'", "rename"),
    ("duplicate-name", "error", put(MIXED, "mixins/more.yaml", MIXED["mixins/driver.yaml"]), "mixins/more.yaml:4:9",
     "mixins/driver.yaml:4:9", "another name"),
    ("missing-file", "error", edit(MIXED, "mixins/driver.yaml", "small.yaml", "big.yaml"), "mixins/driver.yaml:16:19",
     "big.yaml", ""),
    ("constraint-syntax", "error", edit(MIXED, "mixins/driver.yaml", '">= 1.35"', '">= "'), "mixins/driver.yaml:11:14",
     "K8s.server.version", ""),
    ("weakened-constraint", "error", edit(MIXED, "mixins/driver.yaml", ">= 1.35", ">= 1.31"), "mixins/driver.yaml:11:14",
     ">= 1.32", "relaxWhy"),
    ("missing-source", "warning", edit(MIXED, "mixins/driver.yaml", "      why: because\n", ""), "mixins/driver.yaml:10:7",
     "no why", "why"),
    ("unregistered-component", "warning", edit(MIXED, "mixins/driver.yaml", "name: gpu-operator", "name: gpu-operater"),
     "mixins/driver.yaml:15:13", "gpu-operater", "did you mean 'gpu-operator'?"),
    ("unreachable-overlay", "error", put(CLEAN, "overlays/lost.yaml", OVERLAY.format(name="lost") + "  base: eks\n"),
     "overlays/lost.yaml:", "lost", "criteria"),
    ("same-criteria", "error", put(CLEAN, "overlays/aws.yaml", OVERLAY.format(name="aws") + "  criteria: {service: aws}\n"),
     "overlays/eks.yaml:6:13", "service=eks", "more specific"),
    ("contradicting-criteria", "error", put(CLEAN, "overlays/gke.yaml", WIDE.replace("spec:\n", "spec:\n  base: eks\n")),
     "overlays/gke.yaml:7:13", "'gke'", "inherit"),
    ("unknown-criterion", "warning", put(CLEAN, "overlays/gke.yaml", WIDE.replace("service: gke", "service: gek")),
     "overlays/gke.yaml:6:23", "gek", "did you mean"),
    ("unknown-maturity", "error", edit(CLEAN, "overlays/eks.yaml", "name: eks", "name: eks\n  maturity: preveiw"),
     "overlays/eks.yaml:5:13", "preveiw", "did you mean 'preview'?"),
    ("compatibility-rule", "error", compatibility("only: {os: [ubuntu]}", "when: {service: [esk]}"),
     "compatibility.yaml:", "'esk'", "did you mean 'eks'?"),
    ("compatibility-rule", "error", compatibility("only: {servise: [eks]}"), "compatibility.yaml:", "servise", "service"),
    ("compatibility-rule", "error", compatibility("not: {accelerator: []}"), "compatibility.yaml:", "list", ""),
    ("compatibility-rule", "error", compatibility("not: {accelerator: [h100]}\n    needsMachine: true"),
     "compatibility.yaml:", "more than one", ""),
    ("compatibility-rule", "error", compatibility("not: {accelerator: [h100]}", why=""), "compatibility.yaml:", "no why", ""),
    ("impossible-criteria", "error", compatibility("not: {accelerator: [h100]}"), "overlays/h100-eks.yaml:7:13",
     "'rule'", "compatibility.yaml"),
    ("constraint-syntax", "error", edit(CLEAN, "overlays/h100-eks.yaml", '">= 1.33"', '">= "'),
     "overlays/h100-eks.yaml:10:14", "K8s.server.version", ""),
    ("weakened-constraint", "error", edit(CLEAN, "overlays/h100-eks.yaml", ">= 1.33", ">= 1.30"),
     "overlays/h100-eks.yaml:10:14", ">= 1.32", "relaxWhy"),
    ("unregistered-component", "warning", edit(CLEAN, "overlays/base.yaml", "    - name: cert-manager",
     "    - {name: cert-manger, sources: [a], why: b}\n    - name: cert-manager"), "overlays/base.yaml:18:14", "cert-manger",
     "did you mean 'cert-manager'?"),
    ("unpinned-version", "error", edit(CLEAN, "registry.yaml", "      defaultVersion: v1.2.3\n", ""),
     "overlays/base.yaml:12:7", "gpu-operator", "version"),
    ("unpinned-version", "error", edit(CLEAN, "registry.yaml", "v1.0.0", "^1.0"), "registry.yaml:23:23", "^1.0", "released"),
    ("unknown-dependency", "error", edit(CLEAN, "overlays/base.yaml", "[cert-manager]", "[cert-manger]"),
     "overlays/base.yaml:14:24", "cert-manger", "did you mean 'cert-manager'?"),
    ("dependency-cycle", "error", edit(CLEAN, "overlays/base.yaml", "    - name: cert-manager\n",
     "    - name: cert-manager\n      dependencyRefs: [gpu-operator]\n"), "overlays/base.yaml:",
     "cert-manager -> gpu-operator -> cert-manager", "take one"),
    ("unresolvable", "error", edit(CLEAN, "overlays/base.yaml", "    - name: cert-manager\n", "".join(
        f"    - {{name: c{index}, sources: [a], why: b}}\n" for index in range(1001)) + "    - name: cert-manager\n"),
     None, "limit of 1000", ""),
    ("unresolvable-profile", "error", edit(CLEAN, "overlays/eks.yaml", "{service: eks}\n", """{service: eks}
  profile:
    name: stack
    default: one
    values:
      one: {source: us, why: because}
      two: {source: us, why: because, componentRefs: [{name: cert-manager, dependencyRefs: [nothing], sources: [a], why: b}]}
"""), "overlays/eks.yaml:12:7", "with stack=two, overlay 'eks' does not resolve", ""),
    ("missing-source", "warning", edit(CLEAN, "overlays/eks.yaml", "{service: eks}\n", """{service: eks}
  profile: {name: stack, default: one, values: {one: {source: us}}}
"""), "overlays/eks.yaml:7:49", "'one' of a profile", "source"),
    ("missing-source", "warning", edit(CLEAN, "overlays/h100-eks.yaml", "      why: because\n", ""),
     "overlays/h100-eks.yaml:9:7", "no why", "why"),
    ("missing-source", "warning", edit(CLEAN, "overlays/base.yaml", "      sources: [release notes]\n", ""),
     "overlays/base.yaml:12:7", "gpu-operator", "sources"),
    ("missing-source", "warning", edit(CLEAN, "registry.yaml", "    source: release notes\n", ""), "registry.yaml:4:5",
     "gpu-operator", "source"),
    ("missing-source", "warning", edit(CLEAN, "components/gpu-operator/values.yaml", "driver:", "other: 1\ndriver:"),
     "components/gpu-operator/values.yaml:1:8", "other", "facts.yaml"),
    ("missing-source", "warning", edit(CLEAN, "components/gpu-operator/upgrades.yaml", ", source: release notes", ""),
     "components/gpu-operator/upgrades.yaml:5:5", "transition", "source"),
    ("document-kind", "error", edit(CLEAN, "components/gpu-operator/upgrades.yaml", "ComponentUpgrades", "Upgrades"),
     "components/gpu-operator/upgrades.yaml:2:7", "ComponentUpgrades", ""),
    ("unknown-key", "error", edit(CLEAN, "components/gpu-operator/upgrades.yaml", "verifiedBy: us", "verifiedBy: us, verfiedBy: us"),
     "components/gpu-operator/upgrades.yaml:6:", "verfiedBy", "verifiedBy"),
    ("name-differs", "error", edit(CLEAN, "components/gpu-operator/upgrades.yaml", "component: gpu-operator", "component: gpu"),
     "components/gpu-operator/upgrades.yaml:3:12", "upgrade notes about 'gpu'", ""),
    ("unused-file", "warning", put(CLEAN, "components/gpu-operator/upgrade.yaml", "a: 1\n"),
     "components/gpu-operator/upgrade.yaml", "no overlay", ""),
    ("weakened-constraint", "error", edit(edit(CLEAN, "overlays/eks.yaml", "{service: eks}\n", """{service: eks}
  validation:
    performance:
      constraints: [{name: nccl-bandwidth, value: ">= 300", source: us, why: measured}]
"""), "overlays/h100-eks.yaml", "  constraints:\n", """  validation:
    performance:
      constraints: [{name: nccl-bandwidth, value: ">= 200", source: us, why: hoped}]
  constraints:
"""), "overlays/h100-eks.yaml:10:51", "'>= 200'", "relaxWhy"),
    ("duplicate-name", "error", edit(CLEAN, "registry.yaml", "valueOverrideKeys: [gpuoperator]", "valueOverrideKeys: [cert-manager]"),
     "registry.yaml:6:25", "name of another component", "another key"),
    *[("unpinned-image", "warning", edit(CLEAN, "components/gpu-operator/values.yaml", 'version: "590"', value),
       f"components/gpu-operator/values.yaml:2:{column}", message, "digest") for value, column, message in [
        ("image: registry.example:5000/busybox", 10, "has no tag"),
        ("image: busybox:latest", 10, "does not name one version"),
        ("image: {repository: busybox, tag: latest}", 37, "'latest'"),
        ("containers: [{image: busybox}]", 24, "has no tag"),
    ]],
    *[("unpinned-image", "warning", edit(CLEAN, "components/gpu-operator/manifests/quota.yaml", "name:", f"{line}\nname:"),
       f"components/gpu-operator/manifests/quota.yaml:2:{column}", message, "digest") for line, column, message in [
        ("image: \"busybox\"", 9, "has no tag"), ("  - image: a/busybox:main", 12, "does not name one version"),
    ]],
    ("stale-fact", "warning", edit(CLEAN, "components/gpu-operator/facts.yaml", "path: driver,", "path: drivers,"),
     "components/gpu-operator/facts.yaml:5:12", "explains nothing", "delete the fact"),
    ("stale-fact", "warning", edit(CLEAN, "components/gpu-operator/facts.yaml", "path: driver,", "path: driver, file: values-cos.yaml,")
     | {"components/gpu-operator/values-cos.yaml": "toolkit: {enabled: false}\n"},
     "components/gpu-operator/facts.yaml:5:12", "explains nothing", "delete the fact"),
    *[("schema", severity, edit(CLEAN, path, old, new), f"{path}:{place}", message, "recipe-format") for
      severity, path, old, new, place, message in [
        ("error", "registry.yaml", "nodeSelectorPaths: [operator.nodeSelector]", "nodeSelectorPaths: operator.nodeSelector", "15:28",
         "components[0].nodeScheduling.system.nodeSelectorPaths must be a list, not a string"),
        ("error", "registry.yaml", "timeout: 5m", "timeout: soon", "12:28", "'soon', which does not have the form"),
        ("error", "registry.yaml", "kind: Deployment, name: gpu-operator", "kind: Deployment", "12:44", "must have name or labelSelector"),
        ("error", "registry.yaml", "https://charts.example", "charts.example", "8:26", "defaultRepository"),
        ("warning", "registry.yaml", "    healthCheck: {timeout: 5m, resources: [{kind: Deployment, name: cert-manager}]}\n", "", "18:5",
         "components[1] has no healthCheck"),
        ("error", "components/gpu-operator/facts.yaml", "path: driver", "path: [driver]", "5:12", "facts[0].path must be a text"),
        ("error", "components/gpu-operator/upgrades.yaml", "summary: Much", "summary: Much, affectedResources: [{group: g, kinds: k}]",
         "5:", "kinds must be a list"),
        ("error", "criteria.yaml", "aliases: [aws]", "detect: [{equals: aws}]", "6:", "detect[0] must have path and equals or path and contains"),
        ("error", "overlays/h100-eks.yaml", "  base: eks\n", "  base: eks\n  validation: {deployment: {checks: [{a: 1}]}}\n", "7:", "checks[0]"),
    ]],
    *[("upgrade-notes", "error", edit(CLEAN, "components/gpu-operator/upgrades.yaml", old, new),
       f"components/gpu-operator/upgrades.yaml:{place}", message, remedy) for old, new, place, message, remedy in [
        ('"< 1.0"', '"new"', "5:12", "'from' of a transition is no range", "bounds"),
        ('from: "< 1.0", ', '', "5:5", "no 'from'", "bounds"),
        ('from: ">= 1.0, < 1.2.3"', 'from: ">= 1.0"', "6:12", "no upper bound", "upper bound"),
        ('to: ">= 1.2, < 1.3"', 'to: ">= 1.2"', "5:25", "open at one end", "both ends"),
        ('to: ">= 1.2, < 1.3"', 'to: "< 1.3"', "5:25", "open at one end", "both ends"),
        ('from: ">= 1.0, < 1.2.3"', 'from: "< 1.2.3, >= 2"', "6:12", "no version lies", "lower bound"),
        ("verdict: safe", "verdict: save", "6:", "verdict 'save'", "did you mean 'safe'?"),
        (", verifiedBy: us", "", "6:5", "how that was verified", "verifiedBy"),
        ("<= 1.2.3", "< 1.4", "6:", "beyond the pinned v1.2.3", "<= v1.2.3"),
        (", steps: [Read the notes]", "", "5:", "has no steps", "list the steps"),
        ("[Read the notes]", "Read", "5:", "no list", "list of texts"),
        ("[Read the notes]", "[{a: b}]", "5:", "not a text", "quotes"),
        (", summary: Much", "", "5:5", "no summary", "add a summary"),
        ("verifiedBy: us", "verifiedBy: us, reversible: maybe", "6:", "reversible", "true or false"),
    ]],
    ("upgrade-notes", "error", put(CLEAN, "components/cert-mangler/upgrades.yaml",
                                   UPGRADES.replace("gpu-operator", "cert-mangler")),
     "components/cert-mangler/upgrades.yaml:1:1", "not in the registry", "add an entry"),
    ("upgrade-notes", "error", edit(CLEAN, "registry.yaml", "defaultVersion: v1.2.3", "defaultVersion: stable"),
     "components/gpu-operator/upgrades.yaml:1:1", "'stable'", "delete the notes"),
    *[("upgrade-coverage", "error", edit(CLEAN, "components/gpu-operator/upgrades.yaml", old, new),
       "components/gpu-operator/upgrades.yaml:5:3", message, "manual") for old, new, message in [
        ('"< 1.0"', '"< 0.9"', "leads from 0.9 to the pinned v1.2.3"),
        ('"< 1.0"', '">= 0.5, < 1.0"', "oldest versions"),
        ('">= 1.0, < 1.2.3"', '"> 1.0, < 1.2.3"', "leads from 1.0 "),
        ('">= 1.0, < 1.2.3"', '">= 1.0, <= 1.2.2"', "leads from above 1.2.2"),
        ('to: ">= 1.2, < 1.3"', 'to: ">= 1.3, < 1.4"', "oldest versions"),
    ]],
    ("upgrade-coverage", "error", edit(CLEAN, "registry.yaml", "defaultVersion: v1.2.3", "defaultVersion: v1.4.0"),
     "components/gpu-operator/upgrades.yaml:5:3", "leads to the pinned version v1.4.0", "manual"),
    ("upgrade-notes", "error", put(CLEAN, "components/gpu-operator/upgrades.yaml", HEAD.format(kind="ComponentUpgrades")
                                   + "component: gpu-operator\ntransitions: []\n"),
     "components/gpu-operator/upgrades.yaml:1:1", "no transitions", "list"),
]


def number(rows):
    return [f"{index}-{row[0]}" for index, row in enumerate(rows)]


# What else a mistake may bring about; everything not named here has one finding of severity error.
CONSEQUENCES = {"yaml": {"document-kind", "unknown-base"}, "document-kind": {"unknown-base"}, "name-differs": {"unknown-base"},
                "duplicate-name": {"name-differs"}, "upgrade-notes": {"upgrade-coverage", "unpinned-version"},
                "compatibility-rule": {"impossible-criteria"},
                "tuning-setting": {"unresolvable"}, "tuning-delivery": {"unresolvable"}, "tuning-tie": {"unresolvable"}}


@pytest.mark.parametrize("rule,severity,files,place,message,remedy", BROKEN, ids=number(BROKEN))
def test_each_rule_finds_what_it_is_for(lint, rule, severity, files, place, message, remedy):
    results = lint(files, exit=8 if severity == "error" else 0)
    mine = [result for result in found(results) if result["name"] == rule]
    fits = [result for result in mine
            if (place is None or result.get("where", "").startswith(f"catalog/{place}")) and message in result["message"]
            and remedy in result["remediation"]]
    assert fits, json.dumps(found(results), indent=1)
    assert all(result["severity"] == severity for result in fits)
    assert all(result["status"] == ("failed" if severity == "error" else "warning") for result in fits)
    errors = {result["name"] for result in results if result["status"] == "failed"}
    assert errors - {rule} <= CONSEQUENCES.get(rule, set()), errors
    # Findings say where and what to do, and one mistake is told once.
    for result in found(results):
        assert result.get("remediation")
        assert place is None or re.match(r"catalog/.*", result["where"])
    assert len({(result["name"], result.get("where"), result["message"]) for result in found(results)}) == len(found(results))


def test_every_rule_has_a_case(lint):
    names = {result["name"] for result in lint(CLEAN, charts=CHARTS)}
    covered = {row[0] for row in BROKEN} | {row[0] for row in BROKEN_CHARTS} | {"chart-found"}
    assert names == covered


def value(text):
    return edit(CLEAN, "components/gpu-operator/values.yaml", "driver:\n", f"driver:\n  {text}\n")


BROKEN_CHARTS = [
    ("chart-value", value("verison: 1"), "components/gpu-operator/values.yaml:2:3", "no driver.verison"),
    ("chart-value", edit(CLEAN, "components/gpu-operator/values.yaml", 'version: "590"', "version: {a: 1}"),
     "components/gpu-operator/values.yaml:2:13", "driver.version is of type string"),
    ("chart-value", value("env: {a: 1}"), "components/gpu-operator/values.yaml:2:9", "driver.env is of type array"),
    ("chart-value", edit(CLEAN, "overlays/base.yaml", "      sources:", "      overrides: {drivr: {a: 1}}\n      sources:"),
     "overlays/base.yaml:", "no drivr"),
    ("chart-value", put(CLEAN, "components/gpu-operator/values.yaml", "nfd: {master: {replica: 1}}\n"),
     "components/gpu-operator/values.yaml:1:", "no nfd.master.replica"),
    ("chart-type", value("enabled: \"yes\""), "components/gpu-operator/values.yaml:2:3", "boolean"),
    ("chart-type", value("env: text"), "components/gpu-operator/values.yaml:2:3", "array"),
    ("chart-type", value("port: eighty"), "components/gpu-operator/values.yaml:2:3", "integer"),
    ("chart-type", edit(CLEAN, "components/gpu-operator/values.yaml", '"590"', "590"),
     "components/gpu-operator/values.yaml:2:3", "string"),
    ("chart-placement", edit(CLEAN, "registry.yaml", "operator.nodeSelector", "driver.env"), "registry.yaml:15:29",
     "filled with a value of type object; the chart gpu-operator 1.2.3 has type array"),
    ("chart-placement", edit(CLEAN, "registry.yaml", "operator.nodeSelector", "operator.nodeSelectors"),
     "registry.yaml:15:29", "no operator.nodeSelectors"),
]


@pytest.mark.parametrize("rule,files,place,message", BROKEN_CHARTS, ids=number(BROKEN_CHARTS))
def test_values_and_placement_are_held_against_charts(lint, rule, files, place, message):
    results = lint(files, charts=CHARTS, exit=8)
    fits = [result for result in found(results) if result["name"] == rule
            and result["where"].startswith(f"catalog/{place}") and message in result["message"]]
    assert fits, json.dumps(found(results), indent=1)
    assert len([result for result in found(results) if result["name"].startswith("chart-")]) == 1


@pytest.mark.parametrize("text", ["enabled: false", "port: 8080", "env: [{name: A}]", "free: {a: {b: 1}}",
                                  "enabled: null"])
def test_what_a_chart_allows_is_no_finding(lint, text):
    assert not found(lint(value(text), charts=CHARTS))


def pack(folder, charts, version="1.2.3"):
    """The charts as helm package would write them."""
    folder.mkdir(parents=True)
    for name in {path.split("/")[0] for path in charts}:
        with tarfile.open(folder / f"{name}-{version}.tgz", "w:gz", format=tarfile.USTAR_FORMAT) as archive:
            for path, text in charts.items():
                if path.startswith(f"{name}/"):
                    member = tarfile.TarInfo(path)
                    member.size = len(text)
                    archive.addfile(member, io.BytesIO(text.encode()))


def chart_findings(cnsctl, folder, place, exit=8):
    write(folder / "catalog", value("verison: 1"))
    report = json.loads(cnsctl("recipe", "lint", "catalog", "--charts", place, "-t", "json", exit=exit).stdout)
    return [item["message"] for item in report["results"] if item["name"] == "chart-value" and item["status"] == "failed"]


def test_charts_are_read_from_archives(cnsctl, tmp_path):
    pack(tmp_path / "packed", {**CHARTS, "gpu-operator/charts/inner/values.yaml": "driver: {verison: 1}\n"})
    (message,) = chart_findings(cnsctl, tmp_path, "packed")
    assert "chart gpu-operator 1.2.3 has no driver.verison" in message
    assert chart_findings(cnsctl, tmp_path, "packed/gpu-operator-1.2.3.tgz") == [message]
    # Another chart's name does not stand for it, however it starts.
    (tmp_path / "packed/gpu-operator-1.2.3.tgz").rename(tmp_path / "packed/gpu-operator-tools-1.2.3.tgz")
    assert chart_findings(cnsctl, tmp_path, "packed", exit=0) == []


def test_charts_are_found_by_their_own_name(cnsctl, tmp_path):
    write(tmp_path / "charts", {path.replace("gpu-operator/", "operator-of-ours/"): text for path, text in CHARTS.items()})
    assert len(chart_findings(cnsctl, tmp_path, "charts")) == 1


@pytest.mark.parametrize("content", [b"no archive", gzip.compress(b"no tar"), gzip.compress(os.urandom(5000))[:900]])
def test_a_broken_archive_is_told(cnsctl, tmp_path, content):
    write(tmp_path / "catalog", CLEAN)
    (tmp_path / "gpu-operator-1.2.3.tgz").write_bytes(content)
    done = cnsctl("recipe", "lint", "catalog", "--charts", "gpu-operator-1.2.3.tgz", exit=2)
    assert "gpu-operator-1.2.3.tgz" in done.stderr


def test_a_fact_excuses_what_the_chart_does_not_show(lint):
    files = edit(value("hidden: 1"), "components/gpu-operator/facts.yaml", "why: because}",
                 "why: because}\n  - {path: driver.hidden, source: a, why: b, notInChartValues: a template reads it}")
    assert not found(lint(files, charts=CHARTS))


@pytest.mark.parametrize("text", ['image: "busybox:1.37"', "image: busybox@sha256:0123", "image: {repository: busybox}",
                                  "image: driver\n  repository: nvcr.io\n  tag: v5", 'image: ""', "tag: v1.2.3"])
def test_pinned_images_are_no_finding(lint, text):
    assert "unpinned-image" not in {item["name"] for item in found(lint(value(text)))}


@pytest.mark.parametrize("text", ["image: {{ .Values.image }}", "image: busybox:1.37", "image: driver\nversion: v1",
                                  "# image: busybox", "images: busybox", "imagePullPolicy: Always"])
def test_pinned_images_of_manifests_are_no_finding(lint, text):
    files = edit(CLEAN, "components/gpu-operator/manifests/quota.yaml", "name:", f"{text}\nname:")
    assert not found(lint(files))


def test_a_schema_decides_where_a_chart_has_one(lint):
    schema = {"properties": {"driver": {"properties": {"version": {"type": ["string", "integer"]},
                                                       "extra": {"type": "boolean"}}}}}
    charts = put(CHARTS, "gpu-operator/values.schema.json", json.dumps(schema))
    assert not found(lint(edit(CLEAN, "components/gpu-operator/values.yaml", '"590"', "590"), charts=charts))
    assert not found(lint(value("extra: true"), charts=charts))


def test_what_no_chart_tells_is_not_checked(lint):
    files = put(CLEAN, "components/gpu-operator/values.yaml", "far: {a: 1}\ndriver: {version: \"1\"}\n")
    results = lint(files, charts=put(CHARTS, "cert-manager/values.yaml", None))
    open_points = [(result["name"], result["where"]) for result in results if result["status"] == "notChecked"]
    assert open_points == [("chart-found", "catalog/registry.yaml:18:5"),
                           ("chart-value", "catalog/components/gpu-operator/values.yaml:1:7")]


def test_relaxing_on_purpose_is_allowed(lint):
    relaxed = ">= 1.30\"\n      relax: true\n      relaxWhy: this service patches it"
    assert not found(lint(edit(CLEAN, "overlays/h100-eks.yaml", ">= 1.33\"", relaxed)))


def test_many_mistakes_are_told_at_once(lint):
    files = edit(CLEAN, "overlays/base.yaml", "[cert-manager]", "[cert-manger]")
    files = edit(files, "overlays/eks.yaml", "spec:\n", "spec:\n  bse: base\n")
    files = edit(files, "overlays/h100-eks.yaml", '">= 1.33"', '">= "')
    files = put(files, "overlays/torn.yaml", "kind: [\n")
    names = {result["name"] for result in found(lint(files, exit=8))}
    assert {"yaml", "unknown-key", "constraint-syntax"} <= names


def test_warnings_fail_when_asked(lint):
    files = put(CLEAN, "components/gpu-operator/values-old.yaml", "driver: {}\n")
    assert found(lint(files, exit=0))
    assert found(lint(files, "--fail-on", "warning", exit=8))


@pytest.mark.parametrize("arguments,exit,message", [
    (["lint", "nowhere"], 3, "nowhere"),
    (["lint", "a", "--data", "b"], 2, "exclude"),
    (["lint", "--charts", "nowhere"], 3, "nowhere"),
    (["lint", "--format", "pdf"], 2, "pdf"),
    (["lnit"], 2, "did you mean 'cnsctl recipe lint'?"),
    (["--strict", "lint"], 2, "before its options"),
    (["list", "--service", "eks", "--maturity", "ripe"], 2, "maturity"),
    (["list", "--service", "ekz"], 2, "eks"),
])
def test_bad_arguments(cnsctl, arguments, exit, message):
    assert message in cnsctl("recipe", *arguments, exit=exit).stderr


def test_sarif_follows_its_schema(cnsctl, tmp_path, shared):
    schema = json.loads((shared / "data/suites/schemas/sarif-schema-2.1.0.json").read_text())
    write(tmp_path / "a catalog", edit(CLEAN, "overlays/h100-eks.yaml", ">= 1.33", ">= 1.30"))
    report = json.loads(cnsctl("recipe", "lint", "a catalog", "-t", "sarif", exit=8).stdout)
    jsonschema.validate(report, schema, format_checker=jsonschema.FormatChecker())
    (result,) = report["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("weakened-constraint", "error")
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20catalog/overlays/h100-eks.yaml"}, "region": {"startLine": 10, "startColumn": 14}}
    related = result["relatedLocations"][0]["physicalLocation"]
    assert related["artifactLocation"]["uri"] == "a%20catalog/overlays/base.yaml"
    assert "What to do: " in result["message"]["text"]


@pytest.mark.parametrize("style", ["text", "table", "yaml", "junit", "ctrf"])
def test_every_writer_tells_the_finding(cnsctl, tmp_path, style):
    write(tmp_path / "catalog", edit(CLEAN, "overlays/h100-eks.yaml", "base: eks", "base: esk"))
    output = cnsctl("recipe", "lint", "catalog", "-t", style, exit=8).stdout
    assert "unknown-base" in output and "esk" in output


# --- our own knowledge ---


def test_our_knowledge_is_clean(cnsctl):
    report = json.loads(cnsctl("recipe", "lint", "--fail-on", "warning", "-t", "json").stdout)
    assert not found(report["results"])
    assert report["kind"] == "LintResult"


def test_our_values_fit_the_charts(cnsctl, shared):
    report = json.loads(cnsctl("recipe", "lint", "--charts", shared / "data/charts", "--fail-on", "warning", "-t", "json").stdout)
    assert not found(report["results"])
    # Charts that are not stored are named, one by one.
    missing = {match.group(1) for match in (re.search(r"there is no chart '(.*)'", result["message"])
                                            for result in report["results"] if result["status"] == "notChecked") if match}
    assert missing and not any((shared / "data/charts" / name).exists() for name in missing)


def test_our_folder_is_clean_as_a_catalog_too(cnsctl, root):
    assert not found(json.loads(cnsctl("recipe", "lint", root / "recipes", "-t", "json").stdout)["results"])


def test_a_folder_over_the_built_in_knowledge(cnsctl, tmp_path):
    write(tmp_path / "data", {"overlays/ours.yaml": OVERLAY.format(name="ours") + "  base: h100-eks-training\n"
                              "  criteria: {service: eks, accelerator: h200, intent: training, nodes: 7}\n"})
    results = json.loads(cnsctl("recipe", "lint", "--data", "data", "-t", "json", exit=8).stdout)["results"]
    assert [(result["name"], result["where"]) for result in found(results)] == [
        ("contradicting-criteria", "data/overlays/ours.yaml:7:13")]


@pytest.mark.parametrize("name,errors", [("aicr-0.11.1", []), ("cnsctl-0.31", ["name-differs"])])
def test_predecessors_catalogs(cnsctl, shared, name, errors):
    folder = shared / "data/catalogs" / name
    results = json.loads(cnsctl("recipe", "lint", folder, "-t", "json", exit=8 if errors else 0).stdout)["results"]
    assert [result["name"] for result in results if result["status"] == "failed"] == errors


def test_schemas_and_lint_know_the_same_keys(lint, root):
    """Every key that a schema of ours allows is one that lint knows, and the other way round for what lint tells."""
    def keys(schema, node, path, out):
        while "$ref" in node:
            node = schema["$defs"][node["$ref"].split("/")[-1]]
        for choice in node.get("oneOf", []) + node.get("anyOf", []):
            keys(schema, choice, path, out)
        if "properties" in node:
            out.setdefault(path, set()).update(node["properties"])
            for name, item in node["properties"].items():
                keys(schema, item, f"{path}.{name}".lstrip("."), out)
        if "items" in node and isinstance(node["items"], dict):
            keys(schema, node["items"], f"{path}[]", out)

    def build(allowed, path):
        made = {"zzzzzzzz": 1}
        for name in allowed[path]:
            below = f"{path}.{name}".lstrip(".")
            if below in allowed:
                made[name] = build(allowed, below)
            elif f"{below}[]" in allowed:
                made[name] = [build(allowed, f"{below}[]")]
        return made

    for schema_name, path in (("component-registry", "registry.yaml"), ("criteria-catalog", "criteria.yaml"),
                              ("gpu-catalog", "hardware/gpus.yaml"),
                              ("component-facts", "components/gpu-operator/facts.yaml"),
                              ("tuning-delivery", "tuning/delivery.yaml")):
        schema, allowed = json.loads((root / f"api/schemas/{schema_name}.schema.json").read_text()), {}
        keys(schema, schema, "", allowed)
        results = lint(put(CLEAN, path, json.dumps(build(allowed, ""))), exit=8)
        told = [result for result in found(results)
                if result["name"] == "unknown-key" and result["where"].startswith(f"catalog/{path}:")]
        assert len(told) == len(allowed), (schema_name, told)
        for result in told:
            where = re.search(r"unknown key 'zzzzzzzz'(?: in (.*))?$", result["message"]).group(1) or ""
            where = where.replace("fields.*", "fields.service")
            known = set(result["remediation"].removeprefix("known keys: ").split(", "))
            assert where not in allowed or allowed[where] <= known, (schema_name, where)


@pytest.mark.parametrize("count,rule", [(900, "dependency-cycle"), (20000, "unresolvable")])
def test_long_circles_end(lint, count, rule):
    chain = "".join(f"    - {{name: c{index}, dependencyRefs: [c{(index + 1) % count}]}}\n" for index in range(count))
    results = lint(put(CLEAN, "overlays/base.yaml", CLEAN["overlays/base.yaml"] + chain), exit=8)
    assert [result["name"] for result in results if result["status"] == "failed"] == [rule]
