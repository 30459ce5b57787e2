# SPDX-License-Identifier: Apache-2.0
"""Runs the program under test, and fails the test for what is never right: a sanitizer's report, death by a signal,
a run that does not end."""

import os
import re
import shlex
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("CNS_SHARED", ROOT / ".." / "shared")).resolve()
TIMEOUT_SECONDS = 60

# What may differ between machines and must not reach the program unless a test says so. HOSTNAME and NODE_NAME name
# the node of a snapshot, the proxies would catch requests to local test servers.
CLEARED = re.compile(r"^(CNS_|AICR_|KUBE|NO_COLOR$|CLICOLOR|HOSTNAME$|NODE_NAME$|KUBERNETES_|https?_proxy$|all_proxy$)", re.I)
SANITIZER_REPORT = re.compile(r"==\d+==\s*ERROR: \w+Sanitizer|SUMMARY: \w+Sanitizer|: runtime error: ")
# No test expects this exit status, so a report can't pass for an expected failure.
SANITIZER_EXIT = 99


def environment(extra=None):
    """The environment of a run: this process's, less what CLEARED names, with the sanitizers' options."""
    values = {name: value for name, value in os.environ.items() if not CLEARED.match(name)}
    values["LC_ALL"] = "C.UTF-8"
    values["TZ"] = "UTC"
    values["ASAN_OPTIONS"] = f"detect_leaks=1:detect_stack_use_after_return=1:exitcode={SANITIZER_EXIT}"
    values["UBSAN_OPTIONS"] = f"print_stacktrace=1:halt_on_error=1:exitcode={SANITIZER_EXIT}"
    values["LSAN_OPTIONS"] = f"suppressions={ROOT}/tests/lsan.supp:print_suppressions=0"
    for name, value in (extra or {}).items():
        if value is None:
            values.pop(name, None)
        else:
            values[name] = str(value)
    return values


class Run:
    """What one run of the program did. `stdout` and `stderr` are text, `stdout_bytes` and `stderr_bytes` as written."""

    def __init__(self, arguments, cwd, extra_environment, exit_code, stdout, stderr):
        self.arguments = arguments
        self.cwd = cwd
        self.extra_environment = extra_environment
        self.exit = exit_code
        self.stdout_bytes = stdout
        self.stderr_bytes = stderr

    @property
    def stdout(self):
        return self.stdout_bytes.decode("utf-8", "replace")

    @property
    def stderr(self):
        return self.stderr_bytes.decode("utf-8", "replace")

    @property
    def command_line(self):
        """One line that repeats the run in a shell."""
        settings = [f"{name}={shlex.quote(str(value))}" for name, value in self.extra_environment.items()
                    if value is not None]
        unset = [f"-u {name}" for name, value in self.extra_environment.items() if value is None]
        prefix = (["env"] + unset + settings) if settings or unset else []
        command = " ".join(prefix + [shlex.quote(str(argument)) for argument in self.arguments])
        return f"cd {shlex.quote(str(self.cwd))} && {command}"

    def describe(self):
        """The run in full, for the message of a failed assertion."""
        return (f"\n--- run:\n{self.command_line}\n--- exit: {self.exit}\n"
                f"--- stdout:\n{clip(self.stdout)}\n--- stderr:\n{clip(self.stderr)}")

    __str__ = describe
    __repr__ = describe


def clip(text, limit=8000):
    if len(text) <= limit:
        return text
    return f"{text[:limit // 2]}\n... {len(text) - limit} characters left out ...\n{text[-limit // 2:]}"


def run_program(program, arguments, cwd, env=None, stdin=b"", timeout=TIMEOUT_SECONDS, signal_allowed=False,
                stdout=subprocess.PIPE):
    """Runs it and returns a Run. Fails the test on a sanitizer's report, a signal (unless signal_allowed; the exit
    status is then -N) or a run over `timeout` seconds."""
    command = [str(program)] + [str(argument) for argument in arguments]
    if isinstance(stdin, str):
        stdin = stdin.encode()
    try:
        done = subprocess.run(command, cwd=cwd, env=environment(env), input=stdin, stdout=stdout,
                              stderr=subprocess.PIPE, timeout=timeout, check=False)
    except subprocess.TimeoutExpired as expired:
        run = Run(command, cwd, env or {}, "none", expired.stdout or b"", expired.stderr or b"")
        raise AssertionError(f"still running after {timeout} s{run}") from None
    run = Run(command, cwd, env or {}, done.returncode, done.stdout or b"", done.stderr)
    check_health(run, signal_allowed)
    return run


def check_health(run, signal_allowed=False):
    report = SANITIZER_REPORT.search(run.stderr)
    if report or run.exit == SANITIZER_EXIT:
        raise AssertionError(f"a sanitizer reported an error{run}")
    if run.exit < 0 and not signal_allowed:
        raise AssertionError(f"died by {signal.Signals(-run.exit).name}{run}")
