# SPDX-License-Identifier: Apache-2.0
"""cnsctl recipe scaffold: what it begins passes lint, builds on the right overlay, and overwrites nothing."""

import itertools
import json
import re

import pytest
import yaml

from support import recipe_data as data

SERVICES = [None, "eks", "gke", "aks", "oke", "generic", "kind"]
ACCELERATORS = [None, "h100", "gb200", "l40s", "rtx-pro-6000", "b300"]
INTENTS = [None, "training", "inference"]
SYSTEMS = [None, "ubuntu", "cos", "rhel"]
CHART = {
    "Chart.yaml": "name: thing\nversion: 1.2.3\ndescription: 'Does: things'\n",
    "values.yaml": """\
fullnameOverride: ""
controller:
  nodeSelector: {}
  tolerations: []
  storage: {storageClassName: null, size: 1Gi}
kubeletPlugin:
  tolerations:
    - operator: Exists
"a.b":
  nodeSelector: {}
list:
  - nodeSelector: {}
tolerations: none
""",
}


def words(service, accelerator, intent, system):
    fields = {"service": service, "accelerator": accelerator, "intent": intent, "os": system}
    return {field: value for field, value in fields.items() if value}


def options(criteria):
    return [item for field, value in criteria.items() for item in (f"--{field}", value)]


def findings(cnsctl, *arguments, exit=0):
    report = json.loads(cnsctl("recipe", "lint", *arguments, "--fail-on", "warning", "-t", "json", exit=exit).stdout)
    return [item for item in report["results"] if item["status"] in ("failed", "warning")]


@pytest.fixture(scope="module")
def scaffolded(cnsctl_path, tmp_path_factory):
    """(folder, overlay name -> criteria): every combination that there is no overlay for and that can work."""
    from support import program
    folder, made, refused = tmp_path_factory.mktemp("scaffold") / "data", {}, []
    known = [data.criteria(name) for name in data.overlays()]
    for combination in itertools.product(SERVICES, ACCELERATORS, INTENTS, SYSTEMS):
        criteria = words(*combination)
        if not criteria:
            continue
        done = program.run_program(cnsctl_path, ["recipe", "scaffold", *options(criteria), "-o", str(folder)], folder.parent, None,
                                   "", 60, False)
        if done.exit == 0:
            assert criteria not in known
            made[re.search(r"overlays/(.*)\.yaml", done.stderr).group(1)] = criteria
        else:
            assert done.exit == (9 if criteria in known else 2), done
            refused.append(criteria)
    assert len(made) > 100 and len(refused) > 50
    return folder, made


def test_all_of_them_lint_clean_together(cnsctl, scaffolded):
    folder, made = scaffolded
    assert not findings(cnsctl, "--data", folder)
    assert {path.stem for path in (folder / "overlays").iterdir()} == set(made)


def test_each_names_its_criteria_and_builds_on_what_holds(scaffolded):
    folder, made = scaffolded
    for name, criteria in made.items():
        document = yaml.safe_load((folder / "overlays" / f"{name}.yaml").read_text())
        assert document["metadata"] == {"name": name, "maturity": "preview"}
        assert document["spec"]["criteria"] == criteria
        base = document["spec"].get("base")
        fits = [other for other in data.overlays() if data.criteria(other) and data.criteria(other).items() <= criteria.items()]
        assert (base in fits) if fits else base is None
        assert not fits or len(data.criteria(base)) == max(len(data.criteria(other)) for other in fits)
        assert set(document["spec"]) <= {"base", "criteria"}


@pytest.mark.parametrize("criteria,name,base", [
    ({"service": "eks", "accelerator": "t4", "intent": "inference"}, "t4-eks-inference", "eks-inference"),
    ({"service": "eks", "accelerator": "h100", "intent": "training", "os": "amazonlinux"}, "h100-eks-amazonlinux-training",
     "h100-eks-training"),
    ({"service": "gke", "accelerator": "t4", "intent": "training", "os": "cos"}, "t4-gke-cos-training", "gke-cos-training"),
    ({"accelerator": "t4"}, "t4-any", None),
    ({"service": "aks", "gpu": "H100", "os": "Ubuntu"}, "h100-aks-ubuntu", "aks-ubuntu"),
])
def test_names_and_bases_by_convention(cnsctl, criteria, name, base):
    document = yaml.safe_load(cnsctl("recipe", "scaffold", *options(criteria)).stdout)
    assert (document["metadata"]["name"], document["spec"].get("base")) == (name, base)


def test_it_changes_nothing_but_what_the_recipe_is_made_for(cnsctl, scaffolded):
    """The recipe with the scaffold has the components and bounds of the recipe by rule."""
    folder, made = scaffolded
    for criteria in list(made.values())[::23]:
        asked = options(criteria)
        by_rule, own = (yaml.safe_load(cnsctl("recipe", *asked, *more).stdout) for more in ([], ["--data", folder]))
        assert by_rule["componentRefs"] == own["componentRefs"]
        assert [(item["name"], item["value"]) for item in by_rule.get("constraints", [])] == \
            [(item["name"], item["value"]) for item in own.get("constraints", [])]
        assert len(own["metadata"]["appliedOverlays"]) > len(by_rule["metadata"]["appliedOverlays"])


def test_comments_tell_what_comes_by_rule(cnsctl):
    text = cnsctl("recipe", "scaffold", "--service", "oke", "--accelerator", "gb200", "--intent", "training", "--os", "ol").stdout
    unwrapped = re.sub(r"\n +# +", " ", text)
    for expected in ("Machines: BM.GPU.GB200", "gpu-operator v26.7.0", "K8s.server.version: >= 1.34", "gb200-any", "NVIDIA GB200"):
        assert expected in unwrapped


def test_the_examples_in_the_comments_hold(cnsctl, tmp_path):
    cnsctl("recipe", "scaffold", "--service", "eks", "--gpu", "t4", "--intent", "inference", "-o", "data")
    file = tmp_path / "data/overlays/t4-eks-inference.yaml"
    before, examples = file.read_text().split("nothing has to stay.\n")
    file.write_text(before + "\n" + re.sub(r"^  # ", "  ", examples, flags=re.M))
    assert set(yaml.safe_load(file.read_text())["spec"]) == {"base", "criteria", "constraints", "componentRefs", "validation"}
    assert not findings(cnsctl, "--data", "data")


@pytest.mark.parametrize("arguments,exit,message", [
    ([], 2, "no criteria"),
    (["--service", "eks", "--accelerator", "h100", "--intent", "training"], 9, "h100-eks-training"),
    (["--service", "eks", "--os", "cos"], 2, "cos"),
    (["--service", "ekz"], 2, "eks"),
    (["--service", "eks", "--gpu", "t4", "--name", "base"], 9, "base"),
    (["--service", "eks", "--gpu", "t4", "--name", "../x"], 2, "lower-case"),
    (["--service", "eks", "--gpu", "t4", "-o", "there.yaml"], 9, "there already"),
    (["--component", "x", "-o", "data"], 2, "--chart"),
    (["--component", "x", "--chart", "nowhere", "--repository", "https://a.example", "-o", "data"], 3, "Chart.yaml"),
    (["--component", "x", "--chart", "chart", "--repository", "ftp://a.example", "-o", "data"], 2, "https://"),
    (["--component", "X y", "--chart", "chart", "--repository", "https://a.example", "-o", "data"], 2, "lower-case"),
    (["--component", "x", "--chart", "chart", "--repository", "https://a.example", "-o", "data", "--chart-version", "latest"], 2,
     "--version"),
])
def test_what_cannot_be_begun_is_refused(cnsctl, tmp_path, arguments, exit, message):
    (tmp_path / "there.yaml").write_text("mine\n")
    write_chart(tmp_path)
    assert message in cnsctl("recipe", "scaffold", *arguments, exit=exit).stderr
    assert (tmp_path / "there.yaml").read_text() == "mine\n" and not (tmp_path / "data").exists()


# --- components ---


def write_chart(folder, **changes):
    (folder / "chart").mkdir(exist_ok=True)
    for name, text in {**CHART, **changes}.items():
        (folder / "chart" / name).write_text(text)


def component(cnsctl, name="thing", *more, exit=0):
    return cnsctl("recipe", "scaffold", "--component", name, "--chart", "chart", "--repository", "https://charts.example",
                  "-o", "data", *more, exit=exit)


def only_health_is_missing(found, count):
    """What a chart's values cannot tell, lint asks for."""
    return len(found) == count and all(item["name"] == "schema" and item["message"].endswith("has no healthCheck") for item in found)


def test_a_component_from_its_chart(cnsctl, tmp_path):
    write_chart(tmp_path)
    component(cnsctl, "thing", "--why", "Because: it is needed, and " + "long " * 40)
    entry, = yaml.safe_load((tmp_path / "data/registry.yaml").read_text())["components"]
    assert entry["helm"] == {"defaultRepository": "https://charts.example", "defaultChart": "thing", "defaultVersion": "1.2.3",
                             "defaultNamespace": "thing"}
    assert entry["nodeScheduling"] == {
        "system": {"nodeSelectorPaths": ["controller.nodeSelector"], "tolerationPaths": ["controller.tolerations"]},
        "accelerated": {"tolerationPaths": ["kubeletPlugin.tolerations"]}}
    assert entry["storageClassPaths"] == ["controller.storage.storageClassName"]
    assert entry["description"] == "Does: things" and entry["why"].startswith("Because: it is needed")
    assert yaml.safe_load((tmp_path / "data/components/thing/values.yaml").read_text()) == {"fullnameOverride": "thing"}
    mixin = yaml.safe_load((tmp_path / "data/mixins/thing.yaml").read_text())
    assert mixin["kind"] == "RecipeMixin" and mixin["spec"]["componentRefs"][0]["name"] == "thing"
    assert only_health_is_missing(findings(cnsctl, "--data", "data", exit=8), 1)
    registry = tmp_path / "data/registry.yaml"
    text = registry.read_text()
    registry.write_text(re.sub(r"^    # (healthCheck|  timeout|  resources|    - )", r"    \1", text, flags=re.M))
    assert not findings(cnsctl, "--data", "data")
    registry.write_text(text)
    # The same once more is refused before anything is touched.
    before = (tmp_path / "data/registry.yaml").read_text()
    assert "already" in component(cnsctl, exit=9).stderr
    assert (tmp_path / "data/registry.yaml").read_text() == before


def test_what_only_people_know_is_asked_for(cnsctl, tmp_path):
    write_chart(tmp_path)
    component(cnsctl)
    asked = findings(cnsctl, "--data", "data", exit=8)
    assert {item["name"] for item in asked} == {"missing-source", "schema"} and any("registry entry 'thing' has no why" in item["message"]
                                                                          for item in asked)


def test_entries_are_added_to_a_registry_that_is_there(cnsctl, tmp_path):
    write_chart(tmp_path)
    component(cnsctl, "first")
    (tmp_path / "data/registry.yaml").write_text((tmp_path / "data/registry.yaml").read_text() + "\n# mine\n")
    component(cnsctl, "second")
    text = (tmp_path / "data/registry.yaml").read_text()
    assert [item["name"] for item in yaml.safe_load(text)["components"]] == ["first", "second"] and "# mine" in text


@pytest.mark.parametrize("text", ["components:\n- name: a\n  displayName: a\n", "components: []\n", "a: [\n",
                                  "components:\n  - name: a\n    displayName: a\nmetadata:\n  name: b\n"])
def test_a_registry_that_cannot_take_it_stays_as_it_is(cnsctl, tmp_path, text):
    write_chart(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/registry.yaml").write_text(text)
    component(cnsctl, exit=2)
    assert (tmp_path / "data/registry.yaml").read_text() == text and not (tmp_path / "data/components").exists()


def test_components_from_all_stored_charts_fit_their_charts(cnsctl, tmp_path, shared):
    """What is taken for a placement path is one: lint compares with the very charts."""
    made = 0
    for chart in sorted((shared / "data/charts").iterdir()):
        about = yaml.safe_load((chart / "Chart.yaml").read_text())
        if about["name"] != chart.name:
            continue
        made += 1
        cnsctl("recipe", "scaffold", "--component", f"our-{chart.name}", "--chart", chart, "--repository", "oci://charts.example/all",
               "--chart-version", "1.0.0", "--why", "A test.", "-o", "data")
    assert made > 20
    assert only_health_is_missing(findings(cnsctl, "--data", "data", "--charts", shared / "data/charts", exit=8), made)
    entries = yaml.safe_load((tmp_path / "data/registry.yaml").read_text())["components"]
    assert sum("nodeScheduling" in entry for entry in entries) > made / 2
