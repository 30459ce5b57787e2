# SPDX-License-Identifier: Apache-2.0
"""What all black-box tests share: the program under test, the data beside the checkout, and the rule for skips."""

import fnmatch
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from support import program

ROOT = program.ROOT

# A shell's background jobs and nohup start with signals ignored, and whatever we start would inherit that: tests of
# interruption need them as a terminal has them.
for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def find_program():
    named = os.environ.get("CNSCTL")
    if named:
        return Path(named).resolve()
    for candidate in ("build/test/src/cnsctl", "build-dev/src/cnsctl", "build/cnsctl"):
        if (ROOT / candidate).exists():
            return (ROOT / candidate).resolve()
    return None


@pytest.fixture(scope="session")
def cnsctl_path():
    """The program under test, a Path: $CNSCTL, else the build with sanitizers."""
    path = find_program()
    if path is None or not os.access(path, os.X_OK):
        pytest.fail(f"no program to test ({path}): build it, or name it in CNSCTL")
    return path


@pytest.fixture(scope="session")
def release_path():
    """The release build, for tests of time, memory and traced system calls, which sanitizers would blur."""
    path = Path(os.environ.get("CNSCTL_RELEASE", ROOT / "build" / "cnsctl")).resolve()
    if not os.access(path, os.X_OK):
        pytest.skip(f"tool: release build ({path}; `make` leaves it there)")
    return path


@pytest.fixture
def cnsctl(cnsctl_path, tmp_path):
    """cnsctl(*arguments, cwd=tmp_path, env={}, stdin="", exit=0, timeout=60, signal_allowed=False) -> Run.

    Fails the test on a sanitizer's report, on death by a signal, on a run that does not end, and when the exit status
    is not `exit` (None: any). An env value of None removes the variable."""

    def run(*arguments, cwd=tmp_path, env=None, stdin="", exit=0, timeout=program.TIMEOUT_SECONDS,
            signal_allowed=False):
        done = program.run_program(cnsctl_path, arguments, cwd, env, stdin, timeout, signal_allowed)
        assert exit is None or done.exit == exit, f"expected exit status {exit}{done}"
        return done

    return run


@pytest.fixture(scope="session")
def root():
    """The top of the source tree."""
    return ROOT


@pytest.fixture(scope="session")
def shared():
    """The data beside the checkout ($CNS_SHARED, default ../shared); the test is skipped where it is not there."""
    if not (program.SHARED / "data").is_dir():
        pytest.skip("data: no folder with test data beside the checkout (CNS_SHARED)")
    return program.SHARED


@pytest.fixture(scope="session")
def tool():
    """tool(name) -> path of a program: from the tool cache if tools/tool-cache.txt has it (a pinned version), else from
    PATH. The test is skipped where there is none."""
    rows = (ROOT / "tools" / "tool-cache.txt").read_text().splitlines()
    cached = {row.split()[0] for row in rows if row.strip() and not row.startswith("#")}

    def find(name):
        if name in cached:
            done = subprocess.run([ROOT / "tools" / "tool-cache.sh", "path", name], capture_output=True, text=True,
                                  check=False)
            path = done.stdout.strip() if done.returncode == 0 else None
        else:
            path = shutil.which(name)
        if path is None:
            how = f"tools/tool-cache.sh build {name}" if name in cached else "tools/install-deps.sh test"
            pytest.skip(f"tool: {name} ({how})")
        return path

    return find


# --- skips ---------------------------------------------------------------------------------------------------------
# A skip names what is missing. Where everything should be there (CI=true), a skip is a failure, except for the rows
# of tests/allowed-skips.txt, each with its reason.

def allowed_skips():
    rows = []
    for line in (ROOT / "tests" / "allowed-skips.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            pattern, _, reason = line.partition("  ")
            assert reason.strip(), f"tests/allowed-skips.txt: no reason given for {pattern}"
            rows.append(pattern.strip())
    return rows


def refuse_skip(report):
    if os.environ.get("CI") != "true" or report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return
    if any(fnmatch.fnmatch(report.nodeid, pattern) for pattern in allowed_skips()):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid} was skipped ({reason}), and CI=true allows that only for tests/allowed-skips.txt"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    refuse_skip(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    outcome = yield
    refuse_skip(outcome.get_result())


def pytest_terminal_summary(terminalreporter):
    """Names every skipped test once, with what it lacked."""
    skipped = terminalreporter.getreports("skipped")
    if skipped:
        terminalreporter.section("skipped")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.line(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")
