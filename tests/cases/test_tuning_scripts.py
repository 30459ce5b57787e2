# SPDX-License-Identifier: Apache-2.0
"""The scripts of a bundle's tuning folder, run for real against root folders like those of Ubuntu and of RHEL, with
stand-ins for the programs that would reach the machine (tests/fakes/node)."""

import os
import shutil
import stat
import subprocess

import pytest

FAKES = {"update-grub": "fake-update-grub", "update-initramfs": "fake-initramfs", "dracut": "fake-initramfs",
         "modprobe": "fake-modprobe", "systemctl": "fake-systemctl", "grubby": "fake-grubby"}
# Programs of the system that a script calls between noting a change and making it: where it may be cut short.
CUT = ("mv", "sync", "mkdir")
SYSCTLS = {
    "net/ipv4/conf/all/arp_announce": "0", "net/ipv4/conf/default/arp_announce": "0", "net/ipv4/conf/all/arp_ignore": "0",
    "net/ipv4/conf/default/arp_ignore": "0", "fs/inotify/max_user_instances": "128", "fs/inotify/max_user_watches": "524288",
    "kernel/threads-max": "2000", "vm/max_map_count": "65530", "vm/min_free_kbytes": "45056", "vm/overcommit_memory": "0",
    "vm/swappiness": "60", "kernel/numa_balancing": "1", "net/ipv4/tcp_rmem": "4096\t131072\t6291456",
    "net/ipv4/tcp_wmem": "4096\t16384\t4194304", "net/core/rmem_max": "212992", "net/core/wmem_max": "212992",
    "net/core/rmem_default": "212992", "net/core/wmem_default": "212992", "net/core/netdev_max_backlog": "1000",
    "net/ipv4/tcp_max_syn_backlog": "2048", "net/ipv4/tcp_congestion_control": "cubic", "net/core/default_qdisc": "fq_codel",
}


def write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


class Machine:
    def __init__(self, folder, system, root):
        self.root, self.commands, self.log, self.shims = folder / "root", folder / "commands", folder / "log", folder / "shims"
        self.system, self.fakes = system, root / "tests" / "fakes" / "node"
        self.fill()
        self.commands.mkdir()
        tools = {"ubuntu": ("update-grub", "update-initramfs"), "rhel": ("grubby", "dracut")}[system]
        for name in (*tools, "modprobe", "systemctl"):
            (self.commands / name).symlink_to(self.fakes / FAKES[name])
        (self.commands / "fake-common").symlink_to(self.fakes / "fake-common")
        self.shims.mkdir()
        for name in CUT:
            shim = self.shims / name
            shim.write_text(f'#!/bin/bash\nROOT=x . {self.fakes}/fake-common\nexec {shutil.which(name)} "$@"\n')
            shim.chmod(0o755)
        self.boot()

    def fill(self):
        write(self.root, "etc/os-release", f'NAME="x"\nID={self.system if self.system == "ubuntu" else chr(34) + "rocky" + chr(34)}\n')
        for path, value in SYSCTLS.items():
            write(self.root, f"proc/sys/{path}", value + "\n")
        write(self.root, "proc/sys/kernel/random/boot_id", "boot-1\n")
        write(self.root, "proc/modules", "nouveau 1 0 - Live 0x0\n")
        write(self.root, "lib/modules/known", "ib_umad\nnouveau\n")
        for cpu in range(3):
            write(self.root, f"sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor", "powersave\n" if cpu else "ondemand\n")
        for size in ("2048kB", "1048576kB"):
            write(self.root, f"sys/kernel/mm/hugepages/hugepages-{size}/nr_hugepages", "0\n")
        write(self.root, "units/nvidia-imex.service", "enabled active\n")
        write(self.root, "units/containerd.service", "enabled active\nLimitSTACK=infinity\n")
        write(self.root, "etc/modprobe.d/blacklist.conf", "blacklist pcspkr\n")
        for folder in ("etc/sysctl.d", "etc/modules-load.d", "etc/tmpfiles.d", "etc/systemd/system", "var/lib"):
            (self.root / folder).mkdir(parents=True)
        write(self.root, "boot/initrd", "blacklist pcspkr\n")
        if self.system == "ubuntu":
            write(self.root, "etc/default/grub", 'GRUB_CMDLINE_LINUX=""\nGRUB_CMDLINE_LINUX_DEFAULT="quiet splash"\n')
            write(self.root, "boot/grub/grub.cfg", "linux /vmlinuz root=/dev/sda1 ro quiet splash\n")
        else:
            write(self.root, "boot/loader/entries/one.conf", "title One\nlinux /boot/vmlinuz-1\noptions root=/dev/sda1 ro init_on_alloc=1 crashkernel=1G\n")
            write(self.root, "boot/loader/entries/two.conf", "title Two\nlinux /boot/vmlinuz-2\noptions root=/dev/sda1 ro crashkernel=1G\n")

    def boot(self):
        """A reboot: the command line is the boot loader's, and what the kernel makes of it."""
        if self.system == "ubuntu":
            line = (self.root / "boot/grub/grub.cfg").read_text().split(" ", 2)[2]
        else:
            line = (self.root / "boot/loader/entries/two.conf").read_text().split("options ")[1]
        (self.root / "proc/cmdline").write_text(line)
        words = line.split()
        for size, name in (("2M", "2048kB"), ("1G", "1048576kB")):
            count = words[words.index(f"hugepagesz={size}") + 1].split("=")[1] if f"hugepagesz={size}" in words else "0"
            write(self.root, f"sys/kernel/mm/hugepages/hugepages-{name}/nr_hugepages", count + "\n")
        write(self.root, "proc/sys/kernel/numa_balancing", "0\n" if "numa_balancing=disable" in words else "1\n")
        loaded = (self.root / "proc/modules").read_text()
        blocked = "blacklist nouveau" in (self.root / "boot/initrd").read_text()
        write(self.root, "proc/modules", "" if blocked else "nouveau 1 0 - Live 0x0\n")
        if "ib_umad" in loaded:
            write(self.root, "proc/modules", (self.root / "proc/modules").read_text() + "ib_umad 16384 0 - Live 0x0000000000000000\n")

    def run(self, script, *options, kill=0):
        self.log.write_text("")
        environment = {**os.environ, "ROOT": str(self.root), "COMMANDS": str(self.commands), "FAKE_LOG": str(self.log),
                       "FAKE_KILL": str(kill), "PATH": f"{self.shims}:{os.environ['PATH']}"}
        return subprocess.run([script, *options], env=environment, capture_output=True, text=True, timeout=60)

    def tree(self):
        found = {}
        for path in sorted(self.root.rglob("*")):
            status = path.lstat()
            found[str(path.relative_to(self.root))] = (stat.S_IFMT(status.st_mode), path.read_bytes() if path.is_file() else None)
        return found

    def times(self):
        return {path: path.stat().st_mtime_ns for path in self.root.rglob("*")}


@pytest.fixture(params=["ubuntu", "rhel"])
def machine(request, tmp_path, root):
    return Machine(tmp_path / "machine", request.param, root) if (tmp_path / "machine").mkdir() is None else None


def make_bundle(cnsctl, tmp_path, system, accelerator="gb300", intent="training", choices="hugepages-2m=on,hugepages-1g=on"):
    tuning = ["--tuning", choices] if choices else []
    cnsctl("recipe", "--service", "generic", "--accelerator", accelerator, "--os", system, "--intent", intent, *tuning, "-o", "recipe.yaml")
    cnsctl("bundle", "-r", "recipe.yaml", "-o", "bundle")
    return tmp_path / "bundle" / "tuning"


@pytest.fixture
def scripts(cnsctl, tmp_path, machine):
    return make_bundle(cnsctl, tmp_path, machine.system)


def statuses(run):
    return {line.split("  ")[0].strip(): line for line in run.stdout.splitlines()}


def test_apply_verify_apply_revert(machine, scripts):
    before = machine.tree()
    done = machine.run(scripts / "apply.sh")
    assert done.returncode == 0, done.stderr
    assert "a reboot is needed" in done.stdout and not done.stderr
    assert machine.run(scripts / "verify.sh").returncode == 1  # the boot parameters do not hold yet
    machine.boot()
    machine.root.joinpath("proc/sys/kernel/random/boot_id").write_text("boot-2\n")
    proof = machine.run(scripts / "verify.sh")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert " 0 failed, 0 not checked, 1 not applicable" in proof.stdout  # no persistence daemon on the host
    words = machine.root.joinpath("proc/cmdline").read_text().split()
    at = words.index("hugepagesz=2M")
    assert words[at:at + 4] == ["hugepagesz=2M", "hugepages=5128", "hugepagesz=1G", "hugepages=2"]

    after, times = machine.tree(), machine.times()
    again = machine.run(scripts / "apply.sh")
    assert again.returncode == 0 and again.stdout == "nothing to change\n"
    assert machine.tree() == after and machine.times() == times

    reverted = machine.run(scripts / "revert.sh")
    assert reverted.returncode == 0 and "a reboot is needed" in reverted.stdout, reverted.stderr
    machine.boot()
    machine.root.joinpath("proc/sys/kernel/random/boot_id").write_text("boot-1\n")
    assert machine.tree() == before
    assert "nothing to put back" in machine.run(scripts / "revert.sh").stdout


def test_a_dry_run_changes_nothing(machine, scripts):
    before = machine.tree()
    done = machine.run(scripts / "apply.sh", "--dry-run")
    assert done.returncode == 0 and machine.tree() == before
    for part in ("init_on_alloc=0", "vm.overcommit_memory = 1", "blacklist nouveau", "LimitSTACK=67108864", "a reboot is needed"):
        assert part in done.stdout
    machine.run(scripts / "apply.sh")
    after = machine.tree()
    assert "removing" in machine.run(scripts / "revert.sh", "--dry-run").stdout and machine.tree() == after


def test_cut_short_anywhere(machine, scripts, tmp_path):
    """Killed at any of its steps, the machine is one that revert puts back and that another run completes."""
    before = machine.tree()
    assert machine.run(scripts / "apply.sh").returncode == 0
    complete, steps = machine.tree(), len(machine.log.read_text().splitlines())
    assert machine.run(scripts / "revert.sh").returncode == 0
    assert machine.tree() == before and steps > 20
    killed = 0
    for step in sorted({1, 2, 3, 5, 8, *range(11, steps + 1, steps // 6)}):  # each costs three runs
        killed += machine.run(scripts / "apply.sh", kill=step).returncode == -9
        if step % 2 == 0:
            assert machine.run(scripts / "apply.sh").returncode == 0, f"step {step}"
            assert {path: content for path, content in machine.tree().items() if "cns-tuning/" not in path} == \
                {path: content for path, content in complete.items() if "cns-tuning/" not in path}, f"step {step}"
        reverted = machine.run(scripts / "revert.sh")
        assert reverted.returncode == 0, f"step {step}: {reverted.stderr}"
        assert machine.tree() == before, f"step {step}"
    assert killed > 5


def test_a_revert_that_is_cut_short_goes_on(machine, scripts):
    before = machine.tree()
    machine.run(scripts / "apply.sh")
    for step in (1, 2, 3):
        machine.run(scripts / "revert.sh", kill=step)
    assert machine.run(scripts / "revert.sh").returncode == 0
    assert machine.tree() == before


def test_files_of_others_are_respected(machine, scripts):
    write(machine.root, "etc/modprobe.d/cns-tuning.conf", "options nvidia x=1\n")
    before = machine.tree()
    done = machine.run(scripts / "apply.sh")
    assert done.returncode == 1 and "was not made by this script; nothing was changed" in done.stderr
    assert machine.tree() == before


def test_an_own_file_that_was_edited_is_kept(machine, scripts):
    machine.run(scripts / "apply.sh")
    write(machine.root, "etc/sysctl.d/99-zz-cns-tuning.conf", "vm.swappiness = 5\n")
    done = machine.run(scripts / "revert.sh")
    assert "is no longer the one that apply.sh made" in done.stderr
    assert (machine.root / "etc/sysctl.d/99-zz-cns-tuning.conf").exists()


def test_another_system_is_refused(machine, scripts):
    write(machine.root, "etc/os-release", "ID=arch\n")
    before = machine.tree()
    done = machine.run(scripts / "apply.sh")
    assert done.returncode == 1 and "'arch'" in done.stderr and machine.tree() == before
    assert machine.run(scripts / "apply.sh", "--force", "--dry-run").returncode == 0


def test_without_a_boot_loader_nothing_is_done(machine, scripts):
    for name in ("update-grub", "grubby"):
        (machine.commands / name).unlink(missing_ok=True)
    before = machine.tree()
    done = machine.run(scripts / "apply.sh")
    assert done.returncode == 1 and "init_on_alloc=0" in done.stderr and machine.tree() == before
    assert machine.run(scripts / "apply.sh", "--skip-boot").returncode == 0


def test_a_failing_program_is_told_and_mended(machine, scripts):
    before = machine.tree()
    broken = machine.commands / ("update-grub" if machine.system == "ubuntu" else "dracut")
    good = os.readlink(broken)
    broken.unlink()
    broken.write_text("#!/bin/bash\nexit 9\n")
    broken.chmod(0o755)
    assert machine.run(scripts / "apply.sh").returncode != 0
    failed = machine.run(scripts / "revert.sh")
    assert failed.returncode == 1 and "kept in /var/lib/cns-tuning" in failed.stderr
    broken.unlink()
    broken.symlink_to(good)
    assert machine.run(scripts / "revert.sh").returncode == 0
    assert machine.tree() == before


def test_a_virtual_machine_without_frequency_control(machine, scripts):
    shutil.rmtree(machine.root / "sys/devices/system/cpu")
    (machine.root / "units/nvidia-imex.service").unlink()
    done = machine.run(scripts / "apply.sh")
    assert done.returncode == 0 and "no frequency control" in done.stdout and "nvidia-imex.service is not installed" in done.stdout
    machine.boot()
    proof = machine.run(scripts / "verify.sh")
    assert proof.returncode == 0 and " 3 not applicable" in proof.stdout


def test_verify_tells_what_does_not_hold(machine, scripts):
    machine.run(scripts / "apply.sh")
    machine.boot()
    write(machine.root, "proc/sys/vm/overcommit_memory", "0\n")
    (machine.root / "proc/sys/vm/max_map_count").unlink()
    write(machine.root, "units/nvidia-imex.service", "disabled active\n")
    done = machine.run(scripts / "verify.sh")
    lines = {line.split("  ")[1 if line.startswith("not") else 1].strip(): line for line in done.stdout.splitlines() if "  " in line}
    text = done.stdout
    assert done.returncode == 1 and " 2 failed, 1 not checked" in text, lines
    assert "is '0', must be '== 1'" in text and "is 'active', must be 'inactive'" in text and "max_map_count cannot be read" in text


def test_options_of_one_parameter_are_joined(cnsctl, tmp_path, root):
    (tmp_path / "machine").mkdir()
    machine = Machine(tmp_path / "machine", "ubuntu", root)
    scripts = make_bundle(cnsctl, tmp_path, "ubuntu", "h100", "training", "pci-no-acs-redirect=on")
    assert machine.run(scripts / "apply.sh").returncode == 0
    machine.boot()
    assert "pci=realloc=off,disable_acs_redir=pci:0:0" in (machine.root / "proc/cmdline").read_text().split()
    proof = machine.run(scripts / "verify.sh")
    assert proof.returncode == 0, proof.stdout


def test_scripts_pass_shellcheck(cnsctl, tmp_path, tool):
    shellcheck = tool("shellcheck")
    for system in ("ubuntu", "rhel"):
        folder = make_bundle(cnsctl, tmp_path, system)
        subprocess.run([shellcheck, *sorted(map(str, folder.glob("*.sh")))], check=True)
        shutil.rmtree(tmp_path / "bundle")
