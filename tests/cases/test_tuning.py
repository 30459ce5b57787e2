# SPDX-License-Identifier: Apache-2.0
"""Node tuning in recipes and bundles: over all combinations as a second reading of the data says it, and in every form in
which a bundle carries it."""

import itertools
import json
import re
import tomllib

import pytest
import yaml

from support import recipe_data as data
import tuning_data

ACCELERATORS = ("gb200", "gb300", "h100", "a100", "rtx-pro-6000", "l4")
SYSTEMS = [item["name"] for item in data.document("criteria.yaml")["fields"]["os"]["values"]]
SERVICES = [item["name"] for item in data.document("criteria.yaml")["fields"]["service"]["values"] if item["name"] != "any"]


def options(query):
    return [word for field, value in query.items() for word in (f"--{field}", value)]



@pytest.mark.parametrize("service", SERVICES)
def test_every_combination_is_as_the_files_say(service, cnsctl):
    seen = 0
    for accelerator, system, intent in itertools.product(ACCELERATORS, SYSTEMS, ("training", "inference")):
        query = {"service": service, "accelerator": accelerator, "os": system, "intent": intent}
        done = cnsctl("query", *options(query), "--selector", "", "--format", "json", exit=None)
        if done.exit != 0:
            assert "cannot work" in done.stderr or done.exit == 2, done.stderr
            continue
        seen += 1
        told, expected = json.loads(done.stdout).get("tuning"), tuning_data.settings(query, data.resolve(query)[1])
        if tuning_data.none_because(query):
            assert told == {"note": tuning_data.none_because(query)}
            continue
        assert told["profiles"] == tuning_data.applied(query)
        assert [item["name"] for item in told["settings"]] == list(expected)
        for item in told["settings"]:
            other = expected[item["name"]]
            assert (item["value"], item["enabled"]) == (other["value"], other["on"]), (query, item)
            assert item.get("reason") == (None if other["on"] else other["reason"]), (query, item)
            if other["on"]:
                assert (item["mechanism"], item.get("package")) == (other["rule"]["mechanism"], other["rule"].get("package"))
                assert item["why"] == other["why"] and item["source"] and item["tradeoff"]
    assert seen


def test_without_a_system_nothing_is_set(cnsctl, tmp_path):
    recipe = yaml.safe_load(cnsctl("recipe", "--service", "eks", "--accelerator", "h100", "--intent", "training").stdout)
    assert list(recipe["tuning"]) == ["note"] and "--os" in recipe["tuning"]["note"]
    assert "tuning" not in yaml.safe_load(cnsctl("recipe", "--service", "eks", "--intent", "training").stdout)
    cnsctl("recipe", "--service", "eks", "--accelerator", "h100", "--intent", "training", "-o", "recipe.yaml")
    cnsctl("bundle", "-r", "recipe.yaml", "-o", "bundle")
    assert "--os" in (tmp_path / "bundle/README.md").read_text() and not (tmp_path / "bundle/tuning").exists()


def test_a_predecessors_catalog_has_none(cnsctl, shared):
    words = ["--service", "eks", "--accelerator", "h100", "--os", "ubuntu", "--intent", "training", "--catalog",
             str(shared / "data/catalogs/aicr-0.11.1")]
    assert "tuning" not in yaml.safe_load(cnsctl("recipe", *words).stdout)
    assert "no tuning" in cnsctl("recipe", *words, "--tuning", "all=off", exit=2).stderr


GB200 = ["--service", "eks", "--accelerator", "gb200", "--os", "ubuntu", "--intent", "training"]


def test_the_unsettled_is_off_and_can_be_turned_on(cnsctl):
    off, on = (yaml.safe_load(cnsctl("recipe", *GB200, *words).stdout) for words in ([], ["--tuning", "gb200-eks=on"]))
    states = [{item["name"]: item for item in recipe["tuning"]["settings"]} for recipe in (off, on)]
    assert {name for name, item in states[0].items() if item["enabled"]} == {"grdma-topology-check", "persistence-daemon"}
    assert "Sources disagree" in states[0]["iommu-passthrough"]["reason"] and "--tuning gb200-eks=on" in states[0]["iommu-passthrough"]["reason"]
    assert states[1]["iommu-passthrough"]["package"] == "nvidia-tuned" and states[1]["hugepages-1g"]["enabled"]
    switches = [{item["name"]: item for item in recipe["componentRefs"]}["skyhook-customizations"]["overrides"]["tuningEnabled"]
                for recipe in (off, on)]
    assert switches == [False, True]
    assert on["tuning"]["choices"] == ["gb200-eks=on"]


@pytest.mark.parametrize("words,message", [
    (["--tuning", "cpu-governer=on"], "did you mean 'cpu-governor'"),
    (["--tuning", "all=on"], "name those that you want"),
    (["--tuning", "cpu-governor"], "not NAME=on or NAME=off"),
    (["--tuning", "isolated-cpus=on"], "no setting or profile"),
])
def test_choices_that_cannot_be_had(cnsctl, words, message):
    assert message in cnsctl("recipe", *GB200, *words, exit=2).stderr


def test_a_package_comes_whole_or_not_at_all(cnsctl):
    words = ["--service", "eks", "--accelerator", "h100", "--os", "ubuntu", "--intent", "training"]
    assert "comes with the package nvidia-tuned" in cnsctl("recipe", *words, "--tuning", "cpu-governor=off", exit=2).stderr
    recipe = yaml.safe_load(cnsctl("recipe", *words, "--tuning", "all=off").stdout)
    assert not any(item["enabled"] for item in recipe["tuning"]["settings"])
    components = {item["name"]: item for item in recipe["componentRefs"]}
    assert components["skyhook-customizations"]["overrides"]["tuningEnabled"] is False


# --- bundles ---


def bundle(cnsctl, tmp_path, service, accelerator, system, intent, choices=None):
    words = options({"service": service, "accelerator": accelerator, "os": system, "intent": intent})
    cnsctl("recipe", *words, *(["--tuning", choices] if choices else []), "-o", "recipe.yaml")
    cnsctl("bundle", "-r", "recipe.yaml", "-o", "bundle")
    return tmp_path / "bundle"


def test_talos(cnsctl, tmp_path):
    folder = bundle(cnsctl, tmp_path, "generic", "gb200", "talos", "inference", "hugepages-2m=on,kubelet-cpu-manager=on")
    machine = yaml.safe_load((folder / "tuning/talos-patch.yaml").read_text())["machine"]
    words = machine["install"]["extraKernelArgs"]
    assert words[words.index("hugepagesz=2M") + 1] == "hugepages=8192" and "module_blacklist=nouveau" in words
    assert machine["kernel"]["modules"] == [{"name": "ib_umad"}] and machine["kubelet"]["extraConfig"] == {"cpuManagerPolicy": "static"}
    assert machine["sysctls"]["vm.overcommit_memory"] == "1"
    assert not (folder / "tuning/apply.sh").exists() and (folder / "tuning/verify.sh").stat().st_mode & 0o111


def test_bottlerocket(cnsctl, tmp_path):
    folder = bundle(cnsctl, tmp_path, "eks", "h100", "bottlerocket", "inference",
                    "hugepages-2m=on,kubelet-topology-manager=on,pci-no-acs-redirect=on,serial-console=on")
    settings = tomllib.loads((folder / "tuning/bottlerocket.toml").read_text())["settings"]
    assert settings["boot"]["kernel-parameters"] == {"init_on_alloc": ["0"], "iommu": ["pt"], "console": ["tty0", "ttyS0,115200n8"],
                                                     "pci": ["realloc=off,disable_acs_redir=pci:0:0"]}
    assert settings["kernel"]["sysctl"]["vm.nr_hugepages"] == "8192" and settings["kernel"]["sysctl"]["vm.swappiness"] == "1"
    assert settings["kernel"]["modules"] == {"ib_umad": {"allowed": True, "autoload": True}}
    assert settings["kubernetes"] == {"topology-manager-policy": "best-effort"}


def test_gke(cnsctl, tmp_path):
    folder = bundle(cnsctl, tmp_path, "gke", "h100", "cos", "inference", "hugepages-2m=on,kubelet-cpu-manager=on,kubelet-topology-manager=on")
    assert yaml.safe_load((folder / "tuning/gke-node-system-config.yaml").read_text()) == {
        "kubeletConfig": {"cpuManagerPolicy": "static", "topologyManager": {"policy": "best-effort"}},
        "linuxConfig": {"hugepageConfig": {"hugepage_size2m": 8192}}}


def test_kubelet(cnsctl, tmp_path):
    folder = bundle(cnsctl, tmp_path, "generic", "h100", "rhel", "inference", "kubelet-cpu-manager=on")
    assert yaml.safe_load((folder / "tuning/kubelet-config.yaml").read_text()) == {
        "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "cpuManagerPolicy": "static"}


def objects(folder, pattern):
    return [document for path in sorted(folder.glob(pattern)) for document in yaml.safe_load_all(path.read_text()) if document]


def test_driver_parameters(cnsctl, tmp_path):
    """One NAME=VALUE a line, in a file named like the module: what the operator's documentation says."""
    folder = bundle(cnsctl, tmp_path, "generic", "rtx-pro-6000", "ubuntu", "inference")
    params, = objects(folder, "gpu-operator/pre-manifests/*params*.yaml")
    assert params["data"] == {"nvidia-uvm.conf": "uvm_disable_hmm=1\n"}
    values = yaml.safe_load((folder / "gpu-operator/values.yaml").read_text())
    assert values["driver"]["kernelModuleConfig"]["name"] == params["metadata"]["name"]


def test_a_driver_parameter_that_is_off_is_not_given(cnsctl, tmp_path):
    folder = bundle(cnsctl, tmp_path, "eks", "gb200", "ubuntu", "training", "grdma-topology-check=off")
    params, = objects(folder, "gpu-operator/pre-manifests/*params*.yaml")
    assert params["data"] == {}


def test_skyhook(cnsctl, tmp_path):
    folder = bundle(cnsctl, tmp_path, "aks", "h100", "ubuntu", "training", "aks-ubuntu=on,pci-no-acs-redirect=on")
    skyhook, = objects(folder, "skyhook-customizations/manifests/*.yaml")
    package = skyhook["spec"]["packages"]["settings"]
    assert package["configMap"]["grub.conf"] == "init_on_alloc=0\niommu=pt\npci=realloc=off,disable_acs_redir=pci:0:0\n"
    assert "net.core.rmem_max=536870912\n" in package["configMap"]["sysctl.conf"] and package["uninstall"] == {"enabled": True, "apply": False}
    plain = bundle(cnsctl, tmp_path, "aks", "h100", "ubuntu", "training")
    assert all("settings" not in item["spec"]["packages"] for item in objects(plain, "skyhook-customizations/manifests/*.yaml"))


def test_the_readme_tells_all(cnsctl, tmp_path):
    folder = bundle(cnsctl, tmp_path, "generic", "gb300", "ubuntu", "training")
    text, recipe = (folder / "tuning/README.md").read_text(), yaml.safe_load((folder / "recipe.yaml").read_text())
    for item in recipe["tuning"]["settings"]:
        assert f"| {item['name']} | " in text
    assert "Revert: Run tuning/revert.sh" in text and "tuning/README.md" in (folder / "README.md").read_text()
    script = (folder / "tuning/apply.sh").read_text()
    listed = set(re.findall(r"^    setting (\S+)", script, re.M))
    assert listed == {item["name"] for item in recipe["tuning"]["settings"] if item.get("mechanism") == "script"}


def test_what_is_written_into_scripts_is_checked(cnsctl, tmp_path):
    recipe = yaml.safe_load(cnsctl("recipe", "--service", "generic", "--accelerator", "h100", "--os", "ubuntu", "--intent", "training").stdout)
    for field, value in (("value", "1; reboot"), ("key", "a.$(reboot)"), ("name", "x\ny"), ("kind", "shell")):
        copy = json.loads(json.dumps(recipe))
        copy["tuning"]["settings"][1][field] = value
        (tmp_path / "bad.yaml").write_text(yaml.safe_dump(copy))
        assert "setting" in cnsctl("bundle", "-r", "bad.yaml", "-o", "bad", exit=2).stderr


def test_validate_proves_what_the_bundle_set(cnsctl, tmp_path):
    """Every reading that a setting names is one that a snapshot can hold."""
    query = ["--service", "generic", "--accelerator", "gb300", "--os", "ubuntu", "--intent", "training"]
    cnsctl("recipe", *query, "-o", "recipe.yaml")
    readings = [item["verify"]["reading"] for item in yaml.safe_load((tmp_path / "recipe.yaml").read_text())["tuning"]["settings"]
                if item["enabled"] and "verify" in item]
    assert readings and all(reading.split(".")[0] in ("OS", "SystemD") for reading in readings)
    cnsctl("snapshot", "--filter", "os", "-o", "now.yaml")
    results = json.loads(cnsctl("validate", "-r", "recipe.yaml", "-s", "now.yaml", "--phase", "deployment", "-t", "json", exit=8).stdout)["results"]
    tuning = [item for item in results if item["name"].startswith("tuning/")]
    assert len(tuning) == len(readings)
    assert not [item for item in tuning if item.get("cause") in ("no-path", "missing-type") and not item["name"].endswith(("daemon", "imex"))
                and item["name"] != "tuning/containerd-stack-limit"]
