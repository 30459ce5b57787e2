# SPDX-License-Identifier: Apache-2.0
"""Reading from addresses, standard input and places that are not there, against a real server on this machine."""

import socket

import pytest

from support import web

DOCUMENT = b"kind: RecipeCriteria\nspec: {service: eks, accelerator: h100, intent: training, os: ubuntu}\n"


@pytest.fixture
def server():
    with web.Server(DOCUMENT) as running:
        yield running


@pytest.fixture
def read(cnsctl):
    """read(location, exit=0, env={}) -> Run of a command that reads a document there."""

    def run(location, exit=0, env=None, **options):
        env = {"CURL_CA_BUNDLE": None, "SSL_CERT_FILE": None, **(env or {})}
        done = cnsctl("recipe", "--criteria", location, "--format", "json", exit=exit, env=env, **options)
        if exit:
            assert done.stdout == ""
        else:
            assert '"accelerator": "h100"' in done.stdout
        return done

    return run


@pytest.mark.parametrize("path", ["/document", "/chunked", "/document?with=query", "/hops/5"])
def test_reads(read, server, path):
    read(server.url(path))


def test_says_who_it_is(read, server, root):
    read(server.url("/document"))
    (_, headers), = server.requests
    assert headers["User-Agent"] == "cnsctl/" + (root / "VERSION").read_text().strip()


def test_standard_input(read, tmp_path):
    read("-", stdin=DOCUMENT)
    (tmp_path / "criteria.yaml").write_bytes(DOCUMENT)
    read("criteria.yaml")
    read(f"file://{tmp_path}/criteria.yaml")


@pytest.mark.parametrize("path, status, words", [
    ("/missing", 3, "status 404"),
    ("/status/401", 4, "status 401"),
    ("/status/403", 4, "status 403"),
    ("/status/500", 6, "status 500"),
    ("/status/503", 6, "status 503"),
    ("/status/204", 6, "status 204"),
    ("/status/304", 6, "status 304"),
    ("/loop", 7, "more than 5 redirects"),
    ("/hops/6", 7, "more than 5 redirects"),
    ("/to?ftp://127.0.0.1/x", 4, "neither http nor https"),
    ("/to?file:///etc/passwd", 4, "neither http nor https"),
    ("/truncated", 6, "cannot be read"),
    ("/announced-huge", 7, "larger than the limit of 256 MiB"),
])
def test_refuses(read, server, path, status, words):
    run = read(server.url(path), exit=status)
    assert words in run.stderr and "127.0.0.1" in run.stderr


def test_endless_answer_is_cut(read, server):
    run = read(server.url("/endless"), exit=7)
    assert "limit" in run.stderr


@pytest.mark.parametrize("path", ["/slow", "/silent"])
def test_time_limit(read, server, path):
    run = read(server.url(path), exit=5, env={"CNS_HTTP_TIMEOUT": "1"}, timeout=15)
    assert "CNS_HTTP_TIMEOUT" in run.stderr


def test_nobody_listens(read):
    with socket.socket() as taken:  # bound, but not listening
        taken.bind(("127.0.0.1", 0))
        run = read(f"http://127.0.0.1:{taken.getsockname()[1]}/x", exit=6)
    assert "nothing blocks the way" in run.stderr


def test_unknown_host(read):
    read("http://no-such-host.invalid/x", exit=6)


def test_secrets_stay_out_of_messages(read, server):
    run = read(server.url("/missing?token=hidden-token", user="me:hidden-password@"), exit=3)
    assert "hidden" not in run.stderr and "?..." in run.stderr
    assert server.requests[0][1]["Authorization"].startswith("Basic ")


def test_proxy_of_the_environment(read, server):
    read("http://no-such-host.invalid/document", env={"http_proxy": server.url("")}, exit=3)  # it knows no such page
    assert server.requests[0][0] == "http://no-such-host.invalid/document"


class TestTls:
    @pytest.fixture
    def secure(self, tool, tmp_path):
        both, self.authority = web.self_signed_certificate(tool("openssl"), tmp_path)
        with web.Server(DOCUMENT, both) as running:
            yield running

    def test_unknown_certificate_is_refused(self, read, secure):
        run = read(secure.url("/document"), exit=4)
        assert "certificate" in run.stderr and "SSL_CERT_FILE" in run.stderr
        assert secure.requests == []

    @pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "CURL_CA_BUNDLE"])
    def test_trusted_certificate(self, read, secure, variable):
        read(secure.url("/document"), env={variable: self.authority})

    def test_never_from_https_to_http(self, read, secure, server):
        run = read(secure.url("/to?" + server.url("/document")), exit=4, env={"SSL_CERT_FILE": self.authority})
        assert "leaves https" in run.stderr
        assert server.requests == []

    def test_from_http_to_https(self, read, secure, server):
        read(server.url("/to?" + secure.url("/document")), env={"SSL_CERT_FILE": self.authority})


@pytest.mark.parametrize("location, status, words", [
    ("cm://ns/name", 6, "not in this build"),
    ("oci://registry/name", 6, "not in this build"),
    ("s3://bucket/key", 6, "not in this build"),
    ("htps://host/x", 2, "did you mean 'https://'?"),
    ("absent.yaml", 3, "absent.yaml: cannot open"),
    (".", 2, "is a directory"),
])
def test_places(read, location, status, words):
    assert words in read(location, exit=status).stderr
