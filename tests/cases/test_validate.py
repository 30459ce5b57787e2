# SPDX-License-Identifier: Apache-2.0
"""Reports judged by others' rules (the CTRF schema, an XML parser), and what must hold in every format."""

import json
import os
import pty
import random
import subprocess
import xml.etree.ElementTree as ElementTree

import jsonschema
import pytest

from support import documents

FORMATS = ("text", "table", "json", "yaml", "ctrf", "junit", "sarif")
SNAPSHOT = {
    "kind": "Snapshot",
    "apiVersion": "cns.nvidia.com/v1alpha1",
    "metadata": {"source-node": "n1"},
    "measurements": [{"type": "OS", "subtypes": [{"subtype": "release", "data": {
        "ID": "ubuntu", "ID_LIKE": "debian", "VERSION_ID": "24.04", "NAME": "a \"<&>' \u0001\u001b[31m b\nc \u20ac \ufffe",
        "NULL": None}}]}],
    "redacted": [],
}
# Every way in which a constraint can end as not checked: name, value.
NOT_CHECKED = [
    ("K8s.server.version", ">= 1.30"),
    ("OS.kmod.nvidia", "true"),
    ("OS.release.VARIANT", "server"),
    ("OS.release.NULL", "x"),
    ("OS.release.ID_LIKE", ">= 1.2"),
    ("nonsense", "x"),
]


def recipe(*constraints, **more):
    return {"kind": "RecipeResult", "apiVersion": "cns.nvidia.com/v1alpha1", "componentRefs": [],
            "constraints": [{"name": name, "value": value} for name, value in constraints], **more}


@pytest.fixture
def validate(cnsctl, tmp_path):
    def run(recipe_document, *options, snapshot=SNAPSHOT, exit=0):
        (tmp_path / "recipe.json").write_text(json.dumps(recipe_document))
        (tmp_path / "snapshot.json").write_text(json.dumps(snapshot))
        return cnsctl("validate", "-r", "recipe.json", "-s", "snapshot.json", *options, exit=exit)

    return run


MIXED = recipe(("OS.release.ID", "debian"), ("OS.release.NAME", "x<&>\"'\u0002"), ("OS.release.VERSION_ID", ">= 22.04"),
               *NOT_CHECKED, validation={"deployment": {"checks": ["operator-health"]}})


def test_ctrf_follows_its_schema(validate, shared):
    schema = json.loads((shared / "data/suites/schemas/ctrf.schema.json").read_text())
    report = json.loads(validate(MIXED, "-t", "ctrf", "--phase", "all", exit=8).stdout)
    jsonschema.validate(report, schema, format_checker=jsonschema.FormatChecker())
    summary = report["results"]["summary"]
    tests = report["results"]["tests"]
    assert summary["tests"] == len(tests) == 10
    for status in ("passed", "failed", "skipped", "pending", "other"):
        assert summary[status] == sum(test["status"] == status for test in tests), status


def test_sarif_follows_its_schema(validate, shared):
    schema = json.loads((shared / "data/suites/schemas/sarif-schema-2.1.0.json").read_text())
    report = json.loads(validate(MIXED, "-t", "sarif", "--phase", "all", exit=8).stdout)
    jsonschema.validate(report, schema, format_checker=jsonschema.FormatChecker())
    run = report["runs"][0]
    results = run["results"]
    assert [(item["ruleId"], item["level"]) for item in results] == [("OS.release.ID", "error"), ("OS.release.NAME", "error")]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules)) == 10
    assert all(rules[item["ruleIndex"]] == item["ruleId"] for item in results)
    place = results[0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "snapshot.json" and place["region"]["startLine"] == 1
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert len(notes) == 7 and all(note["message"]["text"].startswith("not checked: ") for note in notes)


def test_junit_is_well_formed_and_counts(validate):
    top = ElementTree.fromstring(validate(MIXED, "-t", "junit", "--phase", "all", exit=8).stdout)
    suites = top.findall("testsuite")
    assert [suite.get("name") for suite in suites] == ["readiness", "deployment"]
    cases = top.findall("testsuite/testcase")
    assert int(top.get("tests")) == len(cases) == 10
    assert int(top.get("failures")) == len(top.findall(".//failure")) == 2
    assert int(top.get("skipped")) == len(top.findall(".//skipped")) == 7
    assert all(skipped.get("message").startswith("not checked: ") for skipped in top.findall(".//skipped"))
    (named,) = [case for case in cases if case.get("name") == "OS.release.NAME"]
    # What XML cannot hold is replaced, everything else comes through.
    assert "found: a \"<&>' \ufffd\ufffd[31m b\nc \u20ac \ufffd\n" in named.find("failure").text


def statuses(output, style):
    """name -> status, as a reader of that format sees it."""
    if style in ("json", "yaml"):
        return {result["name"]: result["status"] for result in documents.load(output)["results"]}
    if style == "ctrf":
        return {test["name"]: test["status"] for test in json.loads(output)["results"]["tests"]}
    if style == "junit":
        return {case.get("name"): case[0].tag if len(case) else "passed"
                for case in ElementTree.fromstring(output).iter("testcase")}
    if style == "sarif":
        run = json.loads(output)["runs"][0]
        found = {rule["id"]: "passed" for rule in run["tool"]["driver"]["rules"]}
        found.update((result["ruleId"], result["level"]) for result in run["results"])
        found.update((note["associatedRule"]["id"], "notification")
                     for note in run["invocations"][0]["toolExecutionNotifications"])
        return found
    found = {}
    for line in output.splitlines():
        for status in ("passed", "failed", "not checked"):
            if line.startswith(status):
                words = line[len(status):].split()
                found[words[0] if style == "text" else words[1]] = status
    return found


@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize("name,value", NOT_CHECKED)
def test_not_checked_never_passes(validate, style, name, value):
    demanded = recipe(("OS.release.VERSION_ID", "24.04"), (name, value))
    run = validate(demanded, "-t", style, exit=8)
    expected = {"text": "not checked", "table": "not checked", "json": "notChecked", "yaml": "notChecked",
                "ctrf": "skipped", "junit": "skipped", "sarif": "notification"}[style]
    assert statuses(run.stdout, style) == {"OS.release.VERSION_ID": "passed", name: expected}
    tolerated = validate(demanded, "-t", style, "--fail-on", "failed")
    assert tolerated.stdout.count("result: pass\n") == 0
    assert statuses(tolerated.stdout, style) == statuses(run.stdout, style)


@pytest.mark.parametrize("style", FORMATS)
def test_same_input_same_bytes(validate, style, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767323045")
    first = validate(MIXED, "-t", style, "--phase", "all", exit=8).stdout_bytes
    assert first == validate(MIXED, "-t", style, "--phase", "all", exit=8).stdout_bytes


@pytest.mark.parametrize("style", ("text", "table"))
def test_control_characters_are_shown_not_obeyed(validate, style):
    output = validate(recipe(("OS.release.NAME", "x")), "-t", style, exit=8).stdout
    assert "\x1b" not in output and "\\x1b[31m" in output and "b\\nc" in output


def output_on_terminal(path, cwd, no_color):
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("NO_COLOR", None)
    if no_color:
        environment["NO_COLOR"] = "1"
    words = [path, "validate", "-r", "recipe.json", "-s", "snapshot.json"]
    with subprocess.Popen(words, stdout=slave, stderr=subprocess.PIPE, env=environment, cwd=cwd) as process:
        os.close(slave)
        output = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # the terminal's end, on Linux
                break
            if not part:
                break
            output += part
        assert process.wait() == 8, process.stderr.read()
    os.close(master)
    return output.decode()


def test_colour_only_on_a_terminal(validate, cnsctl_path, tmp_path):
    assert "\x1b" not in validate(MIXED, exit=8).stdout
    assert "\x1b[1;31mfailed\x1b[0m" in output_on_terminal(cnsctl_path, tmp_path, no_color=False)
    assert "\x1b" not in output_on_terminal(cnsctl_path, tmp_path, no_color=True)


def test_every_remediation_cause_is_known(validate, root):
    """A rule for a cause that validation never gives would never be used."""
    causes = {"violated", "no-path", "missing-type", "missing-subtype", "missing-key", "redacted", "not-comparable",
              "needs-cluster", "needs-measurement"}
    rules = documents.load((root / "recipes" / "remediation.yaml").read_text())["rules"]
    used = {cause for rule in rules for cause in rule["causes"]}
    assert used == causes
    page = (root / "docs" / "reports.md").read_text()
    assert all(f"`{cause}`" in page for cause in causes)


def test_every_open_check_says_what_to_do(validate):
    snapshot = {**SNAPSHOT, "redacted": [{"path": "OS.release.ID_LIKE", "rule": "secret-key"}]}
    demanded = recipe(*NOT_CHECKED, ("OS.release.VERSION_ID", "1"), validation={
        "deployment": {"checks": ["operator-health"]}, "performance": {"checks": ["nccl"]}})
    report = json.loads(validate(demanded, "-t", "json", "--phase", "all", snapshot=snapshot, exit=8).stdout)
    assert all(result.get("remediation") for result in report["results"])
    assert {result.get("cause") for result in report["results"]} >= {"redacted", "violated", "needs-measurement"}
    assert "debian" not in json.dumps(report)  # of a redacted reading not even the replacement is told


@pytest.mark.parametrize("suffix", ("yaml", "json"))
def test_generated_snapshot_is_read_whole(cnsctl, root, tmp_path, suffix):
    path = tmp_path / f"large.{suffix}"
    subprocess.run([root / "tests/bench/generate_snapshot.py", "--readings", "3000", "--subtypes", "7", "--format", suffix,
                    "--output", path], check=True)
    data = [subtype["data"] for measurement in documents.load(path.read_text())["measurements"]
            for subtype in measurement["subtypes"]]
    assert sum(len(readings) for readings in data) == 3000
    (tmp_path / "recipe.json").write_text(json.dumps(recipe(
        *[(f"Sysctl.node-{i:05}.{list(data[2 + i])[-1]}", list(data[2 + i].values())[-1]) for i in range(7)])))
    run = cnsctl("validate", "-r", "recipe.json", "-s", path)
    assert "7 checks: 7 passed" in run.stdout


def test_a_wide_mapping_is_read_in_linear_time(release_path, root, tmp_path):
    """100,000 keys in one subtype: a quadratic reader needs seconds. The limit is far above what is measured (70 ms)."""
    path = tmp_path / "wide.yaml"
    subprocess.run([root / "tests/bench/generate_snapshot.py", "--readings", "100000", "--subtypes", "1", "--output", path],
                   check=True)
    (tmp_path / "recipe.json").write_text(json.dumps(recipe(("OS.release.ID", "ubuntu"))))
    before = os.times()
    subprocess.run([release_path, "validate", "-r", tmp_path / "recipe.json", "-s", path], check=True, capture_output=True)
    after = os.times()
    assert after.children_user - before.children_user < 1


def oracle(actual, expression):
    """The rules of docs/versions.md for versions without suffixes, told a second time."""
    def numbers(text):
        parts = [int(part) for part in text.removeprefix("v").split(".")]
        return parts + [0] * (4 - len(parts))

    judge = {">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, "<": lambda a, b: a < b,
             "==": lambda a, b: a == b, "!=": lambda a, b: a != b}
    clauses = [clause.split() for clause in expression.split(",")]
    return all(judge[operator](numbers(actual), numbers(operand)) for operator, operand in clauses)


def test_versions_against_a_second_telling(validate):
    generator = random.Random(3)

    def version():
        text = ".".join(str(generator.choice((0, 1, 2, 9, 10, 32))) for _ in range(generator.randint(1, 4)))
        return generator.choice(("", "v")) + text

    operators = (">=", "<=", ">", "<", "==", "!=")
    data, constraints = {}, []
    for i in range(3000):
        data[f"k{i}"] = version()
        constraints.append((f"OS.versions.k{i}", ", ".join(
            f"{generator.choice(operators)} {version()}" for _ in range(generator.choice((1, 1, 2, 3))))))
    snapshot = {**SNAPSHOT, "measurements": [{"type": "OS", "subtypes": [{"subtype": "versions", "data": data}]}]}
    report = json.loads(validate(recipe(*constraints), "-t", "json", snapshot=snapshot, exit=8).stdout)
    assert len(report["results"]) == 3000
    wrong = [(result["actual"], result["expected"], result["status"]) for result in report["results"]
             if (result["status"] == "passed") != oracle(result["actual"], result["expected"])]
    assert not wrong
    assert 500 < report["summary"]["passed"] < 2500 and report["summary"]["notChecked"] == 0


@pytest.mark.parametrize("catalog", ("cnsctl-0.31", "aicr-0.11.1"))
def test_recipes_of_the_predecessors(cnsctl, shared, catalog):
    """Every overlay's criteria, resolved from the predecessor's own catalog, validates against a real snapshot."""
    folder = shared / "data/catalogs" / catalog
    seen = set()
    for path in sorted((folder / "overlays").glob("*.yaml")):
        criteria = documents.load(path.read_text())["spec"].get("criteria") or {}
        options = [word for key, value in sorted(criteria.items()) if value != "any" for word in (f"--{key}", str(value))]
        if not options or tuple(options) in seen:
            continue
        seen.add(tuple(options))
        resolved = cnsctl("recipe", "--catalog", folder, *options).stdout
        run = cnsctl("validate", "-r", "-", "-s", shared / "data/snapshots/h100.yaml", "-t", "json", "--phase", "all",
                     stdin=resolved, exit=None)
        report = json.loads(run.stdout)
        by_name = {result["name"]: result["status"] for result in report["results"] if result["phase"] == "readiness"}
        assert by_name and set(by_name.values()) <= {"passed", "failed"}, (options, by_name)
        gaps = {result["status"] for result in report["results"]} & {"failed", "notChecked"}
        assert run.exit == (8 if gaps else 0)
        server = [result for result in report["results"] if result["name"] == "K8s.server.version"]
        assert all((result["status"] == "passed") == oracle("1.30.14", result["expected"]) for result in server)
    assert len(seen) > 5
