# SPDX-License-Identifier: Apache-2.0
"""deploy.sh and undeploy.sh with the real helm and kubectl against a real Kubernetes API (e2e/kube.py): what is there
afterwards, and what is left alone."""

import itertools
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from e2e.kube import NamespaceController

CHARTS = Path(__file__).resolve().parent / "charts"
KINDS = "configmaps,secrets,services,resourcequotas"
NUMBERS = itertools.count(1)


def definition(group):
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"gadgets.{group}"},
            "spec": {"group": group, "scope": "Namespaced", "names": {"plural": "gadgets", "singular": "gadget", "kind": "Gadget"},
                     "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                         "type": "object", "properties": {"spec": {"type": "object", "properties": {
                             "size": {"type": "integer"}}}}}}}]}}


def config_map(name, **fields):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **fields}


def daemon_set(name):
    return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name}, "spec": {
        "selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": {"app": name}}, "spec": {
            "containers": [{"name": "main", "image": "registry.example/none:1"}]}}}}


class Catalog:
    """A catalog in a folder, as one who has knowledge of his own writes it."""

    def __init__(self, folder):
        self.folder = folder
        self.registry = []
        self.components = []

    def component(self, name, namespace, chart=None, after=(), values=None, before=(), manifests=(), **helm):
        entry = {"name": name, "displayName": name}
        if chart:
            entry["helm"] = {"defaultRepository": str(CHARTS), "defaultChart": chart, "defaultNamespace": namespace, **helm}
        else:
            entry["manifest"] = {"defaultNamespace": namespace}
        reference = {"name": name, "type": "Helm", "dependencyRefs": list(after), "overrides": values or {}}
        for key, documents in (("preManifestFiles", before), ("manifestFiles", manifests)):
            if documents:
                reference[key] = [self.write(f"components/{name}/manifests/{key}-{number}.yaml", document)
                                  for number, document in enumerate(documents)]
        self.registry.append(entry)
        self.components.append(reference)

    def write(self, path, document):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(yaml.safe_dump(document))
        return path

    def save(self):
        version = {"apiVersion": "cns.nvidia.com/v1alpha1"}
        self.write("registry.yaml", {**version, "kind": "ComponentRegistry", "components": self.registry})
        self.write("overlays/base.yaml", {**version, "kind": "RecipeMetadata", "metadata": {"name": "base"},
                                          "spec": {"componentRefs": self.components}})


class Bundle:
    """Bundles of one test, and the part of the cluster that is the test's own."""

    def __init__(self, api, cnsctl, tool, folder):
        self.api, self.cnsctl, self.folder = api, cnsctl, folder
        self.prefix = f"t{os.getpid()}-{next(NUMBERS)}"
        self.group = f"{self.prefix}.example"
        programs = folder / "programs"
        programs.mkdir()
        for name in ("helm", "kubectl"):
            (programs / name).symlink_to(tool(name))
        self.env = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(folder), "CNS_RETRY_DELAY": "1"}

    def use_helm(self, path):
        link = self.folder / "programs" / "helm"
        link.unlink()
        link.symlink_to(path)

    def namespace(self, name):
        return f"{self.prefix}-{name}"

    def catalog(self, **changed):
        """Three waves. `changed` replaces arguments of the component with that name."""
        known = {
            "gadgets": {"namespace": self.namespace("gadgets"), "manifests": [definition(self.group), config_map("about-gadgets")]},
            "base": {"namespace": self.namespace("one"), "chart": "settings", "values": {"greeting": "hello"}},
            "app": {"namespace": self.namespace("mine"), "chart": "settings", "after": ["gadgets", "base"],
                    "before": [{"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "before"}, "spec": {"hard": {"pods": "9"}}}],
                    "manifests": [{"apiVersion": f"{self.group}/v1", "kind": "Gadget", "metadata": {"name": "first"}, "spec": {"size": 3}}]},
            "last": {"namespace": self.namespace("last"), "chart": "settings", "after": ["app"]},
        }
        catalog = Catalog(self.folder / f"catalog-{next(NUMBERS)}")
        for name, arguments in known.items():
            catalog.component(name, **{**arguments, **changed.get(name, {})})
        return catalog

    def make(self, catalog, *options):
        """Writes the bundle in the place of the one before."""
        catalog.save()
        recipe = self.cnsctl("recipe", "--catalog", catalog.folder, "--service", "kind").stdout
        self.cnsctl("bundle", "-r", "-", "--catalog", catalog.folder, "-o", "out", *options, stdin=recipe)
        return self

    def start(self, script, *options):
        return subprocess.Popen([self.folder / "out" / script, "--kubeconfig", self.api.kubeconfig, *options], cwd=self.folder,
                                env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, script, *options, exit=0):
        running = self.start(script, *options)
        out, err = running.communicate(timeout=120)
        assert running.returncode == exit, f"exit {running.returncode}\n{out}\n{err}"
        running.out, running.err = out, err
        return running

    def helm(self, *arguments):
        return subprocess.run(["helm", *arguments, "--kubeconfig", self.api.kubeconfig], env=self.env, check=True,
                              capture_output=True, text=True).stdout

    def revision(self, release, namespace):
        found = yaml.safe_load(self.helm("list", "--namespace", self.namespace(namespace), "--output", "yaml"))
        return {entry["name"]: int(entry["revision"]) for entry in found}.get(release)

    def state(self):
        """Identity and version of every object in the test's namespaces, but for Helm's records and our marks."""
        found = self.api.items("namespaces," + KINDS)
        if self.api.get("crd", f"gadgets.{self.group}"):
            found += self.api.items(f"gadgets.{self.group}")
        return {(item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]):
                (item["metadata"]["uid"], item["metadata"]["resourceVersion"]) for item in found
                if (item["metadata"].get("namespace") or item["metadata"]["name"]).startswith(self.prefix + "-")
                and item.get("type") != "helm.sh/release.v1" and not item["metadata"]["name"].startswith("cns-release-")}

    def claims(self, namespace):
        """Releases of the namespace that carry our mark."""
        return {item["data"]["release"] for item in self.api.items("configmaps")
                if item["metadata"]["namespace"] == self.namespace(namespace)
                and item["metadata"]["name"].startswith("cns-release-")}

    def status(self, release, namespace):
        """Of its last revision; None when there is no release."""
        records = [item["metadata"]["labels"] for item in self.api.items("secrets")
                   if item["metadata"]["namespace"] == self.namespace(namespace) and item.get("type") == "helm.sh/release.v1"
                   and item["metadata"]["labels"]["name"] == release]
        return max(records, key=lambda labels: int(labels["version"]))["status"] if records else None

    def greeting(self, release, namespace):
        found = self.api.get("configmap", f"{release}-settings", self.namespace(namespace))
        return found and found["data"]["greeting"]

    def is_going(self, namespace):
        found = self.api.get("namespace", self.namespace(namespace))
        return found is None or "deletionTimestamp" in found["metadata"]


@pytest.fixture
def bundle(kube_api, cnsctl, tool, tmp_path):
    return Bundle(kube_api, cnsctl, tool, tmp_path)


@pytest.mark.parametrize("helm", ["helm", "helm4"])
def test_life(bundle, helm, tool):
    """Installed, installed again, changed, removed."""
    bundle.use_helm(tool(helm))
    api = bundle.api
    api.kubectl("create", "namespace", bundle.namespace("mine"))
    done = bundle.make(bundle.catalog()).run("deploy.sh")
    assert "all 4 components are installed" in done.out
    assert done.out.index("wave 1 of 3") < done.out.index("base: installed") < done.out.index("wave 2 of 3") < \
        done.out.index("app: installed") < done.out.index("wave 3 of 3") < done.out.index("last: installed")
    # The definition is served when what needs it follows: no attempt fails.
    assert "attempt" not in done.out
    assert bundle.greeting("base", "one") == "hello"
    assert bundle.greeting("app", "mine") == ""
    assert api.get("configmap", "about-gadgets", bundle.namespace("gadgets"))
    assert api.get("resourcequota", "before", bundle.namespace("mine"))
    assert api.get(f"gadgets.{bundle.group}", "first", bundle.namespace("mine"))["spec"] == {"size": 3}
    for name, mark in (("one", "bundle"), ("gadgets", "bundle"), ("last", "bundle"), ("mine", None)):
        labels = api.get("namespace", bundle.namespace(name))["metadata"]["labels"]
        assert labels.get("cns.nvidia.com/created-by") == mark, name

    before = bundle.state()
    assert len(before) >= 4 + 3 * 2 + 3
    bundle.run("deploy.sh")
    assert bundle.state() == before
    assert bundle.revision("base", "one") == 2

    bundle.make(bundle.catalog(), "--set", "base:greeting=good evening").run("deploy.sh")
    assert bundle.greeting("base", "one") == "good evening"
    assert bundle.revision("base", "one") == 3
    changed = {key for key, value in bundle.state().items() if before[key] != value}
    assert changed == {("ConfigMap", bundle.namespace("one"), "base-settings")}

    # Those that a controller of the cluster puts into each namespace are no reason to keep it.
    for name in ("one", "gadgets", "last"):
        api.kubectl("create", "serviceaccount", "default", "--namespace", bundle.namespace(name))
        api.kubectl("create", "configmap", "kube-root-ca.crt", "--namespace", bundle.namespace(name))
    with NamespaceController(api):
        done = bundle.run("undeploy.sh")
    assert "all components are removed" in done.out
    assert [api.get("namespace", bundle.namespace(name)) for name in ("one", "gadgets", "last")] == [None] * 3
    assert set(bundle.state()) == {("Namespace", None, bundle.namespace("mine"))}
    assert api.get("crd", f"gadgets.{bundle.group}")
    assert "kept: gadgets/manifests/manifestFiles-0.yaml" in done.out

    bundle.run("undeploy.sh", "--delete-crds")
    assert api.get("crd", f"gadgets.{bundle.group}") is None
    bundle.run("undeploy.sh", "--delete-crds")  # nothing is there, nothing is wrong


def test_failure_stops_later_waves(bundle):
    """The API refuses a manifest: its wave fails, the next does not start; mended, the next run goes on."""
    broken = {"manifests": [config_map("broken", data={"count": 1})]}
    done = bundle.make(bundle.catalog(app=broken)).run("deploy.sh", "--retries", "1", exit=1)
    assert "app: attempt 1 failed" in done.out
    assert "wave 2 did not succeed: app. Later waves were not started" in done.err
    assert "ConfigMap" in done.out and "count" in done.out  # what the API said
    assert bundle.greeting("base", "one") == "hello"
    assert bundle.revision("last", "last") is None and bundle.api.get("namespace", bundle.namespace("last")) is None

    done = bundle.run("deploy.sh", "--retries", "0", "--best-effort", exit=1)
    assert "1 of 4 components failed: app" in done.err
    assert bundle.revision("last", "last") == 1

    bundle.make(bundle.catalog()).run("deploy.sh")
    assert bundle.revision("last", "last") == 2


def test_edited_bundle_changes_nothing(bundle):
    bundle.make(bundle.catalog())
    values = bundle.folder / "out" / "base" / "values.yaml"
    values.write_text(values.read_text().replace("hello", "edited"))
    for script in ("deploy.sh", "undeploy.sh"):
        assert "files differ from checksums.txt" in bundle.run(script, exit=1).err
    assert not [item for item in bundle.api.items("namespaces") if item["metadata"]["name"].startswith(bundle.prefix + "-")]


def test_definition_beside_its_object(bundle):
    """Both in the manifests of one component: the object is not sent before its kind is served."""
    both = [definition(bundle.group), {"apiVersion": f"{bundle.group}/v1", "kind": "Gadget", "metadata": {"name": "beside"},
                                       "spec": {"size": 1}}]
    done = bundle.make(bundle.catalog(gadgets={"manifests": both})).run("deploy.sh", "--retries", "0")
    assert "all 4 components are installed" in done.out
    assert bundle.api.get(f"gadgets.{bundle.group}", "beside", bundle.namespace("gadgets"))


def test_waits_for_workloads(bundle):
    """Pods never run here: with waiting the wave fails, for a chart and for manifests, and without it all is installed."""
    catalog = Catalog(bundle.folder / "catalog")
    catalog.component("pocket", bundle.namespace("pocket"), chart="pocket", timeout="3s")
    catalog.component("after", bundle.namespace("pocket"), chart="settings", after=["pocket"])
    done = bundle.make(catalog).run("deploy.sh", "--retries", "0", exit=1)
    assert "pocket: FAILED" in done.out and "wave 1 did not succeed: pocket" in done.err
    assert bundle.greeting("after", "pocket") is None
    done = bundle.run("deploy.sh", "--no-wait")
    assert "all 2 components are installed" in done.out
    assert bundle.greeting("after", "pocket") == ""


def test_interrupted(bundle):
    """Told to stop while helm waits: helm is stopped too and notes the failure, so that the next run can go on."""
    catalog = Catalog(bundle.folder / "catalog")
    catalog.component("pocket", bundle.namespace("pocket"), chart="pocket", timeout="90s")
    running = bundle.make(catalog).start("deploy.sh")
    for _ in range(300):
        if bundle.api.get("deployment", "pocket", bundle.namespace("pocket")):
            break
        time.sleep(0.1)
    started = time.monotonic()
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=60)
    assert running.returncode == 143
    assert time.monotonic() - started < 30
    done = bundle.run("deploy.sh", "--no-wait", "--retries", "0")
    assert "pocket: installed" in done.out


def test_undeploy_keeps_what_is_not_the_bundles(bundle):
    """Releases and objects of others stay, and so do the namespaces that hold them, marked or not."""
    api = bundle.api
    api.kubectl("create", "namespace", bundle.namespace("mine"))
    api.kubectl("create", "configmap", "notes", "--namespace", bundle.namespace("mine"))
    bundle.make(bundle.catalog()).run("deploy.sh")
    bundle.helm("install", "stranger", str(CHARTS / "settings"), "--namespace", bundle.namespace("one"))
    bundle.helm("install", "base", str(CHARTS / "settings"), "--namespace", bundle.namespace("mine"))  # same name, elsewhere
    api.kubectl("create", "secret", "generic", "foreign", "--namespace", bundle.namespace("last"))
    api.apply(yaml.safe_dump({"apiVersion": f"{bundle.group}/v1", "kind": "Gadget", "metadata": {"name": "foreign"}}),
              "--namespace", bundle.namespace("gadgets"))
    with NamespaceController(api):
        done = bundle.run("undeploy.sh")
    assert f"kept: namespace {bundle.namespace('one')}, in which there are other releases: stranger" in done.out
    assert f"kept: namespace {bundle.namespace('last')}, in which there is: secret/foreign" in done.out.lower()
    assert f"kept: namespace {bundle.namespace('gadgets')}, in which there is: gadget/foreign" in done.out.lower()
    assert bundle.greeting("stranger", "one") == "" and bundle.revision("stranger", "one") == 1
    assert bundle.greeting("base", "mine") == "" and bundle.revision("base", "mine") == 1
    assert bundle.greeting("base", "one") is None and bundle.revision("base", "one") is None
    assert bundle.greeting("app", "mine") is None and api.get("resourcequota", "before", bundle.namespace("mine")) is None
    assert api.get("configmap", "notes", bundle.namespace("mine"))
    assert api.get("secret", "foreign", bundle.namespace("last"))
    assert api.get(f"gadgets.{bundle.group}", "foreign", bundle.namespace("gadgets"))
    assert not any(bundle.is_going(name) for name in ("one", "last", "gadgets", "mine"))


def test_namespace_that_does_not_go(bundle):
    """Without a controller a namespace stays Terminating: undeploy.sh waits as long as told and says so; deploy.sh waits
    until it is gone."""
    catalog = Catalog(bundle.folder / "catalog")
    catalog.component("base", bundle.namespace("one"), chart="settings")
    catalog.component("notes", bundle.namespace("two"), manifests=[config_map("notes")])
    bundle.make(catalog).run("deploy.sh")
    done = bundle.run("undeploy.sh", "--timeout", "4s", exit=1)
    for name in ("one", "two"):
        assert bundle.is_going(name)
        assert f"namespace {bundle.namespace(name)} is not gone: kubectl describe namespace" in done.err
    assert "2 things are left" in done.err
    assert not {key for key in bundle.state() if key[0] != "Namespace"}
    done = bundle.run("deploy.sh", exit=1)
    assert "is being deleted; wait until it is gone" in done.err


def test_finalizers_are_left_to_their_owners(bundle):
    """An object that somebody holds back is reported, and is gone when he lets go."""
    api = bundle.api
    held = bundle.catalog(base={"values": {"finalizers": ["example.com/held"]}})
    bundle.make(held).run("deploy.sh")
    with NamespaceController(api):
        done = bundle.run("undeploy.sh", "--timeout", "4s", exit=1)
    assert f"release base is uninstalled, but not all of its objects in namespace {bundle.namespace('one')} are gone yet" in done.err
    assert "without its hooks" not in done.err
    found = api.get("configmap", "base-settings", bundle.namespace("one"))
    assert found["metadata"]["finalizers"] == ["example.com/held"] and found["metadata"]["deletionTimestamp"]
    api.kubectl("patch", "configmap", "base-settings", "--namespace", bundle.namespace("one"), "--type", "json",
                "--patch", '[{"op": "remove", "path": "/metadata/finalizers"}]')
    with NamespaceController(api):
        done = bundle.run("undeploy.sh")
    assert "all components are removed" in done.out
    assert api.get("namespace", bundle.namespace("one")) is None


def test_keep_namespaces(bundle):
    bundle.make(bundle.catalog()).run("deploy.sh")
    bundle.run("undeploy.sh", "--keep-namespaces", "--delete-crds")
    assert {key[0] for key in bundle.state()} == {"Namespace"}
    assert not any(bundle.is_going(name) for name in ("one", "gadgets", "mine", "last"))


# --- what is there already -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("helm", ["helm", "helm4"])
def test_a_release_of_somebody_else(bundle, helm, tool):
    """Of the same name and namespace: deploy.sh changes nothing, and undeploy.sh leaves it; --adopt takes it over."""
    bundle.use_helm(tool(helm))
    bundle.api.kubectl("create", "namespace", bundle.namespace("one"))
    bundle.helm("install", "base", str(CHARTS / "settings"), "--namespace", bundle.namespace("one"), "--set", "greeting=theirs")
    done = bundle.make(bundle.catalog()).run("deploy.sh", exit=1)
    assert f"there already, and made by no bundle: release base in namespace {bundle.namespace('one')}" in done.err
    assert "nothing was changed" in done.err
    assert bundle.greeting("base", "one") == "theirs" and bundle.revision("base", "one") == 1
    assert bundle.api.get("namespace", bundle.namespace("last")) is None and not bundle.claims("one")
    done = bundle.run("undeploy.sh")
    assert f"kept: release base in namespace {bundle.namespace('one')}, which deploy.sh did not make" in done.out
    assert bundle.greeting("base", "one") == "theirs" and bundle.revision("base", "one") == 1

    done = bundle.run("deploy.sh", "--adopt")
    assert f"taken over: release base in namespace {bundle.namespace('one')}" in done.out
    assert bundle.greeting("base", "one") == "hello" and bundle.claims("one") == {"base"}
    bundle.run("deploy.sh")  # from now on it is ours
    with NamespaceController(bundle.api):
        bundle.run("undeploy.sh", "--delete-crds")
    assert bundle.revision("base", "one") is None and not bundle.claims("one")
    assert not bundle.is_going("one"), "the namespace was not made by deploy.sh"


def test_objects_of_somebody_else(bundle):
    """A ConfigMap and a definition that were there before: refused, left alone, and taken over on demand."""
    api = bundle.api
    api.kubectl("create", "namespace", bundle.namespace("gadgets"))
    api.apply(yaml.safe_dump(config_map("about-gadgets", data={"by": "them"})), "--namespace", bundle.namespace("gadgets"))
    api.apply(yaml.safe_dump(definition(bundle.group)))
    done = bundle.make(bundle.catalog()).run("deploy.sh", exit=1)
    assert f"ConfigMap about-gadgets in namespace {bundle.namespace('gadgets')}" in done.err
    assert f"CustomResourceDefinition gadgets.{bundle.group}" in done.err
    assert api.get("namespace", bundle.namespace("one")) is None
    bundle.run("undeploy.sh", "--delete-crds")
    assert api.get("configmap", "about-gadgets", bundle.namespace("gadgets"))["data"] == {"by": "them"}
    assert api.get("crd", f"gadgets.{bundle.group}")

    done = bundle.run("deploy.sh", "--adopt")
    assert "taken over: ConfigMap about-gadgets" in done.out
    mark = {"cns.nvidia.com/applied-by": "bundle"}
    assert api.get("configmap", "about-gadgets", bundle.namespace("gadgets"))["metadata"]["labels"] == mark
    assert api.get(f"gadgets.{bundle.group}", "first", bundle.namespace("mine"))["metadata"]["labels"] == mark
    api.apply(yaml.safe_dump({"apiVersion": f"{bundle.group}/v1", "kind": "Gadget", "metadata": {"name": "foreign"}}),
              "--namespace", bundle.namespace("mine"))
    bundle.run("deploy.sh")
    with NamespaceController(api):
        bundle.run("undeploy.sh")
    assert api.get("configmap", "about-gadgets", bundle.namespace("gadgets")) is None
    assert api.get(f"gadgets.{bundle.group}", "first", bundle.namespace("mine")) is None
    assert api.get(f"gadgets.{bundle.group}", "foreign", bundle.namespace("mine"))


def test_a_release_that_somebody_made_anew_is_not_ours(bundle):
    """Uninstalled by hand and installed again by somebody: the old claim does not cover it."""
    bundle.make(bundle.catalog()).run("deploy.sh")
    where = ("--namespace", bundle.namespace("one"))
    bundle.helm("upgrade", "base", str(CHARTS / "settings"), *where, "--set", "greeting=by hand")
    bundle.helm("rollback", "base", "1", *where)
    bundle.run("deploy.sh")  # upgraded and rolled back by hand: still ours
    assert bundle.greeting("base", "one") == "hello" and bundle.revision("base", "one") == 4
    bundle.helm("uninstall", "base", *where)
    bundle.run("deploy.sh")  # gone: installed again
    bundle.helm("uninstall", "base", *where)
    bundle.helm("install", "base", str(CHARTS / "settings"), *where, "--set", "greeting=theirs")
    assert "release base in namespace" in bundle.run("deploy.sh", exit=1).err
    with NamespaceController(bundle.api):
        done = bundle.run("undeploy.sh", "--delete-crds")
    assert "kept: release base" in done.out and bundle.greeting("base", "one") == "theirs"
    assert bundle.revision("app", "mine") is None


def kill_helm_when_pending(bundle, running):
    """Kills the helm that waits for the release, without a word to deploy.sh."""
    for _ in range(300):
        for entry in Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            except OSError:
                continue
            if b"upgrade" in words and b"pocket" in words and str(bundle.api.kubeconfig).encode() in words \
                    and (bundle.status("pocket", "pocket") or "").startswith("pending"):
                os.kill(int(entry.name), signal.SIGKILL)
                return
        assert running.poll() is None
        time.sleep(0.1)
    pytest.fail("no helm that waits")


@pytest.mark.parametrize("helm", ["helm", "helm4"])
def test_helm_that_was_killed(bundle, helm, tool):
    """In its first installation, and in an upgrade: the release is mended, by the same run and by the next."""
    bundle.use_helm(tool(helm))
    catalog = Catalog(bundle.folder / "catalog")
    catalog.component("pocket", bundle.namespace("pocket"), chart="pocket", timeout="60s")
    bundle.make(catalog)
    bundle.api.kubectl("create", "namespace", bundle.namespace("pocket"))

    running = bundle.start("deploy.sh", "--retries", "0")
    kill_helm_when_pending(bundle, running)
    running.communicate(timeout=60)
    assert running.returncode == 1 and bundle.status("pocket", "pocket") == "pending-install"
    done = bundle.run("deploy.sh", "--no-wait")
    assert "a helm that was killed left the release pending-install; it is uninstalled and installed anew" in done.out
    assert bundle.revision("pocket", "pocket") == 1 and bundle.status("pocket", "pocket") == "deployed"

    running = bundle.start("deploy.sh", "--retries", "1")
    kill_helm_when_pending(bundle, running)
    for _ in range(300):  # the same run goes on with its next attempt
        if (bundle.revision("pocket", "pocket") or 0) >= 4:
            break
        time.sleep(0.1)
    running.send_signal(signal.SIGTERM)
    out, _ = running.communicate(timeout=60)
    assert bundle.revision("pocket", "pocket") >= 4, "killed in 2, rolled back in 3, upgraded in 4"
    done = bundle.run("deploy.sh", "--no-wait")
    assert bundle.status("pocket", "pocket") == "deployed"
    bundle.run("undeploy.sh", "--keep-namespaces")
    assert bundle.revision("pocket", "pocket") is None and not bundle.claims("pocket")


def test_somebody_who_works_on_a_release_is_not_disturbed(bundle):
    """A helm of somebody else in the middle of our release: neither mended nor upgraded, unless that is asked for."""
    catalog = Catalog(bundle.folder / "catalog")
    catalog.component("pocket", bundle.namespace("pocket"), chart="pocket", timeout="60s")
    bundle.make(catalog).run("deploy.sh", "--no-wait")
    theirs = subprocess.Popen(["helm", "upgrade", "pocket", CHARTS / "pocket", "--namespace", bundle.namespace("pocket"), "--wait",
                               "--timeout", "60s", "--kubeconfig", bundle.api.kubeconfig], env=bundle.env,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if bundle.status("pocket", "pocket") == "pending-upgrade":
                break
            time.sleep(0.1)
        done = bundle.run("deploy.sh", "--no-wait", "--retries", "0", exit=1)
        assert "somebody else may still work on it. When nobody does, run deploy.sh --mend" in done.out
        assert bundle.status("pocket", "pocket") == "pending-upgrade" and theirs.poll() is None
    finally:
        theirs.kill()
        theirs.wait()
    done = bundle.run("deploy.sh", "--no-wait", "--mend")
    assert "it goes back to the revision before" in done.out and bundle.status("pocket", "pocket") == "deployed"


def test_namespaces_in_manifests(bundle):
    """One that a manifest makes goes with the bundle, one that was there stays."""
    api = bundle.api
    api.kubectl("create", "namespace", bundle.namespace("theirs"))
    manifests = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": bundle.namespace(name), "labels": {"level": "high"}}}
                 for name in ("new", "theirs")]
    catalog = Catalog(bundle.folder / "catalog")
    catalog.component("spaces", bundle.namespace("own"), manifests=manifests)
    bundle.make(catalog).run("deploy.sh")
    for name, mark in (("new", "bundle"), ("theirs", None), ("own", "bundle")):
        labels = api.get("namespace", bundle.namespace(name))["metadata"]["labels"]
        assert labels.get("cns.nvidia.com/created-by") == mark
        assert labels.get("level") == (None if name == "own" else "high")
    with NamespaceController(api):
        bundle.run("undeploy.sh")
    assert api.get("namespace", bundle.namespace("new")) is None and api.get("namespace", bundle.namespace("own")) is None
    assert not bundle.is_going("theirs")
