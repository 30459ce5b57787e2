# SPDX-License-Identifier: Apache-2.0
"""A real Kubernetes API on the loopback: etcd and kube-apiserver, no controllers and no nodes. So objects are judged and
kept as in a cluster, but nothing acts on them: no pod ever runs, a namespace that is deleted stays Terminating."""

import ctypes
import json
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest

READY_SECONDS = 120  # a loaded machine; on an idle one it is 4
STOP_SECONDS = 60
KUBECONFIG = """apiVersion: v1
kind: Config
clusters: [{{name: local, cluster: {{server: "{url}", certificate-authority: {folder}/certificates/apiserver.crt}}}}]
users: [{{name: admin, user: {{token: "{token}"}}}}]
contexts: [{{name: local, context: {{cluster: local, user: admin}}}}]
current-context: local
"""


class NotStarted(Exception):
    """A server ended before it was ready."""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def die_with_parent():
    """In the child: killed when the tests are, however they end."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class KubeApi:
    """`kubeconfig` is the administrator's, `folder` holds all that there is of it."""

    def __init__(self, tool, folder):
        self.programs = {name: tool(name) for name in ("etcd", "kube-apiserver", "kubectl", "openssl")}
        self.folder = folder
        self.kubeconfig = folder / "kubeconfig"
        self.token = secrets.token_hex(16)
        self.running = []
        self.ports = []

    # --- up and down ----------------------------------------------------------------------------------------------

    def start(self):
        """Ports are free when they are chosen and may be taken a moment later, hence the second attempt."""
        for attempt in (1, 2):
            self.folder.mkdir()
            try:
                self.start_once()
                return
            except NotStarted:
                log = self.logs()
                self.stop()
                if attempt == 2:
                    pytest.fail(f"the Kubernetes API did not start:\n{log}")
            except BaseException:
                self.stop()
                raise

    def start_once(self):
        client, peer, secure = self.ports = free_ports(3)
        etcd = f"http://127.0.0.1:{client}"
        between = f"http://127.0.0.1:{peer}"
        self.url = f"https://127.0.0.1:{secure}"
        key, public, tokens = (self.folder / name for name in ("accounts.key", "accounts.pub", "tokens.csv"))
        openssl = self.programs["openssl"]
        subprocess.run([openssl, "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        subprocess.run([openssl, "rsa", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
        tokens.write_text(f'{self.token},admin,admin,"system:masters"\n')
        self.kubeconfig.write_text(KUBECONFIG.format(url=self.url, folder=self.folder, token=self.token))
        self.launch("etcd", "--data-dir", self.folder / "etcd", "--unsafe-no-fsync",
                    "--listen-client-urls", etcd, "--advertise-client-urls", etcd, "--listen-peer-urls", between,
                    "--initial-advertise-peer-urls", between, "--initial-cluster", f"default={between}")
        self.launch("kube-apiserver", "--etcd-servers", etcd, "--bind-address", "127.0.0.1", "--secure-port", secure,
                    "--advertise-address", "127.0.0.1", "--cert-dir", self.folder / "certificates",
                    "--token-auth-file", tokens, "--authorization-mode", "RBAC", "--allow-privileged",
                    "--service-account-issuer", "https://kubernetes.default.svc",
                    "--service-account-key-file", public, "--service-account-signing-key-file", key,
                    "--service-cluster-ip-range", "10.96.0.0/16", "--endpoint-reconciler-type", "none")
        self.wait_until_ready()

    def launch(self, name, *arguments):
        with open(self.folder / f"{name}.log", "wb") as log:
            self.running.append(subprocess.Popen(
                [self.programs[name], *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, start_new_session=True, preexec_fn=die_with_parent))

    def wait_until_ready(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
        request = urllib.request.Request(f"{self.url}/readyz", headers={"Authorization": f"Bearer {self.token}"})
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            if any(one.poll() is not None for one in self.running):
                raise NotStarted
            try:
                with opener.open(request, timeout=5) as answer:
                    if answer.read() == b"ok":
                        return
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.1)
        raise NotStarted

    def stop(self):
        """The API server first: it wants to say good-bye to etcd. Waits for both, so that ports and files are free."""
        forced = []
        while self.running:
            process = self.running.pop()
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                forced.append(process.args[0])
        shutil.rmtree(self.folder, ignore_errors=True)
        assert not forced, f"had to be killed: {forced}"

    def logs(self):
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}"
                         for path in sorted(self.folder.glob("*.log")))

    # --- use ------------------------------------------------------------------------------------------------------

    def kubectl(self, *arguments, stdin=None, check=True):
        done = subprocess.run([self.programs["kubectl"], "--kubeconfig", self.kubeconfig, *map(str, arguments)], input=stdin,
                              capture_output=True, text=True, timeout=120, check=False,
                              env={"PATH": os.environ["PATH"], "HOME": str(self.folder)})
        assert not check or done.returncode == 0, f"kubectl {arguments}\n{done.stdout}\n{done.stderr}"
        return done

    def get(self, kind, name, namespace=None):
        """The object, or None."""
        where = ["--namespace", namespace] if namespace else []
        text = self.kubectl("get", kind, name, *where, "--ignore-not-found", "-o", "json").stdout
        return json.loads(text) if text else None

    def items(self, kinds, namespace=None):
        where = ["--namespace", namespace] if namespace else ["--all-namespaces"]
        return json.loads(self.kubectl("get", kinds, *where, "-o", "json").stdout)["items"]

    def apply(self, text, *arguments):
        return self.kubectl("apply", "--server-side", "-f", "-", *arguments, stdin=text)


class NamespaceController:
    """In the place of the controller that a cluster has: namespaces that are being deleted are emptied and then gone."""

    EMPTIED = "configmaps,secrets,services,serviceaccounts,resourcequotas"

    def __init__(self, api):
        self.api = api
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.work)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def work(self):
        while not self.ended.wait(0.5):
            for namespace in self.api.items("namespaces"):
                if namespace["metadata"].get("deletionTimestamp"):
                    self.finish(namespace)

    def finish(self, namespace):
        name = namespace["metadata"]["name"]
        self.api.kubectl("delete", self.EMPTIED, "--all", "--wait=false", "--namespace", name, check=False)
        if self.api.items(self.EMPTIED, name):
            return  # held back by finalizers
        namespace["spec"]["finalizers"] = []
        self.api.kubectl("replace", "--raw", f"/api/v1/namespaces/{name}/finalize", "-f", "-", stdin=json.dumps(namespace),
                         check=False)


@pytest.fixture(scope="session")
def kube_api(tool, tmp_path_factory):
    """A KubeApi for the session. Skipped by name where its programs were not built."""
    api = KubeApi(tool, tmp_path_factory.mktemp("kube") / "api")
    api.start()
    yield api
    api.stop()
