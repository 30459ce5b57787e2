# SPDX-License-Identifier: Apache-2.0
"""Pages that are made from data are what the data says, and leave nothing out that a reader needs."""

import re
import shlex
import sys

import pytest

from support import program, recipe_data as data

COMPONENTS = program.ROOT / "docs" / "components"
REGISTRY = data.registry()


def make(*arguments, env=None):
    return program.run_program(sys.executable, ["tools/docs.py", *arguments], program.ROOT, env, "", 120, False)


def test_pages_are_fresh(cnsctl_path):
    done = make("--check", env={"CNSCTL": str(cnsctl_path)})
    assert done.exit == 0, f"run: make docs\n{done.stdout}"


def test_a_newcomer_gets_through_the_walk(cnsctl_path, shared):
    """Every command of the page runs, in a folder that has nothing but the chart, and prints what the page says."""
    done = program.run_program(sys.executable, ["tools/readme-tour.py", f"--with={shared / 'data/charts/jobset'}=charts/jobset",
                                                "docs/contributing-recipes.md"], program.ROOT, {"CNSCTL": str(cnsctl_path)}, "",
                               120, False)
    assert done.exit == 0, f"run: make docs\n{done.stdout}{done.stderr}"
    page = (program.ROOT / "docs" / "contributing-recipes.md").read_text()
    for step in ("recipe scaffold --component", "recipe lint", "recipe --service", "explain", "bundle"):
        assert f"\n$ cnsctl {step} " in page


def test_a_page_that_differs_is_told_and_mended(tmp_path):
    """The test above would be worth nothing if --check always passed."""
    folder = tmp_path / "docs" / "components"
    folder.mkdir(parents=True)
    page, old = folder / "grove.md", folder / "gone.md"
    page.write_text((COMPONENTS / "grove.md").read_text() + "more\n")
    old.write_text("no such component\n")
    check = make("--check", "--into", str(tmp_path), "docs/components/grove")
    assert check.exit == 1 and check.stdout == "stale: docs/components/grove.md\nstale: docs/components/gone.md\n"
    assert old.exists() and page.read_text().endswith("more\n")
    assert make("--into", str(tmp_path), "docs/components/grove").exit == 0
    assert not old.exists() and page.read_text() == (COMPONENTS / "grove.md").read_text()
    assert make("--check", "--into", str(tmp_path), "docs/components/grove").exit == 0


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_component_page_has_all_that_the_data_has(name):
    text, entry = (COMPONENTS / f"{name}.md").read_text(), REGISTRY[name]
    unwrapped = re.sub(r"\s+", " ", text)
    expected = [entry["displayName"], entry["source"], *entry.get("valueOverrideKeys", [])]
    expected += [path for section in (entry.get("nodeScheduling") or {}).values() for paths in
                 (section.values() if isinstance(section, dict) else [section]) for path in paths]
    expected += entry.get("storageClassPaths", [])
    expected += [item.get("name", item.get("labelSelector")) for item in entry["healthCheck"]["resources"]]
    expected += [item["message"] for item in entry.get("validations", [])]
    expected += [name_ for name_, spec in data.overlays().items()
                 if any(ref["name"] == name for ref in spec.get("componentRefs", []))]
    for path in data.files(f"components/{name}/values*.yaml"):
        expected += [leaf for leaf in data.leaves(data.document(path) or {}) if leaf]
    expected += [path.rsplit("/", 1)[-1] for path in data.files(f"components/{name}/manifests/*.yaml")]
    if (data.RECIPES / f"components/{name}/upgrades.yaml").exists():
        for item in data.document(f"components/{name}/upgrades.yaml")["transitions"]:
            expected += [item["summary"], *item.get("steps", [])]
    missing = [item for item in expected if re.sub(r"\s+", " ", item).strip() not in unwrapped
               and item.replace("|", "\\|") not in unwrapped]
    assert not missing
    assert "None" not in re.sub(r"`[^`]*`", "", text), "a field that is not there got into the text"


def test_the_index_lists_every_component_once():
    links = re.findall(r"^\| \[[^\]]+\]\(([a-z0-9-]+)\.md\)", (COMPONENTS / "README.md").read_text(), re.M)
    assert sorted(links) == sorted(REGISTRY)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_component_says_what_it_is(name):
    assert len(REGISTRY[name].get("description", "")) > 30 and REGISTRY[name].get("topic")


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_component_with_a_version_has_upgrade_notes(name):
    """Where nothing is known, the notes say that; lint holds them to cover every version below the pin."""
    entry = REGISTRY[name]
    has_version = (entry.get("helm") or {}).get("defaultVersion") or (entry.get("kustomize") or {}).get("defaultTag")
    assert bool(has_version) == (data.RECIPES / f"components/{name}/upgrades.yaml").exists()


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_commands_on_a_component_page_work(cnsctl, tmp_path, name):
    """The examples are run as they stand, against a recipe that has the component."""
    recipe = recipe_with(cnsctl, name)
    if not recipe:
        pytest.skip("feature: no recipe has it by criteria alone")
    (tmp_path / "recipe.yaml").write_text(recipe)
    for line in re.findall(r"^cnsctl (.*?)(?:    # .*)?$", (COMPONENTS / f"{name}.md").read_text(), re.M):
        words = shlex.split(line)
        cnsctl(*words, *(data.filled_in(recipe) if words[0] == "bundle" else ()), exit=0)


def recipe_with(cnsctl, name):
    """A recipe that has the component: by the criteria of an overlay, or by a mixin and criteria for which that may be used."""
    for overlay, spec in sorted(data.overlays().items()):
        if any(ref["name"] == name for ref in spec.get("componentRefs", [])):
            words = [word for field, value in data.criteria(overlay).items() if field != "nodes" for word in (f"--{field}", str(value))]
            return cnsctl("recipe", *words or ["--intent", "training"]).stdout
    for path in data.files("mixins/*.yaml"):
        mixin = data.document(path)
        if any(ref["name"] == name for ref in mixin["spec"].get("componentRefs", [])):
            criteria = {"intent": ["training"], **mixin["spec"].get("appliesTo", {})}
            words = [word for field, values in criteria.items() for word in (f"--{field}", values[0])]
            return cnsctl("recipe", *words, "--mixin", mixin["metadata"]["name"]).stdout
    return None
