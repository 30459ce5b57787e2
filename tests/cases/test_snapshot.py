# SPDX-License-Identifier: Apache-2.0
"""cnsctl snapshot on made-up machines (tests/fakes/roots) and against fakes of NVML, nvidia-smi and systemd."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from support import documents, program

FAKES = program.ROOT / "tests" / "fakes"
ROOTS = FAKES / "roots"
PLANTED = "planted-secret"
# The first two runs of a test must not differ in the time that they state.
FIXED = {"SOURCE_DATE_EPOCH": "1767376873"}


@pytest.fixture
def fakes(cnsctl_path):
    """The folder of the build that holds the fakes."""
    folder = cnsctl_path.parents[1] / "tests" / "fakes"
    if not (folder / "fake_systemd").exists():
        pytest.skip(f"build: no fakes beside {cnsctl_path} (configure with -Dtests=true)")
    return folder


@pytest.fixture
def machine(tmp_path):
    """machine(name) -> a copy of a made-up machine that a test may change."""

    def copy(name):
        folder = tmp_path / name
        shutil.copytree(ROOTS / name, folder, symlinks=True)
        return folder

    return copy


def readings(document, kind, subtype):
    for measurement in document["measurements"]:
        for part in measurement["subtypes"]:
            if measurement["type"] == kind and part["subtype"] == subtype:
                return part["data"]
    return None


def outcomes(document):
    return {row["name"]: row for row in document["collectors"]}


def redacted(document):
    return {row["path"]: row["rule"] for row in document["redacted"]}


def take(cnsctl, *arguments, env=None, **options):
    run = cnsctl("snapshot", *arguments, env={**FIXED, **(env or {})}, **options)
    return documents.load(run.stdout), run


# --- the same bytes, in every format -----------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["eks-h100", "bare-no-gpu", "gb200"])
@pytest.mark.parametrize("form", ["yaml", "json", "table"])
def test_same_machine_same_bytes(cnsctl, name, form, tmp_path):
    # A copy lists its folders in another order than the original.
    shutil.copytree(ROOTS / name, tmp_path / "copy", symlinks=True)
    first = cnsctl("snapshot", "--root", ROOTS / name, "-t", form, env=FIXED)
    second = cnsctl("snapshot", "--root", tmp_path / "copy", "-t", form, env=FIXED)
    assert first.stdout == second.stdout


@pytest.mark.parametrize("name", ["eks-h100", "bare-no-gpu", "gb200"])
def test_yaml_and_json_say_the_same(cnsctl, name):
    as_yaml = documents.load(cnsctl("snapshot", "--root", ROOTS / name, env=FIXED).stdout)
    as_json = json.loads(cnsctl("snapshot", "--root", ROOTS / name, "-t", "json", env=FIXED).stdout)
    assert as_yaml == as_json
    assert as_yaml["metadata"]["timestamp"] == "2026-01-02T18:01:13Z"
    names = [row["name"] for row in as_yaml["collectors"]]
    assert names == sorted(names)
    for row in as_yaml["collectors"]:
        assert row["status"] in ("collected", "absent", "failed", "excluded")
        assert row["status"] == "collected" or row["reason"]


def test_source_node(cnsctl):
    for env, expected in (({"NODE_NAME": "a", "HOSTNAME": "b"}, "a"), ({"KUBERNETES_NODE_NAME": "c"}, "c"),
                          ({"HOSTNAME": "d"}, "d"), ({}, "rack7-node12")):
        document, _ = take(cnsctl, "--root", ROOTS / "bare-no-gpu", "--filter", "os.release", env=env)
        assert document["metadata"]["source-node"] == expected


def test_real_machine(cnsctl):
    document, _ = take(cnsctl)
    assert outcomes(document)["OS.sysctl"]["status"] == "collected"
    sysctl = readings(document, "OS", "sysctl")
    for path in ("kernel/osrelease", "kernel/ostype", "vm/swappiness"):
        with open(f"/proc/sys/{path}", encoding="utf-8") as file:
            assert sysctl[f"/proc/sys/{path}"] == file.read().strip()
    assert any(key.startswith("/proc/sys/net/") for key in sysctl)


# --- GPUs ----------------------------------------------------------------------------------------------------------

def nvml_env(fakes, mode=""):
    # Where the tests run nvidia-smi may exist: a PATH without it keeps the second source out.
    return {"LD_LIBRARY_PATH": str(fakes), "FAKE_NVML_MODE": mode, "PATH": "/nonexistent"}


def smi_env(folder, mode=""):
    shutil.copy(FAKES / "fake-nvidia-smi", folder / "nvidia-smi")
    return {"PATH": f"{folder}:/usr/bin:/bin", "FAKE_SMI_XML": str(FAKES / "fake-nvidia-smi.xml"),
            "FAKE_SMI_MODE": mode, "LD_LIBRARY_PATH": ""}


def gpu_snapshot(cnsctl, env, *arguments):
    document, _ = take(cnsctl, "--root", ROOTS / "eks-h100", "--filter", "gpu", *arguments, env=env)
    return document


def test_nvml(cnsctl, fakes):
    document = gpu_snapshot(cnsctl, nvml_env(fakes))
    smi = readings(document, "GPU", "smi")
    assert smi["source"] == "nvml" and smi["gpu-count"] == 2 and smi["driver"] == "570.133.20"
    assert smi["cuda-version"] == "12.8" and smi["gpu.model"] == "NVIDIA H100 80GB HBM3"
    first, second = readings(document, "GPU", "gpu-0"), readings(document, "GPU", "gpu-1")
    # In the order of the bus, not of the library.
    assert first["pci-address"] == "0000:53:00.0" and second["pci-address"] == "0000:64:00.0"
    assert first["uuid"] == "GPU-11111111-2222-4333-8444-000000000001"
    assert first["mig-mode"] == "Enabled" and first["mig-device-count"] == 2 and second["mig-mode"] == "Disabled"
    assert first["mig.1.uuid"] == "MIG-11111111-2222-4333-8444-000000000102"
    assert first["power-limit-watts"] == 650.5 and second["power-limit-watts"] == 700
    assert second["nvlink-count"] == 18 and second["nvlink-active-count"] == 17
    assert second["nvlink.17.state"] == "inactive" and second["nvlink.0.peer"] == "switch"
    assert first["cpu-affinity"] == "4-7,12-15" and first["kernel-driver"] == "nvidia" and second["numa-node"] == 1
    assert first["memory-total-mib"] == 81920 and first["addressing-mode"] == "HMM"
    assert redacted(document) == {"GPU.gpu-0.serial": "serial", "GPU.gpu-1.serial": "serial"}
    assert outcomes(document)["GPU"] == {"name": "GPU", "status": "collected"}


def test_nvml_with_a_lost_gpu(cnsctl, fakes):
    document = gpu_snapshot(cnsctl, nvml_env(fakes, "lost"))
    assert readings(document, "GPU", "smi")["gpu-count"] == 2
    assert readings(document, "GPU", "gpu-0")["pci-address"] == "0000:64:00.0"
    outcome = outcomes(document)["GPU"]
    assert outcome["status"] == "collected" and "GPU 1: GPU is lost" in outcome["reason"]


@pytest.mark.parametrize("mode,why", [("no-driver", "Driver Not Loaded"), ("broken", "does not start"),
                                      ("none", "lists no GPU")])
def test_nvml_that_fails_leaves_pci(cnsctl, fakes, mode, why):
    document = gpu_snapshot(cnsctl, nvml_env(fakes, mode))
    smi = readings(document, "GPU", "smi")
    assert smi["source"] == "pci" and smi["gpu-count"] == 2
    assert why in outcomes(document)["GPU"]["reason"]


def test_nvml_that_hangs_holds_nobody_up(cnsctl, fakes):
    start = time.monotonic()
    document, _ = take(cnsctl, "--root", ROOTS / "eks-h100", "--budget", "700ms", env=nvml_env(fakes, "slow"))
    assert time.monotonic() - start < 20
    outcome = outcomes(document)["GPU"]
    assert outcome["status"] == "failed" and "0.7 s, its time budget" in outcome["reason"]
    assert readings(document, "OS", "release")["ID"] == "ubuntu" and readings(document, "GPU", "smi") is None


def test_nvidia_smi(cnsctl, tmp_path):
    document = gpu_snapshot(cnsctl, smi_env(tmp_path))
    smi = readings(document, "GPU", "smi")
    assert smi["source"] == "nvidia-smi" and smi["gpu-count"] == 2 and smi["gpu.display-mode"] == "Enabled"
    second = readings(document, "GPU", "gpu-1")
    assert second["memory-total-mib"] == 81559 and second["power-limit-watts"] == 650.5
    assert second["fabric-state"] == "Completed" and second["kernel-driver"] == "nvidia"


def test_both_sources_tell_the_same_names(cnsctl, fakes, tmp_path):
    """The keys that nvidia-smi can answer mean the same in both; the predecessors' keys are there from both."""
    from_nvml = gpu_snapshot(cnsctl, nvml_env(fakes))
    from_smi = gpu_snapshot(cnsctl, smi_env(tmp_path))
    nvml_keys, smi_keys = (set(readings(document, "GPU", "gpu-0")) for document in (from_nvml, from_smi))
    assert smi_keys - nvml_keys <= {"display-mode", "display-active", "board-part-number"}
    for document in (from_nvml, from_smi):
        assert {"driver", "cuda-version", "gpu-count", "gpu.model", "gpu.product-architecture", "gpu.persistence-mode",
                "gpu.addressing-mode", "gpu.vbios-version", "gpu.gsp-firmware-version"} <= set(
                    readings(document, "GPU", "smi"))


@pytest.mark.parametrize("mode,why", [("no-driver", "exit status 9"), ("broken", "exit status 255"),
                                      ("truncated", "unclosed token"), ("flood", "more than"),
                                      ("hang", "not finished after 2.4 s")])
def test_nvidia_smi_that_fails_leaves_pci(cnsctl, tmp_path, mode, why):
    document = gpu_snapshot(cnsctl, smi_env(tmp_path, mode), "--budget", "3s")
    assert readings(document, "GPU", "smi")["source"] == "pci"
    assert readings(document, "GPU", "gpu-0")["model"] == "NVIDIA H100 80GB HBM3"
    assert why in outcomes(document)["GPU"]["reason"]


def test_nvidia_smi_that_fails_without_pci_is_a_failure(cnsctl, machine, tmp_path):
    folder = machine("bare-no-gpu")
    (folder / "proc/driver/nvidia").mkdir(parents=True)
    (folder / "proc/driver/nvidia/version").write_text("NVRM version: 1\n")
    document, _ = take(cnsctl, "--root", folder, "--filter", "gpu", env=smi_env(tmp_path, "broken"))
    assert outcomes(document)["GPU"]["status"] == "failed" and readings(document, "GPU", "smi") is None


def test_gpu_without_driver(cnsctl):
    document, _ = take(cnsctl, "--root", ROOTS / "gb200", "--filter", "gpu")
    assert readings(document, "GPU", "smi") == {
        "gpu-count": 4, "source": "pci", "gpu.model": "NVIDIA GB200", "gpu.product-architecture": "Blackwell"}
    assert readings(document, "GPU", "gpu-3")["kernel-driver"] == "none"


# --- systemd -------------------------------------------------------------------------------------------------------

class Daemon:
    """A program that says that it is ready, and that is ended with the test."""

    def __init__(self, command, env):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **env})
        line = self.process.stdout.readline()
        assert line, f"{command[0]} did not start"

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def systemd(fakes, tool, tmp_path):
    """systemd(way, mode) -> root of a machine whose fake systemd answers on its bus or its private socket."""
    daemons = []
    top = Path(tempfile.mkdtemp(prefix="cns-"))  # a socket's path is at most 107 bytes long

    def start(way, mode=""):
        folder = top / "m"
        shutil.copytree(ROOTS / "bare-no-gpu", folder, symlinks=True)
        env = {"FAKE_SYSTEMD_MODE": mode}
        if way == "socket":
            (folder / "run/systemd").mkdir(parents=True)
            daemons.append(Daemon([fakes / "fake_systemd", "socket", folder / "run/systemd/private"], env))
            return folder
        (folder / "run/dbus").mkdir(parents=True)
        address = f"unix:path={folder}/run/dbus/system_bus_socket"
        config = tmp_path / "bus.conf"
        config.write_text(f"""<busconfig><listen>{address}</listen><auth>EXTERNAL</auth><policy context="default">
            <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/><allow user="*"/>
            </policy></busconfig>""")
        daemons.append(Daemon([tool("dbus-daemon"), f"--config-file={config}", "--nofork", "--print-address"], {}))
        if way == "bus":
            daemons.append(Daemon([fakes / "fake_systemd", "bus"], {"DBUS_SYSTEM_BUS_ADDRESS": address, **env}))
        return folder

    yield start
    for daemon in reversed(daemons):
        daemon.stop()
    shutil.rmtree(top)


WAYS = ["bus"] + (["socket"] if os.geteuid() == 0 else [])


@pytest.mark.parametrize("way", WAYS)
def test_units(cnsctl, systemd, way):
    document, run = take(cnsctl, "--root", systemd(way), "--filter", "systemd")
    assert outcomes(document)["SystemD"] == {"name": "SystemD", "status": "collected"}
    names = [part["subtype"] for part in document["measurements"][0]["subtypes"]]
    # containers, kubelet and NVIDIA's; docker though not installed, as readers expect; ssh is nobody's business.
    assert names == ["containerd.service", "docker.service", "kubelet.service", "nvidia-fabricmanager.service",
                     "nvidia-persistenced.service"]
    assert readings(document, "SystemD", "docker.service") == {"ActiveState": "inactive", "LoadState": "not-found"}
    kubelet = readings(document, "SystemD", "kubelet.service")
    # Typed values stay typed; all others are in the form of the predecessors' documents.
    assert kubelet["CPUAccounting"] is True and kubelet["MemoryHigh"] == 18446744073709551615
    assert kubelet["TimerOffset"] == -5 and kubelet["Weight"] == 0.5
    assert kubelet["UMask"] == "18" and kubelet["OOMScoreAdjust"] == "-999"
    assert kubelet["After"] == "[network.target local-fs.target]" and kubelet["Documentation"] == "[]"
    assert kubelet["EffectiveCPUs"] == "[255 3]" and kubelet["Job"] == "[0 /]"
    assert kubelet["AppArmorProfile"] == "[false ]" and kubelet["RestartForceExitStatus"] == "[[] []]"
    assert not {"Id", "AllowedCPUs", "SetCredential"} & set(kubelet)
    assert kubelet["Environment"] == ("[HTTP_PROXY=http://[redacted]@proxy:3128 API_TOKEN=[redacted] COLOR=green]")
    assert kubelet["ExecStart"].startswith("[[/usr/bin/kubelet [/usr/bin/kubelet --bootstrap-token=[redacted] --token "
                                           "[redacted] --v=2] false 1754471111884832 ")
    assert "planted" not in run.stdout
    assert redacted(document)["SystemD.kubelet.service.Environment"] == "secret-value"


def test_units_in_the_real_documents_form(cnsctl, systemd, shared):
    """The kinds of properties that a recorded snapshot has are the kinds that we give."""
    recorded = documents.load((shared / "data/snapshots/h100.yaml").read_text())
    theirs = readings(recorded, "SystemD", "kubelet.service")
    ours = readings(take(cnsctl, "--root", systemd("bus"), "--filter", "systemd.kubelet.service")[0], "SystemD",
                    "kubelet.service")
    for key in set(ours) & set(theirs):
        assert type(ours[key]) is type(theirs[key]), key


def test_one_unit(cnsctl, systemd):
    folder = systemd("bus")
    document, _ = take(cnsctl, "--root", folder, "--filter", "SYSTEMD.kubelet.service")
    assert [part["subtype"] for part in document["measurements"][0]["subtypes"]] == ["kubelet.service"]
    cnsctl("snapshot", "--root", folder, "--require", "systemd.nosuch.service", exit=6)


def test_unit_that_cannot_be_read(cnsctl, systemd):
    document, _ = take(cnsctl, "--root", systemd("bus", "broken"), "--filter", "systemd")
    outcome = outcomes(document)["SystemD"]
    assert outcome["status"] == "collected" and "kubelet.service: this unit is broken" in outcome["reason"]
    assert readings(document, "SystemD", "containerd.service") and not readings(document, "SystemD", "kubelet.service")


def test_systemd_that_does_not_answer(cnsctl, systemd):
    document, _ = take(cnsctl, "--root", systemd("bus", "slow"), "--budget", "500ms")
    assert outcomes(document)["SystemD"]["status"] == "failed"
    assert readings(document, "OS", "release")["ID"] == "rhel"


def test_bus_without_systemd(cnsctl, systemd):
    document, _ = take(cnsctl, "--root", systemd("bus without"), "--filter", "systemd")
    outcome = outcomes(document)["SystemD"]
    assert outcome["status"] == "absent" and "no systemd" in outcome["reason"]


# --- redaction -----------------------------------------------------------------------------------------------------

def plant(folder):
    """Secrets wherever a machine may have them; returns how many were planted in the files."""
    secret = iter(f"{PLANTED}-{number}" for number in range(100))
    cmdline = folder / "proc/cmdline"
    cmdline.write_text(cmdline.read_text().rstrip("\n") + " ".join([
        "", f"token={next(secret)}", f"rd.luks.key={next(secret)}", f"x.password={next(secret)}",
        f'quoted.secret="{next(secret)} and {PLANTED} again"', f"token={next(secret)}",
        f"url=http://user:{next(secret)}@host/", f"opts=a,password={next(secret)},b",
        f"systemd.set_credential=name:{next(secret)}", "--", "--token", next(secret), f"--auth={next(secret)}"]) + "\n")
    sysctl = {"net/ipv4/tcp_fastopen_key": next(secret), "net/ipv6/conf/all/stable_secret": next(secret),
              "kernel/core_pattern": f"|/bin/handler --api-key={next(secret)} %p",
              "kernel/table": f"a 1\npassword {next(secret)}\n"}
    for name, value in sysctl.items():
        (folder / "proc/sys" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "proc/sys" / name).write_text(value + "\n")
    with open(folder / "proc/1/mounts", "a", encoding="utf-8") as mounts:
        mounts.write(f"//server/share /mnt/share cifs rw,username=u,password={next(secret)},uid=0 0 0\n")
        mounts.write(f"https://u:{next(secret)}@server/dav /mnt/dav fuse.dav rw,secret={next(secret)} 0 0\n")
    parameters = folder / "sys/module/nvidia/parameters"
    parameters.mkdir(parents=True, exist_ok=True)
    (parameters / "license_token").write_text(next(secret) + "\n")
    (parameters / "options").write_text(f"a=1;auth_token={next(secret)}\n")
    release = folder / "etc/os-release"
    if not release.is_symlink():
        release.write_text(release.read_text() + f'SUPPORT_TOKEN="{next(secret)}"\n')
    return int(next(secret).rsplit("-", 1)[1])


@pytest.mark.parametrize("name", ["eks-h100", "bare-no-gpu"])
@pytest.mark.parametrize("form", ["yaml", "json", "table"])
@pytest.mark.parametrize("mode", ["default", "strict"])
def test_no_planted_secret_leaves(cnsctl, machine, name, form, mode):
    folder = machine(name)
    planted = plant(folder)
    if name == "bare-no-gpu":  # its module list lacks the one whose parameters hold a secret
        with open(folder / "proc/modules", "a", encoding="utf-8") as modules:
            modules.write("nvidia 1 0 - Live 0\n")
    arguments = ["--root", folder, "-t", form]
    run = cnsctl("snapshot", "--redact", mode, "--debug", *arguments, env=FIXED)
    assert PLANTED not in run.stdout and PLANTED not in run.stderr
    # They were there to be found: without redaction, every one of them is.
    open_text = cnsctl("snapshot", "--redact", "off", *arguments, env=FIXED).stdout
    shown = {number for number in range(planted) if re.search(f"{PLANTED}-{number}\\b", open_text)}
    assert shown == set(range(planted))


def test_what_was_redacted_is_listed(cnsctl, machine):
    folder = machine("eks-h100")
    plant(folder)
    document, run = take(cnsctl, "--root", folder)
    rules = redacted(document)
    assert rules["OS.grub.token"] == "secret-key" and rules["OS.grub-repeated.token"] == "secret-key"
    assert rules["OS.grub.url"] == "secret-value"
    assert rules["OS.sysctl./proc/sys/kernel/random/boot_id"] == "boot-id"
    assert rules["OS.mounts./mnt/share.options"] == "secret-key"
    assert readings(document, "OS", "mounts")["/mnt/share.options"] == "rw,username=u,password=[redacted],uid=0"
    # The list is whole: every redacted value has its row.
    for measurement in document["measurements"]:
        for part in measurement["subtypes"]:
            for key, value in part["data"].items():
                path = f"{measurement['type']}.{part['subtype']}.{key}"
                assert ("[redacted]" in str(value)) == (path in rules), path
    assert document["metadata"]["redaction"] == "default"


def test_redaction_off(cnsctl):
    document, _ = take(cnsctl, "--root", ROOTS / "eks-h100", "--redact", "off")
    assert document["redacted"] == [] and document["metadata"]["redaction"] == "off"
    assert readings(document, "OS", "sysctl")["/proc/sys/kernel/random/boot_id"].startswith("5d3a7c3e")


def test_strict(cnsctl):
    arguments = ["--root", ROOTS / "bare-no-gpu", "--redact", "strict"]
    document, run = take(cnsctl, *arguments)
    for name in ("rack7-node12", "192.0.2.10", "192.0.2.77", "a088:c203:00ab:cd10"):
        assert name not in run.stdout
    host = document["metadata"]["source-node"]
    assert host.startswith("host-") and readings(document, "OS", "sysctl")["/proc/sys/kernel/hostname"] == host
    mounts = readings(document, "OS", "mounts")
    address = mounts["/home.device"].removesuffix(":/export")
    assert address.startswith("ip-") and f",addr={address}" in mounts["/home.options"]
    fabric = readings(document, "Fabric", "mlx5_0")
    assert fabric["node-guid"] == fabric["system-image-guid"] and fabric["node-guid"].startswith("guid-")
    assert fabric["firmware"] == "28.39.1002" and fabric["pci-address"] == "0000:17:00.0"
    # Another snapshot has other pseudonyms, unless both are given one key.
    assert take(cnsctl, *arguments)[0]["metadata"]["source-node"] != host
    keyed = [take(cnsctl, *arguments, env={"CNS_REDACT_KEY": "k"})[1].stdout for _ in range(2)]
    assert keyed[0] == keyed[1]
    assert keyed[0] == take(cnsctl, *arguments, "--redact-key", "k")[1].stdout


# --- no silent gaps ------------------------------------------------------------------------------------------------

def test_stuck_file_holds_nobody_up(cnsctl, machine):
    folder = machine("eks-h100")
    (folder / "proc/cmdline").unlink()
    os.mkfifo(folder / "proc/cmdline")  # opening it waits for a writer that never comes
    start = time.monotonic()
    document, run = take(cnsctl, "--root", folder, "--budget", "500ms")
    assert time.monotonic() - start < 20
    assert outcomes(document)["OS.grub"]["status"] == "failed" and "OS.grub was not collected" in run.stderr
    assert readings(document, "OS", "sysctl") and readings(document, "OS", "mounts")
    cnsctl("snapshot", "--root", folder, "--budget", "500ms", "--require", "os", "-o", "out.yaml", exit=6)


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="tool: setpriv")
def test_unreadable_files_are_told(cnsctl_path, machine, tmp_path):
    folder = machine("eks-h100")
    for name in ("vm/swappiness", "net/core/rmem_max"):
        (folder / "proc/sys" / name).chmod(0o200 if name.startswith("vm") else 0o040)
    (folder / "proc/sys/kernel/multi").write_bytes(b"\xff\xfe")
    (folder / "proc/sys/kernel/large").write_bytes(b"x" * (1024 * 1024 + 1))
    # Another user may not reach the checkout, but reaches what lies beside the made-up machine.
    copied = shutil.copy(cnsctl_path, tmp_path / "cnsctl")
    command = [copied, "snapshot", "--root", folder, "--filter", "os.sysctl"]
    if os.geteuid() == 0:
        path = tmp_path
        while Path(tempfile.gettempdir()) in path.parents:
            path.chmod(path.stat().st_mode | 0o055)
            path = path.parent
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + command
    done = subprocess.run(command, capture_output=True, env=program.environment(), check=False, cwd="/")
    if b"cannot be the root" in done.stderr or b"ermission denied" in done.stderr[:200]:
        pytest.skip("permissions: the test's folder cannot be read by another user")
    document = documents.load(done.stdout.decode())
    reason = outcomes(document)["OS.sysctl"]["reason"]
    assert "1 could not be read: /proc/sys/net/core/rmem_max (Permission denied)" in reason
    assert "1 hold no text" in reason and "1 are larger than" in reason
    # Write-only switches are no gap: there is nothing to read.
    assert "swappiness" not in reason


def test_require(cnsctl, tmp_path):
    run = cnsctl("snapshot", "--root", ROOTS / "bare-no-gpu", "--require", "gpu,k8s,os", "-o", "out.yaml", exit=6)
    assert "GPU: absent: no GPU" in run.stderr and "K8s: absent" in run.stderr
    assert not (tmp_path / "out.yaml").exists()
    cnsctl("snapshot", "--root", ROOTS / "gb200", "--require", "gpu", "--require", "os.grub,Fabric", "-o", "out.yaml")
    assert readings(documents.load((tmp_path / "out.yaml").read_text()), "GPU", "smi")["gpu-count"] == 4


def test_output_that_cannot_be_written_is_said_first(cnsctl, tmp_path):
    run = cnsctl("snapshot", "-o", "no/such/folder/out.yaml", exit=3)
    assert "no/such/folder" in run.stderr
    assert os.listdir(tmp_path) == []


# --- what is left out does no work -----------------------------------------------------------------------------

def trace(tool, cnsctl_path, arguments, folder):
    log = folder / "trace"
    command = [tool("strace"), "-f", "-qq", "-e", "trace=%file,process", "-o", log, cnsctl_path, "snapshot", "-o",
               "out.yaml", *arguments]
    env = program.environment({"ASAN_OPTIONS": "detect_leaks=0", **FIXED})
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False)
    if b"ptrace" in done.stderr.lower():
        pytest.skip("strace: tracing is not permitted here")
    assert done.returncode == 0, done.stderr
    return log.read_text()


def test_left_out_does_no_work(cnsctl_path, tool, tmp_path):
    touched = trace(tool, cnsctl_path, ["--filter", "os.release"], tmp_path)
    assert "/etc/os-release" in touched
    for path in ("/proc/sys/", "/proc/cmdline", "/proc/modules", "/proc/cpuinfo", "/sys/", "libnvidia-ml", "nvidia-smi",
                 "libsystemd", "libexpat", "/run/", "/proc/self/mounts", "/proc/meminfo\", O_RDONLY|O_NOCTTY"):
        assert path not in touched, f"{path} was looked at"
    assert touched.count("clone") == 1  # one collector, one thread
    touched = trace(tool, cnsctl_path, ["--exclude", "os,k8s", "--exclude", "NodeTopology,systemd"], tmp_path)
    assert "libnvidia-ml" in touched and "/sys/class/infiniband" in touched
    for path in ("/proc/sys/", "/proc/cmdline", "/proc/modules", "os-release", "libsystemd", "/run/dbus"):
        assert path not in touched, f"{path} was looked at"


def test_progress_only_on_a_terminal(cnsctl, cnsctl_path, tool):
    assert cnsctl("snapshot").stderr == ""
    script = tool("script")
    done = subprocess.run([script, "-qec", f"'{cnsctl_path}' snapshot -o /dev/null", "/dev/null"], capture_output=True,
                          env=program.environment({"ASAN_OPTIONS": "detect_leaks=0"}), check=False,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == 0 and b"collecting: " in done.stdout
