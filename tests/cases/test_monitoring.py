# SPDX-License-Identifier: Apache-2.0
"""The metrics list of the exporter, the alert rules and the dashboards: each stands on the one before, and Prometheus's own
tool judges every expression and what the alerts do on made-up series."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from support import recipe_data as data

FOLDER = "components/gpu-monitoring/manifests"
# Of kube-state-metrics, node-exporter, the GPU operator, Kueue and model servers; not of DCGM.
OTHER_METRICS = re.compile(
    r"kube_\w+|node_(filesystem|infiniband)_\w+|gpu_operator_\w+|kueue_\w+|ephemeral_storage_pod_usage|ALERTS|"
    r"vllm:\w+|dynamo_frontend_\w+|nv_inference_\w+|inference_pool_\w+")
WORDS = {"by", "on", "or", "and", "unless", "group_left", "group_right", "ignoring", "without", "le", "bool"}


def exporter_fields():
    """name -> Prometheus type, of the list that the GPU operator hands to the exporter."""
    values = data.document("components/gpu-operator/values.yaml")
    rows = [row.split(",") for row in values["dcgmExporter"]["config"]["data"].splitlines()]
    assert all(len(row) == 3 for row in rows), "the exporter refuses a row that has not three fields"
    return {name.strip(): kind.strip() for name, kind, _ in rows}


@pytest.fixture(scope="module")
def manifests(cnsctl_path, tmp_path_factory):
    """file name -> object, as a bundle holds them."""
    folder = tmp_path_factory.mktemp("monitoring")
    recipe = subprocess.run([cnsctl_path, "recipe", "--service", "generic"], capture_output=True, check=True).stdout
    subprocess.run([cnsctl_path, "bundle", "-r", "-", "-o", folder / "bundle"], input=recipe, capture_output=True, check=True)
    found = sorted((folder / "bundle" / "gpu-monitoring" / "manifests").glob("*.yaml"))
    return {path.name: yaml.safe_load(path.read_text()) for path in found}


@pytest.fixture(scope="module")
def groups(manifests):
    return [group for name, item in manifests.items() if name.startswith("alerts-") for group in item["spec"]["groups"]]


@pytest.fixture(scope="module")
def dashboards(manifests):
    """file name of the dashboard -> dashboard."""
    items = [item for name, item in manifests.items() if name.startswith("dashboard-")]
    return {name: json.loads(text) for item in items for name, text in item["data"].items()}


def panels(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions(dashboard):
    return [target["expr"] for panel in panels(dashboard) for target in panel["targets"]]


def metrics_of(expression):
    """Names that stand where a metric can stand: not labels, label values, durations, functions or words of the language."""
    bare = re.sub(r'"(\\.|[^"\\])*"', '""', expression)
    bare = re.sub(r"\b(by|on|ignoring|without|group_left|group_right)\s*\([^)]*\)", " ", bare)
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]", " ", bare)
    names = re.findall(r"(?<![\w:.$])([A-Za-z_][\w:]*)(?!\w*\s*\()", bare)
    return {name for name in names if name not in WORDS and not re.fullmatch(r"e\d+", name)}


def recorded(groups):
    return {rule["record"] for group in groups for rule in group["rules"] if "record" in rule}


def alerts(groups):
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


def test_metrics_are_found_in_expressions():
    found = metrics_of('sum by (node) (rate(DCGM_FI_A{x="kube_b",node=~"$n"}[5m])) / 1e9 or vllm:c_total unless on (node) cns:d:max')
    assert found == {"DCGM_FI_A", "vllm:c_total", "cns:d:max"}


def test_the_metrics_list_is_well_formed():
    fields = exporter_fields()
    assert len(fields) > 50 and set(fields.values()) == {"gauge", "counter", "label"}
    assert all(re.fullmatch(r"DCGM_(FI_(DEV|PROF)|EXP|FI_DRIVER)_[A-Z0-9_]+", name) for name in fields)
    # What the profiling module gives is a rate; a rate of it would mean nothing.
    assert not [name for name, kind in fields.items() if name.startswith("DCGM_FI_PROF_") and kind != "gauge"]
    for wanted in ("XID_ERRORS", "ECC_DBE_VOL_TOTAL", "ROW_REMAP_FAILURE", "NVLINK_CRC_DATA_ERROR_COUNT_TOTAL",
                   "THERMAL_VIOLATION", "POWER_VIOLATION"):
        assert f"DCGM_FI_DEV_{wanted}" in fields


def test_rules_and_dashboards_stand_on_metrics_that_exist(groups, dashboards):
    """A DCGM field that the list lacks would leave an alert silent and a panel empty for ever."""
    known = exporter_fields().keys() | recorded(groups)
    used = {rule["expr"] for group in groups for rule in group["rules"]}
    used |= {expression for dashboard in dashboards.values() for expression in expressions(dashboard)}
    named = set().union(*map(metrics_of, used))
    assert not [name for name in named - known if not OTHER_METRICS.fullmatch(name)]
    counters = {name for name, kind in exporter_fields().items() if kind == "counter"}
    for expression in used:
        for name in re.findall(r"(?:rate|increase)\((DCGM_\w+)", expression):
            assert name in counters, f"{expression}: {name} is no counter"


def test_the_adapter_reads_metrics_of_the_list():
    rules = data.document("components/prometheus-adapter/values.yaml")["rules"]
    for rule in rules["custom"] + rules["external"]:
        names = metrics_of(rule["seriesQuery"])
        assert names and not [name for name in names - exporter_fields().keys() if not OTHER_METRICS.fullmatch(name)]
        # The API server knows no colon in the name of a metric.
        assert re.fullmatch(r"[a-z_]+", rule["name"]["as"])


def test_every_alert_tells_what_to_do(groups):
    names = [alert["alert"] for alert in alerts(groups)]
    assert len(names) == len(set(names)) and len(names) >= 25
    for alert in alerts(groups):
        assert alert["labels"]["severity"] in {"critical", "warning", "info"}, alert["alert"]
        assert set(alert["annotations"]) == {"summary", "description", "runbook", "source"}, alert["alert"]
        assert alert["annotations"]["runbook"].startswith("1. ")
        assert len(alert["annotations"]["source"]) > 5
    page = (data.RECIPES.parent / "docs" / "monitoring.md").read_text()
    assert not [name for name in names if f"`{name}`" not in page], "docs/monitoring.md lists every alert"


def test_dashboards_are_whole(dashboards):
    assert len(dashboards) == 5
    assert len({dashboard["uid"] for dashboard in dashboards.values()}) == 5
    for name, dashboard in dashboards.items():
        ids = [panel["id"] for panel in dashboard["panels"]]
        assert len(ids) == len(set(ids)) and len(ids) > 10, name
        taken = set()
        for panel in dashboard["panels"]:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            assert place["x"] + place["w"] <= 24 and not cells & taken, f"{name}: {panel['title']} covers another"
            taken |= cells
        variables = {item["name"] for item in dashboard["templating"]["list"]}
        for panel in panels(dashboard):
            assert panel["datasource"]["uid"] == "${datasource}"
            for target in panel["targets"]:
                asked = set(re.findall(r"\$(\w+)", target["expr"])) | set(re.findall(r"\$(\w+)", target["legendFormat"]))
                assert asked <= variables, f"{name}: {target['expr']}"


def promtool_check(promtool, folder, rules):
    """Exit status and output of promtool on groups of rules."""
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": rules}))
    done = subprocess.run([promtool, "check", "rules", "--lint=all", "--lint-fatal", "rules.yaml"], cwd=folder,
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_prometheus_accepts_every_expression(tool, groups, dashboards, tmp_path):
    status, output = promtool_check(tool("promtool"), tmp_path, groups)
    assert status == 0, output
    queries = [expression for dashboard in dashboards.values() for expression in expressions(dashboard)]
    rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(queries)]
    status, output = promtool_check(tool("promtool"), tmp_path, [{"name": "panels", "rules": rules}])
    assert status == 0, output
    broken = [{"name": "panels", "rules": [{"record": "a", "expr": "sum by (node (x)"}]}]
    assert promtool_check(tool("promtool"), tmp_path, broken)[0] != 0


def test_alerts_fire_when_they_must(tool, groups, root, tmp_path):
    """And every alert is among those that are made to fire."""
    shutil.copy(root / "tests" / "cases" / "monitoring" / "gpu-alerts.yaml", tmp_path)
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}, sort_keys=False))
    run = [tool("promtool"), "test", "rules", "gpu-alerts.yaml"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    fired = set(re.findall(r'alertname="(\w+)"', (tmp_path / "gpu-alerts.yaml").read_text()))
    assert {alert["alert"] for alert in alerts(groups)} == fired
    # The tool notices a rule that does something else.
    text = (tmp_path / "rules.yaml").read_text()
    (tmp_path / "rules.yaml").write_text(text.replace("/ 64) % 2 == 1", "/ 64) % 2 == 0"))
    assert subprocess.run(run, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_alerts_and_dashboards_can_be_turned_off(cnsctl, tmp_path):
    recipe = cnsctl("recipe", "--service", "generic").stdout
    for option, left in (("alerts", "dashboard-"), ("dashboards", "alerts-")):
        cnsctl("bundle", "-r", "-", "-o", option, "--set", f"gpu-monitoring:{option}.enabled=false", stdin=recipe)
        found = (tmp_path / option / "gpu-monitoring" / "manifests").glob("*.yaml")
        names = [path.name for path in found if any(yaml.safe_load_all(path.read_text()))]
        assert names and all(name.startswith(left) for name in names), option


def test_idle_and_xid_thresholds_are_values(cnsctl, tmp_path):
    recipe = cnsctl("recipe", "--service", "generic").stdout
    cnsctl("bundle", "-r", "-", "-o", "b", "--set", "gpu-monitoring:alerts.idle.percent=9", "--set",
           "gpu-monitoring:alerts.xid.hardware=48|62", stdin=recipe)
    texts = [path.read_text() for path in (tmp_path / "b" / "gpu-monitoring" / "manifests").glob("alerts-*.yaml")]
    assert any(") < 9\n" in text for text in texts) and any('{xid=~"48|62"}' in text for text in texts)


def receivers_configs():
    """name of the layer -> Alertmanager's configuration that it results in."""
    base = data.document("components/kube-prometheus-stack/values.yaml")["alertmanager"]["config"]
    found = {"base": base}
    for path in data.files("mixins/alerting-*.yaml"):
        for ref in data.document(path)["spec"]["componentRefs"]:
            found[path] = data.merge(base, ref["overrides"]["alertmanager"]["config"])
    return found


@pytest.mark.parametrize("layer", receivers_configs())
def test_alerts_reach_a_receiver_and_secrets_stay_in_files(layer):
    config = receivers_configs()[layer]
    names = [receiver["name"] for receiver in config["receivers"]]
    routes = [config["route"], *config["route"]["routes"]]
    assert len(names) == len(set(names)) and {route["receiver"] for route in routes} == set(names)
    assert {route["receiver"] for route in routes if 'severity = "critical"' in route.get("matchers", [])} == {"critical"}
    settings = [item for receiver in config["receivers"] for key, items in receiver.items() if key != "name" for item in items]
    assert (layer == "base") == (not settings)
    secret = re.compile(r"url|api_url|.*(key|password|token|secret)")
    for item in settings:
        assert not [key for key in item if secret.fullmatch(key)], "what is secret is read from a file"
        assert [value for key, value in item.items() if key.endswith("_file")
                and value.startswith("/etc/alertmanager/secrets/alertmanager-receivers/")]


def test_alerts_that_others_silence_exist(groups):
    names = {alert["alert"] for alert in alerts(groups)}
    rules = receivers_configs()["base"]["inhibit_rules"]
    texts = [text for rule in rules for key in ("source_matchers", "target_matchers") for text in rule.get(key, [])]
    listed = {name for text in texts for name in re.findall(r"\b(?:Gpu|ComputeDomain|Dra)\w+\b(?!\.)", text)}
    assert listed and listed <= names
