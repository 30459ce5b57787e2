# SPDX-License-Identifier: Apache-2.0
"""cnsctl migrate: files of Cloud Native Stack v1, every key of them, and what the commands that come out really do."""

import json
import os
import re
import subprocess

import pytest
import yaml

from support import program
from support import recipe_data as data

V1 = program.SHARED / "data" / "cns-v1"
VALUES = sorted(path.name for path in V1.glob("cns_values*.yaml"))
MAP = data.document("migrate/cns-v1.yaml")["spec"]
VERDICTS = {"carried", "replaced", "off", "outside", "decision", "secret", "unknown", "lost"}
MINIMAL = "cns_version: 19.0\nenable_gpu_operator: yes\n"


@pytest.fixture
def migrated(cnsctl):
    """migrated(file, *options) -> the MigrationResult and the run."""

    def run(file, *options, exit=0, **settings):
        done = cnsctl("migrate", file, "-t", "json", *options, exit=exit, **settings)
        return json.loads(done.stdout), done

    return run


@pytest.fixture
def values(tmp_path):
    """values(key=text, ...) -> a file like the shipped one of 19.0 with these lines in place of its own."""

    def write(text=None, **changes):
        path = tmp_path / "values.yaml"
        lines = (text or MINIMAL).splitlines()
        for key, value in changes.items():
            lines = [line for line in lines if not line.startswith(f"{key}:")] + [f"{key}: {value}"]
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def rows(result):
    return {row["key"]: row for row in result["keys"]}


def keys_of(path):
    """The keys as they stand in the file, by a reader that is not ours."""
    return re.findall(r"^([A-Za-z_]\w*):", path.read_text(), re.M)


# --- the files as they were shipped ---


@pytest.mark.parametrize("name", VALUES)
def test_every_key_of_a_shipped_file_has_a_row(shared, migrated, name):
    path = V1 / name
    result, _ = migrated(path, "--inventory", V1 / "hosts")
    written = [row["key"] for row in result["keys"] if row["part"] == "keys"]
    assert written == keys_of(path) and len(written) > 70
    assert {row["verdict"] for row in result["keys"]} <= VERDICTS - {"unknown", "lost"}
    for row in result["keys"]:
        if row["part"] == "keys":
            line = int(row["where"].split(":")[-2])
            assert path.read_text().splitlines()[line - 1].startswith(f"{row['key']}:")
        if row["verdict"] not in ("carried", "off"):
            assert row.get("why"), row
    assert {row["key"] for row in result["keys"] if row["part"] == "inventory"} == {"[master]", "[nodes]"}


@pytest.mark.parametrize("name", VALUES)
def test_a_shipped_file_leads_to_a_recipe_and_a_bundle(shared, cnsctl, cnsctl_path, tmp_path, name):
    cnsctl("migrate", V1 / name, "-t", "commands", "-o", "migrate.sh")
    run_script(cnsctl_path, tmp_path)
    recipe = yaml.safe_load((tmp_path / "recipe.yaml").read_text())
    assert recipe["criteria"]["service"] == "generic" and recipe["criteria"]["os"] == "ubuntu"


def run_script(cnsctl_path, folder):
    (folder / "bin").mkdir()
    (folder / "bin" / "cnsctl").symlink_to(cnsctl_path)
    environment = program.environment({"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"})
    done = subprocess.run(["sh", "migrate.sh"], cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr + (folder / "migrate.sh").read_text()


def test_versions_are_those_of_the_file_and_of_the_recipe(shared, migrated, cnsctl):
    result, _ = migrated(V1 / "cns_values_19.0.yaml")
    versions = {row["name"]: row for row in result["versions"]}
    query = ["query", "--service", "generic", "--os", "ubuntu", "--selector"]
    driver = cnsctl(*query, "components.gpu-operator.values.driver.version").stdout.strip()
    assert versions["gpu_driver_version"] == {
        "name": "gpu_driver_version", "component": "gpu-operator", "asked": "580.126.20", "shipped": "580.126.20",
        "pinned": driver, "comparison": "older"}
    assert versions["gpu_operator_version"]["pinned"] == cnsctl(*query, "components.gpu-operator.version").stdout.strip()
    assert versions["k8s_version"]["comparison"] == "satisfies"


def test_a_folder_of_playbooks(shared, migrated):
    result, _ = migrated(V1)
    assert result["metadata"]["source"].endswith("cns_values_18.0.yaml"), "cns_version.yaml says which"
    assert result["metadata"]["inventory"].endswith("hosts")
    assert result["metadata"]["title"] == "Cloud Native Stack 18.0"


def test_files_that_hold_nothing_to_carry(shared, cnsctl):
    assert "which values file is used" in cnsctl("migrate", V1 / "cns_version.yaml", exit=2).stderr
    assert "list of releases" in cnsctl("migrate", V1 / "cns.json", exit=2).stderr
    cnsctl("migrate", V1 / "hosts", exit=2)


def test_releases_of_the_map_are_those_that_were_shipped(shared):
    """What differs from the map's table counts as changed by somebody, so the table must be right."""
    for path in V1.glob("cns_values_*.yaml"):
        written = yaml.load(path.read_text(), Loader=yaml.BaseLoader)
        shipped = MAP["releases"][written["cns_version"]]
        assert shipped == {key: written[key] for key in shipped}


def test_every_release_of_the_matrix_is_known(shared):
    known = {name for entry in json.loads((V1 / "cns.json").read_text())["versions"] for name in entry}
    assert known <= set(MAP["releases"])


# --- one key after the other ---


def test_every_row_of_the_map_can_be_reached(migrated, values):
    """Each key of the map, with each value that its outcomes name: judged, and never unknown."""
    for entry in MAP["keys"]:
        words = {"yes", "no", "some"}
        for outcome in entry.get("outcomes", []):
            want = outcome.get("when", {}).get(entry["key"])
            words |= {str(item).lower() for item in (want if isinstance(want, list) else [want])
                      if isinstance(item, (str, bool, float))}
        result, _ = migrated(values(**{entry["key"]: json.dumps("yes") for entry in MAP["keys"]
                                       if entry.get("type") == "boolean"} | {entry["key"]: sorted(words)[0]}))
        assert rows(result)[entry["key"]]["verdict"] != "unknown"


def test_what_is_switched_on_becomes_settings_that_the_bundle_takes(cnsctl, cnsctl_path, values, tmp_path):
    path = values(enable_mig="yes", mig_strategy="mixed", mig_profile="all-1g.10gb", enable_gds="yes", enable_rdma="yes",
                  enable_secure_boot="yes", enable_vgpu="yes", confidential_computing="yes", enable_network_operator="yes",
                  deploy_ofed="yes", enable_kai_scheduler="yes", proxy="yes", https_proxy="http://proxy:3128",
                  gpu_operator_driver_registry="registry.example/nvidia", kserve="yes", cns_nvidia_driver="yes")
    cnsctl("migrate", path, "-t", "commands", "-o", "migrate.sh")
    run_script(cnsctl_path, tmp_path)
    operator = yaml.safe_load((tmp_path / "bundle/gpu-operator/values.yaml").read_text())
    assert operator["mig"] == {"strategy": "mixed"}
    assert operator["migManager"]["config"]["default"] == "all-1g.10gb"
    assert operator["gds"]["enabled"] is True and operator["driver"]["kernelModuleType"] == "open"
    assert operator["driver"]["rdma"] == {"enabled": True}, "the network operator brings the driver"
    assert operator["driver"]["usePrecompiled"] is True and operator["driver"]["enabled"] is False
    assert operator["driver"]["repository"] == "registry.example/nvidia"
    assert operator["driver"]["env"] == [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"},
                                         {"name": "https_proxy", "value": "http://proxy:3128"}]
    assert operator["sandboxWorkloads"] == {"enabled": True, "mode": "kata", "defaultWorkload": "vm-passthrough"}
    scheduler = yaml.safe_load((tmp_path / "bundle/kai-scheduler/values.yaml").read_text())
    assert scheduler["global"]["gpuSharing"] is True
    recipe = yaml.safe_load((tmp_path / "recipe.yaml").read_text())
    assert recipe["criteria"]["platform"] == "kserve" and recipe["criteria"]["intent"] == "inference"


def test_what_is_switched_off_stays_away(cnsctl, cnsctl_path, values, tmp_path):
    cnsctl("migrate", values(enable_gpu_operator="no"), "-t", "commands", "-o", "migrate.sh")
    run_script(cnsctl_path, tmp_path)
    assert not (tmp_path / "bundle/gpu-operator").exists() and (tmp_path / "bundle/cert-manager").exists()


@pytest.mark.parametrize("word", ["yes", "Yes", "on", "true", "True", '"yes"'])
def test_words_for_true(migrated, values, word):
    result, _ = migrated(values(enable_gds=word))
    assert rows(result)["enable_gds"]["verdict"] == "carried"


def test_a_version_that_somebody_changed_is_told(migrated, values):
    result, done = migrated(values(gpu_operator_version="26.3.9", gpu_driver_version="570.10", prometheus_stack="1.0"))
    found = rows(result)
    assert found["gpu_operator_version"]["verdict"] == "decision" and "older" in found["gpu_operator_version"]["why"]
    assert "--set-string gpu-operator:driver.version=570.10" in found["gpu_driver_version"]["todo"]
    assert found["prometheus_stack"]["verdict"] == "off", "monitoring is not switched on"
    assert "gpu_operator_version: decision" in done.stderr


def test_a_cluster_that_is_too_old_for_the_recipe(migrated, values):
    row = rows(migrated(values(k8s_version="1.25.2"))[0])["k8s_version"]
    assert row["verdict"] == "decision" and ">= 1.32" in row["to"] and "one minor version at a time" in row["todo"]


def test_secrets_are_never_shown(cnsctl, values, tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text("[master]\na ansible_ssh_pass=hunter2 ansible_sudo_pass='hunter two'\n[nodes]\nb c=hunter4\n")
    path = values(ngc_registry_password="hunter2", bmc_password="hunter2", proxy="yes",
                  http_proxy="http://u:hunter2@proxy:3128", helm_repository="https://u:hunter2@repo")
    for form in ("yaml", "json", "text", "commands"):
        done = cnsctl("migrate", path, "--inventory", hosts, "-t", form, "--report", "table=report.txt", "--debug")
        report = (tmp_path / "report.txt").read_text()
        assert "hunter" not in done.stdout + done.stderr + report
        assert "ansible_ssh_pass" in report and "ngc_registry_password" in report


def test_older_names_of_keys(migrated, values):
    result, _ = migrated(values("cnc_version: 7.3\nenable_gpu_operator: yes\ncnc_nvidia_driver: yes\n"
                                "gpu_operator_registry_password: x\n"))
    assert rows(result)["cnc_nvidia_driver"]["to"] == "cnsctl recipe --profile gpuStack=host-managed"
    assert rows(result)["gpu_operator_registry_password"]["verdict"] == "secret"
    assert result["metadata"]["title"] == "Cloud Native Stack 7.3"


def test_an_older_name_that_contradicts_the_newer(cnsctl, values):
    done = cnsctl("migrate", values("cns_version: 19.0\ncnc_version: 7.3\nenable_mig: no\n"), exit=2)
    assert "older name of 'cns_version'" in done.stderr


def test_an_unknown_key_is_told_with_what_was_perhaps_meant(migrated, values):
    result, done = migrated(values(enable_gdz="yes", wholly_new={"a": 1}))
    assert rows(result)["enable_gdz"]["verdict"] == "unknown" and "'enable_gds'" in rows(result)["enable_gdz"]["todo"]
    assert rows(result)["wholly_new.a"]["verdict"] == "unknown"
    assert "enable_gdz: unknown" in done.stderr


def test_what_has_no_counterpart(migrated, cnsctl, values):
    path = values(knative_serving="yes", runai_inference_domain="example.com", container_runtime="cri-dockerd")
    result, done = migrated(path)
    lost = {row["key"] for row in result["keys"] if row["verdict"] == "lost"}
    assert lost == {"knative_serving", "runai_inference_domain", "container_runtime"}
    assert result["summary"]["lost"] == 3 and "lost" in done.stderr
    cnsctl("migrate", path, "--fail-on", "failed", exit=8)
    cnsctl("migrate", values(), "--fail-on", "failed")
    cnsctl("migrate", values(), "--fail-on", "failed,warning", exit=8)


def test_releases_that_have_to_move(migrated, values):
    result, _ = migrated(values(monitoring="yes"))
    moves = {move["component"]: move for move in result["moves"]}
    assert moves["gpu-operator"]["from"] == {"release": "gpu-operator", "namespace": "nvidia-gpu-operator"}
    assert moves["gpu-operator"]["to"]["namespace"] == "gpu-operator"
    assert "helm uninstall gpu-operator --namespace nvidia-gpu-operator" in moves["gpu-operator"]["what"]
    assert moves["kube-prometheus-stack"]["from"] == moves["kube-prometheus-stack"]["to"]


def test_an_inventory_counts_machines(migrated, values, tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text("[master]\nm\n[nodes]\ngpu[01:08]\n[edge]\ne1\n")
    result, _ = migrated(values(), "--inventory", hosts)
    found = rows(result)
    assert found["[master]"]["value"] == "1 machines" and found["[nodes]"]["value"] == "8 machines"
    assert "--accelerated-node-selector" in found["[nodes]"]["todo"]
    assert found["[edge]"]["verdict"] == "unknown"


def test_an_inventory_that_is_none(cnsctl, values, tmp_path):
    (tmp_path / "hosts").write_text("[master\nm\n")
    assert "hosts:1: a group is not closed" in cnsctl("migrate", values(), "--inventory", "hosts", exit=2).stderr
    cnsctl("migrate", values(), "--inventory", "nowhere", exit=3)


def test_a_snapshot_tells_the_accelerator(shared, migrated, values):
    result, _ = migrated(values(), "--snapshot", shared / "data/snapshots/h100.yaml")
    assert result["criteria"]["accelerator"] == "h100"
    assert result["criteria"]["service"] == "eks", "what the map assumes gives way to what was seen"
    assert "--snapshot" in result["commands"][0]


def test_the_script_survives_any_value(cnsctl, cnsctl_path, values, tmp_path):
    nasty = """'$(touch pwned) `touch pwned` "; touch pwned #'"""
    cnsctl("migrate", values(enable_mig="yes", mig_strategy=nasty), "-t", "commands", "-o", "migrate.sh")
    run_script(cnsctl_path, tmp_path)
    assert not (tmp_path / "pwned").exists()
    operator = yaml.safe_load((tmp_path / "bundle/gpu-operator/values.yaml").read_text())
    assert operator["mig"]["strategy"] == nasty[1:-1]


def test_reports_and_formats(cnsctl, values, tmp_path):
    path = values()
    text = cnsctl("migrate", path, "-t", "text").stdout
    assert text.startswith("Cloud Native Stack 19.0\n\nCommands\n  cnsctl recipe ") and "\nFor you to decide\n" in text
    assert yaml.safe_load(cnsctl("migrate", path).stdout)["kind"] == "MigrationResult"
    cnsctl("migrate", path, "-o", "result.yaml", "--report", "junit=report.xml", "--report", "json=report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["kind"] == "MigrationReport" and report["summary"]["total"] == len(report["results"])
    assert {row["cause"] for row in report["results"]} <= VERDICTS
    cnsctl("migrate", path, "--report", "nonsense=x", exit=2)
    cnsctl("migrate", path, "-o", "no/such/folder/x", exit=3)


@pytest.mark.parametrize("text", ["", "[]", "3", "a: 1\n", "cns_version: 19.0\n", "kind: Pod\n",
                                  "cns_version: {a: {b: 1}}\nx: 1\n"])
def test_files_that_are_none(cnsctl, tmp_path, text):
    (tmp_path / "x.yaml").write_text(text)
    done = cnsctl("migrate", "x.yaml", exit=None)
    assert done.exit in (0, 2) and (done.exit or "key: cns_version\n" in done.stdout)


def test_the_input_is_needed(cnsctl):
    cnsctl("migrate", exit=2)
    cnsctl("migrate", "nowhere.yaml", exit=3)


def test_a_mixin_brings_what_the_recipe_does_not_have(migrated, cnsctl, cnsctl_path, values, tmp_path):
    extra = tmp_path / "extra"
    head = "apiVersion: cns.nvidia.com/v1alpha1\n"
    source = "      source: test\n      why: test\n"
    (extra / "mixins").mkdir(parents=True)
    (extra / "registry.yaml").write_text(
        head + "kind: ComponentRegistry\nmetadata: {name: registry}\ncomponents:\n  - name: ingress-nginx\n    displayName: x\n"
        "    helm: {defaultRepository: https://kubernetes.github.io/ingress-nginx, defaultChart: ingress-nginx,\n"
        "           defaultVersion: 4.15.1, defaultNamespace: ingress-nginx}\n" + source.replace("      ", "    "))
    (extra / "mixins" / "ingress.yaml").write_text(
        head + "kind: RecipeMixin\nmetadata: {name: ingress, maturity: preview}\nspec:\n  appliesTo: {service: [generic]}\n"
        "  componentRefs:\n    - name: ingress-nginx\n      type: Helm\n      sources: [test]\n      why: test\n")
    path = values(ingress_controller="yes", ingress_controller_version="4.15.1")
    result, _ = migrated(path, "--data", extra)
    found = rows(result)
    assert result["mixins"] == ["ingress"] and found["ingress_controller"]["verdict"] == "carried"
    assert found["ingress_controller"]["to"] == "--mixin ingress, ingress-nginx 4.15.1"
    assert found["ingress_controller_version"]["why"] == "The recipe has the same."
    cnsctl("migrate", path, "--data", extra, "-t", "commands", "-o", "migrate.sh")
    run_script(cnsctl_path, tmp_path)
    assert (tmp_path / "bundle" / "ingress-nginx").is_dir()
    assert rows(migrated(path)[0])["ingress_controller"]["verdict"] == "lost"
