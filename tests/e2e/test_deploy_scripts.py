# SPDX-License-Identifier: Apache-2.0
"""deploy.sh and undeploy.sh against fakes of helm and kubectl that record their calls: order, waits, retries, namespaces,
and that nothing is touched that is not the bundle's."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

FAKE = Path(__file__).resolve().parent / "fakes" / "fake-tool"

RECIPE = """
kind: RecipeResult
apiVersion: cns.nvidia.com/v1alpha1
metadata: {version: v1}
criteria: {service: eks}
componentRefs:
  - {name: alpha, source: "https://charts.example", chart: x/alpha, version: v1, namespace: one, values: {}}
  - {name: beta, source: "oci://registry.example/charts", chart: beta, version: 2.0.0, namespace: two, values: {}}
  - name: gamma
    source: https://charts.example
    namespace: one
    values: {}
    dependencyRefs: [alpha, beta]
    manifests:
      - {path: m/before.yaml, pre: true, text: "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: b}\\n"}
      - {path: m/after.yaml, text: "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: a, namespace: elsewhere}\\n"}
      - {path: m/crd.yaml, text: "apiVersion: apiextensions.k8s.io/v1\\nkind: CustomResourceDefinition\\nmetadata: {name: c}\\n"}
  - name: delta
    namespace: kube-system
    values: {}
    dependencyRefs: [gamma]
    manifests: [{path: m/set.yaml, text: "apiVersion: apps/v1\\nkind: DaemonSet\\nmetadata: {name: set}\\n"}]
  - {name: kust, type: Kustomize, source: "https://git.example/r", path: config/base, tag: v3, namespace: two, values: {}, dependencyRefs: [gamma]}
"""


APPLY = "kubectl apply --server-side --force-conflicts --field-manager=cnsctl"


def applied(path):
    """The call that marks the objects of a file, whose output is applied."""
    return f"kubectl label --local --overwrite -f {path} cns.nvidia.com/applied-by=bundle -o json"


class Scripts:
    def __init__(self, folder):
        self.folder = folder
        self.bundle = folder / "out"
        programs = folder / "programs"
        programs.mkdir()
        for name in ("helm", "kubectl"):
            (programs / name).symlink_to(FAKE)
        self.record = folder / "record"
        self.path = f"{programs}:/usr/bin:/bin"

    def run(self, script, *options, exit=0, cwd=None, **env):
        self.record.write_text("")
        done = subprocess.run([self.bundle / script, *options], cwd=cwd or self.folder, capture_output=True, text=True, timeout=60,
                              env={"PATH": self.path, "HOME": str(self.folder), "FAKE_RECORD": str(self.record),
                                   "CNS_RETRY_DELAY": "0", **env}, check=False)
        assert done.returncode == exit, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}\n{self.record.read_text()}"
        return done

    @property
    def calls(self):
        return self.record.read_text().splitlines()

    def position(self, start):
        found = [number for number, call in enumerate(self.calls) if call.startswith(start)]
        assert found, f"no call {start!r} in\n" + "\n".join(self.calls)
        return found[0]

    def changing(self):
        """Calls that change a cluster."""
        return [call for call in self.calls if re.match(r"helm (upgrade|uninstall)|kubectl (apply|create|delete|patch|replace)", call)]


@pytest.fixture
def scripts(cnsctl, tmp_path):
    cnsctl("bundle", "-r", "-", "-o", "out", stdin=RECIPE)
    return Scripts(tmp_path)


@pytest.mark.parametrize("script", ["deploy.sh", "undeploy.sh"])
def test_shellcheck(scripts, tool, script):
    done = subprocess.run([tool("shellcheck"), scripts.bundle / script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_order(scripts):
    done = scripts.run("deploy.sh")
    assert "all 5 components are installed" in done.stdout
    at = scripts.position
    first, second = at("helm upgrade --install alpha "), at("helm upgrade --install beta ")
    gamma = at("helm upgrade --install gamma ")
    assert max(first, second) < at(applied("gamma/pre-manifests/before.yaml")) < gamma < at(applied("gamma/manifests/after.yaml"))
    last = at(applied("delta/manifests/set.yaml"))
    assert APPLY + " --namespace kube-system -f -" in scripts.calls
    assert gamma < last < at("kubectl rollout status DaemonSet/set --namespace kube-system --timeout 10m")
    built = at("kubectl kustomize https://git.example/r//config/base?ref=v3")
    sent = [number for number, call in enumerate(scripts.calls) if re.match(r"kubectl label .*/kust\.yaml .*-o json", call)]
    assert built < gamma < sent[0] and len(sent) == 1, "looked at before the start, applied in its turn"
    assert scripts.calls[first] == ("helm upgrade --install alpha alpha --repo https://charts.example --version v1 "
                                    "--namespace one --values alpha/values.yaml --wait --timeout 10m")
    assert "oci://registry.example/charts/beta --version 2.0.0 --namespace two" in scripts.calls[second]
    assert APPLY + " -f -" in scripts.calls, "what names its own namespace is not given another"


def test_definitions_are_served_before_the_script_goes_on(scripts):
    scripts.run("deploy.sh")
    sent = scripts.position(applied("gamma/manifests/crd.yaml"))
    waited = scripts.position("kubectl wait --for=condition=Established --timeout=3s customresourcedefinition.apiextensions.k8s.io/c")
    assert sent < waited < scripts.position(applied("delta/manifests/set.yaml"))
    done = scripts.run("deploy.sh", "--retries", "0", exit=1, FAKE_FAIL="kubectl wait")
    assert "customresourcedefinition.apiextensions.k8s.io/c is not served by the API" in done.stdout
    assert "wave 2 did not succeed: gamma" in done.stderr


def test_namespaces_are_made_with_a_mark(scripts):
    scripts.run("deploy.sh", FAKE_NAMESPACES="two kube-system")
    text = scripts.record.read_text()
    assert "  stdin:   name: one" in text
    assert "  stdin:     cns.nvidia.com/created-by: bundle" in text
    assert "stdin:   name: two" not in text and "stdin:   name: kube-system" not in text


def test_preflight(scripts):
    scripts.run("deploy.sh")
    changing = scripts.calls.index(scripts.changing()[0])
    for name in ("alpha alpha", "beta", "gamma"):
        assert any(call.startswith("helm show chart") and name.split()[-1] in call for call in scripts.calls[:changing])
    done = scripts.run("deploy.sh", exit=1, FAKE_FAIL="helm show chart .*beta")
    assert "the chart of beta cannot be read" in done.stderr and not scripts.changing()
    scripts.run("deploy.sh", "--skip-chart-check", FAKE_FAIL="helm show chart .*beta")
    done = scripts.run("deploy.sh", exit=1, FAKE_FAIL="kubectl version")
    assert "the cluster cannot be reached" in done.stderr and not scripts.changing()
    done = scripts.run("deploy.sh", exit=1, FAKE_PHASE="Terminating")
    assert "is being deleted" in done.stderr and not scripts.changing()
    done = scripts.run("deploy.sh", exit=1, FAKE_HELM_VERSION="v3.7.1")
    assert "too old" in done.stderr and not scripts.changing()
    (scripts.folder / "programs" / "helm").unlink()
    done = scripts.run("deploy.sh", exit=1)
    assert "helm is needed" in done.stderr and not scripts.changing()


def test_changed_bundle_is_refused(scripts):
    for name in ("alpha/values.yaml", "recipe.yaml", "deploy.sh"):
        path = scripts.bundle / name
        saved = path.read_bytes()
        path.write_bytes(saved + b"# changed\n")
        for script in ("deploy.sh", "undeploy.sh"):
            done = scripts.run(script, "--dry-run", exit=1)
            assert "files differ from checksums.txt" in done.stderr
            assert not scripts.calls
        path.write_bytes(saved)
    scripts.run("deploy.sh", "--dry-run")


@pytest.mark.parametrize("script", ["deploy.sh", "undeploy.sh"])
def test_dry_run_calls_nothing(scripts, script):
    done = scripts.run(script, "--dry-run", FAKE_FAIL=".*")
    assert not scripts.calls
    assert "dry run: nothing was changed" in done.stdout
    assert "gamma/manifests/after.yaml" in done.stdout
    for name in ("helm", "kubectl"):  # nor does it need them
        (scripts.folder / "programs" / name).unlink()
    if not shutil.which("helm", path="/usr/bin:/bin"):
        scripts.run(script, "--dry-run")


def test_dry_run_shows_what_is_run(scripts):
    lines = [line[2:].replace("c\\ x", "c x") for line in
             scripts.run("deploy.sh", "--dry-run", "--context", "c x").stdout.splitlines() if line.startswith("+ ")]
    scripts.run("deploy.sh", "--context", "c x")
    shown = [part for line in lines for part in line.split(" | ") if re.match("helm upgrade|kubectl (label|apply|rollout)", part)]
    ran = [re.sub(r"/\S*/kust\.yaml", "kust.yaml", call) for call in scripts.calls
           if re.match("helm upgrade|kubectl label .*-o json|kubectl (apply|rollout)", call)]
    claims = sum("name: cns-release-" in call for call in scripts.calls)
    assert claims == 3, "one for each chart; they are not shown"
    for call in sorted(set(ran)):
        assert call in shown, call
    assert set(shown) == set(ran) and len(ran) == len(shown) + claims


def test_retries(scripts):
    done = scripts.run("deploy.sh", "--retries", "2", FAKE_FAIL="helm upgrade --install beta", FAKE_FAIL_TIMES="2")
    assert sum(call.startswith("helm upgrade --install beta") for call in scripts.calls) == 3
    assert "beta: attempt 2 failed" in done.stdout and "beta: installed" in done.stdout
    done = scripts.run("deploy.sh", "--retries", "1", exit=1, FAKE_FAIL="helm upgrade --install beta")
    assert sum(call.startswith("helm upgrade --install beta") for call in scripts.calls) == 2
    assert "wave 1 did not succeed: beta" in done.stderr
    assert sum(call.startswith("helm upgrade --install alpha") for call in scripts.calls) == 1  # of the same wave
    assert not any("gamma" in call for call in scripts.changing())


def test_best_effort(scripts):
    done = scripts.run("deploy.sh", "--retries", "0", "--best-effort", exit=1, FAKE_FAIL="helm upgrade --install (beta|gamma)")
    assert "2 of 5 components failed: beta gamma" in done.stderr
    assert applied("delta/manifests/set.yaml") in scripts.calls


def test_no_wait(scripts):
    scripts.run("deploy.sh", "--no-wait")
    assert not any("--wait" in call or "rollout" in call for call in scripts.calls)


def test_context_and_kubeconfig_reach_every_call(scripts):
    other = scripts.folder / "other"
    other.mkdir()
    for script in ("deploy.sh", "undeploy.sh"):
        scripts.run(script, "--context", "prod", "--kubeconfig", "k.conf", cwd=other, FAKE_RELEASES="alpha beta gamma",
                    FAKE_MARKED="one two")
        for call in scripts.calls:
            if call.startswith(("helm version", "helm show", "kubectl kustomize", "kubectl label --local", "  stdin")):
                continue
            assert ("--kube-context prod" if call.startswith("helm") else "--context prod") in call
            assert f"--kubeconfig {other}/k.conf" in call


def test_usage_errors(scripts):
    for script, options in (("deploy.sh", ["--nope"]), ("deploy.sh", ["--retries"]), ("deploy.sh", ["--retries", "x"]),
                            ("deploy.sh", ["--context", ""]), ("undeploy.sh", ["--timeout", "soon"]), ("undeploy.sh", ["x"])):
        done = scripts.run(script, *options, exit=2)
        assert "--help" in done.stderr or "needs" in done.stderr
        assert not scripts.calls
    for script in ("deploy.sh", "undeploy.sh"):
        assert "--dry-run" in scripts.run(script, "--help").stdout


def test_undeploy_order_and_limits(scripts):
    done = scripts.run("undeploy.sh", FAKE_RELEASES="alpha beta gamma", FAKE_MARKED="one", FAKE_OBJECTS="bundle")
    at = scripts.position
    assert at("kubectl delete ConfigMap.v1. set --namespace place --ignore-not-found --wait --timeout 120s") < \
        at("kubectl delete ConfigMap.v1. after ") < at("helm uninstall gamma") < at("kubectl delete ConfigMap.v1. before ") < \
        at("helm uninstall beta") < at("helm uninstall alpha") < at("kubectl delete configmap cns-release-alpha --namespace one")
    assert "kept: gamma/manifests/crd.yaml" in done.stdout
    assert not any("crd.yaml" in call for call in scripts.calls)
    # Other releases live in the namespace that was made by us; the other namespaces were not.
    assert not any(call.startswith("kubectl delete namespace") for call in scripts.calls)
    assert "kept: namespace one, in which there are other releases" in done.stdout
    assert not any("finalizers" in call or "patch" in call for call in scripts.calls)


def test_undeploy_removes_its_namespaces(scripts):
    scripts.run("undeploy.sh", "--timeout", "90", FAKE_MARKED="one kube-system")
    deleted = [call for call in scripts.calls if call.startswith("kubectl delete namespace")]
    assert deleted == ["kubectl delete namespace one --ignore-not-found --timeout 90s"]
    looked = [call for call in scripts.calls if call.startswith("kubectl get configmaps,")]
    assert len(looked) == 1 and "--namespace one" in looked[0]
    done = scripts.run("undeploy.sh", FAKE_MARKED="one", FAKE_CONTENTS="ConfigMap/kube-root-ca.crt Secret/theirs ServiceAccount/default")
    assert "kept: namespace one, in which there is: Secret/theirs\n" in done.stdout
    assert not any(call.startswith("kubectl delete namespace") for call in scripts.calls)
    for failing in ("kubectl api-resources", "kubectl get configmaps,"):
        done = scripts.run("undeploy.sh", exit=1, FAKE_MARKED="one", FAKE_FAIL=failing)
        assert "could not be listed, so it was not deleted" in done.stderr
        assert not any(call.startswith("kubectl delete namespace") for call in scripts.calls)
    scripts.run("undeploy.sh", "--keep-namespaces", FAKE_MARKED="one")
    assert not any(call.startswith("kubectl delete namespace") for call in scripts.calls)


def test_undeploy_passes_by_what_is_not_there(scripts):
    done = scripts.run("undeploy.sh", FAKE_RELEASES="stranger beta")
    assert [call for call in scripts.calls if call.startswith("helm uninstall")] == \
        ["helm uninstall beta --namespace two --wait --timeout 120s"]
    assert "alpha: no release in namespace one" in done.stdout


def test_undeploy_goes_on_after_failures(scripts):
    done = scripts.run("undeploy.sh", exit=1, FAKE_RELEASES="alpha beta gamma", FAKE_FAIL="helm uninstall beta")
    assert any("helm uninstall beta" in call and "--no-hooks" in call for call in scripts.calls)
    assert any(call.startswith("helm uninstall alpha") for call in scripts.calls)
    assert "release beta in namespace two could not be uninstalled" in done.stderr
    assert "1 things are left" in done.stderr


def test_kustomization(scripts):
    """It goes, unless it holds definitions; one without a namespace makes none."""
    def deleted():
        return [call for call in scripts.calls if call.startswith("kubectl delete ConfigMap.v1. tmp.")]
    scripts.run("undeploy.sh", FAKE_OBJECTS="bundle")
    assert len(deleted()) == 1
    looked = [call for call in scripts.calls if call.startswith("kubectl get -f /")]
    assert len(looked) == 1 and "--namespace two" in looked[0]
    done = scripts.run("undeploy.sh", FAKE_OBJECTS="bundle", FAKE_KUSTOMIZED="CustomResourceDefinition")
    assert not deleted() and "kept: https://git.example/r//config/base?ref=v3" in done.stdout
    scripts.run("undeploy.sh", "--delete-crds", FAKE_OBJECTS="bundle", FAKE_KUSTOMIZED="CustomResourceDefinition")
    assert len(deleted()) == 1


def test_kustomization_without_namespace(cnsctl, tmp_path):
    cnsctl("bundle", "-r", "-", "-o", "out", stdin=RECIPE.split("  - {name: alpha")[0] +
           "  - {name: kust, type: Kustomize, source: \"https://git.example/r\", values: {}}\n")
    scripts = Scripts(tmp_path)
    scripts.run("deploy.sh")
    assert scripts.changing() == [APPLY + " -f -"]
    scripts.run("undeploy.sh")
    assert not any("--namespace" in call or "get namespace" in call for call in scripts.calls)
    assert "create namespace" not in (tmp_path / "out" / "README.md").read_text()


def test_delete_crds(scripts):
    scripts.run("undeploy.sh", "--delete-crds", FAKE_OBJECTS="bundle")
    assert any(call.startswith("kubectl delete CustomResourceDefinition.v1.apiextensions.k8s.io crd ") for call in scripts.calls)


def test_what_others_made_stops_deploy(scripts):
    """A release or an object without our mark: nothing is changed, unless --adopt takes it over."""
    done = scripts.run("deploy.sh", exit=1, FAKE_RELEASES="beta gamma", FAKE_CLAIMS="gamma")
    assert "there already, and made by no bundle: release beta in namespace two" in done.stderr
    assert "gamma" not in done.stderr and "--adopt takes these over" in done.stderr and not scripts.changing()
    done = scripts.run("deploy.sh", exit=1, FAKE_RELEASES="beta", FAKE_SINCE="99")
    assert "release beta in namespace two" in done.stderr, "uninstalled, and installed anew by somebody else"
    done = scripts.run("deploy.sh", exit=1, FAKE_OBJECTS="<none>")
    assert "ConfigMap before in namespace place" in done.stderr and not scripts.changing()
    assert "CustomResourceDefinition crd in namespace place" in done.stderr
    scripts.run("deploy.sh", FAKE_RELEASES="alpha beta", FAKE_SINCE="", FAKE_OBJECTS="bundle")
    done = scripts.run("deploy.sh", "--adopt", FAKE_RELEASES="beta", FAKE_CLAIMS="", FAKE_OBJECTS="<none>")
    assert "taken over: release beta in namespace two" in done.stdout
    assert '  stdin:   since: "100"' in scripts.calls


def test_what_others_made_stays(scripts):
    done = scripts.run("undeploy.sh", FAKE_RELEASES="alpha beta gamma", FAKE_CLAIMS="alpha", FAKE_OBJECTS="<none>")
    assert [call.split()[2] for call in scripts.calls if call.startswith("helm uninstall")] == ["alpha"]
    assert "kept: release beta in namespace two, which deploy.sh did not make" in done.stdout
    assert "kept: ConfigMap set in namespace place, which deploy.sh did not make" in done.stdout
    assert not any(re.match("kubectl delete (ConfigMap|Custom)", call) for call in scripts.calls)
    done = scripts.run("undeploy.sh", FAKE_RELEASES="alpha", FAKE_SINCE="99")
    assert "kept: release alpha" in done.stdout and not any(call.startswith("helm uninstall") for call in scripts.calls)


@pytest.mark.parametrize("status, command", [("pending-install", "helm uninstall alpha"), ("uninstalling", "helm uninstall alpha"),
                                             ("pending-upgrade", "helm rollback alpha"), ("pending-rollback", "helm rollback alpha")])
def test_a_release_that_was_left_is_mended_when_nobody_works_on_it(scripts, status, command):
    def deploy(exit, *options, **fake):
        return scripts.run("deploy.sh", "--retries", "0", *options, exit=exit, FAKE_RELEASES="alpha", FAKE_STATUS=status, **fake)

    def mended():
        return [call for call in scripts.calls if call.startswith(command)]

    here = os.uname().nodename
    dead = subprocess.Popen(["true"])
    dead.wait()
    done = deploy(0, FAKE_HOLDER=f"{here}:{dead.pid}", FAKE_STARTED=str(int(time.time())))
    assert len(mended()) == 1 and f"a helm that was killed left the release {status}" in done.stdout
    assert mended()[0].startswith(f"{command} --namespace one")
    for holder, started in ((f"{here}:{os.getpid()}", time.time()), ("elsewhere:1", time.time() - 600), ("", time.time())):
        done = deploy(1, FAKE_HOLDER=holder, FAKE_STARTED=str(int(started)))
        assert not mended() and "may still work on it" in done.stdout and "--mend" in done.stdout
        assert not any(call.startswith("helm upgrade --install alpha") for call in scripts.calls)
    deploy(0, FAKE_HOLDER="elsewhere:1", FAKE_STARTED=str(int(time.time()) - 661))  # ten minutes, and one
    assert len(mended()) == 1
    deploy(0, "--mend", FAKE_HOLDER="elsewhere:1", FAKE_STARTED=str(int(time.time())))
    assert len(mended()) == 1


def is_running(pid, patience):
    """Whether the process is still there, as more than a corpse, after some seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return False
        except OSError:
            return False
        time.sleep(0.05)
    return True


def test_interrupted(scripts):
    """A signal ends the script and its children, and leaves no temporary files."""
    temporary = scripts.folder / "temporary"
    temporary.mkdir()
    slow = scripts.folder / "programs" / "helm"
    slow.unlink()
    slow.write_text(f'#!/bin/bash\ncase $1 in version) echo v3.22.0;; get) echo "Error: release: not found" >&2; exit 1;; upgrade) echo $$ >> {scripts.folder}/pids; exec sleep 30;; esac\n')
    slow.chmod(0o755)
    env = {"PATH": scripts.path, "HOME": str(scripts.folder), "FAKE_RECORD": str(scripts.record), "TMPDIR": str(temporary)}
    running = subprocess.Popen([scripts.bundle / "deploy.sh"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        if (scripts.folder / "pids").exists():
            break
        try:
            running.wait(0.05)
        except subprocess.TimeoutExpired:
            pass
    running.terminate()
    assert running.wait(10) == 143
    assert not list(temporary.iterdir())
    alive = [pid for pid in (scripts.folder / "pids").read_text().split() if is_running(pid, 5)]
    for pid in alive:
        os.kill(int(pid), 9)
    assert not alive, "helm runs on after the script was told to stop"


def test_data_cannot_break_out_of_the_scripts(cnsctl, tool, tmp_path):
    """What comes from a recipe is quoted, or refused."""
    evil = "x'; touch /tmp/cns-pwned; echo '"
    for field, value in (("version", evil), ("source", f"https://{evil}"), ("chart", evil)):
        fields = {"name": "a", "source": "https://x.example", "version": "1", "chart": "c", field: value}
        body = ", ".join(f'{key}: "{text}"' for key, text in fields.items())
        cnsctl("bundle", "-r", "-", "-o", "out", exit=2, stdin=RECIPE.split("  - {name: alpha")[0] + f"  - {{{body}, values: {{}}}}\n")
    odd = "v1.0'$(touch${IFS}/tmp/cns-pwned)`id`\\\"&|;<>*?[x]{a,b}~!#"
    recipe = RECIPE.split("  - {name: alpha")[0] + "  - name: a\n    source: https://x.example/?a=b&c='d'\n    chart: c\n    values: {}\n    version: " + \
        "'" + odd.replace("'", "''") + "'\n"
    cnsctl("bundle", "-r", "-", "-o", "out", stdin=recipe)
    scripts = Scripts(tmp_path)
    for script in ("deploy.sh", "undeploy.sh"):
        assert subprocess.run([tool("shellcheck"), scripts.bundle / script], check=False).returncode == 0
    scripts.run("deploy.sh")
    call = scripts.calls[scripts.position("helm upgrade --install a c ")]
    assert f"--version {odd} --namespace" in call and "--repo https://x.example/?a=b&c='d' " in call
    assert not Path("/tmp/cns-pwned").exists()
