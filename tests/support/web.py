# SPDX-License-Identifier: Apache-2.0
"""A web server on 127.0.0.1 that behaves well or badly, by path; see Handler."""

import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """/document answers with the server's document; the other paths are named for what goes wrong there."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, self.query = self.path.partition("?")
        self.server.requests.append((path, dict(self.headers)))
        name = "answer_" + path.strip("/").split("/")[0].replace("-", "_")
        getattr(self, name, self.answer_missing)(path)

    def log_message(self, *_):
        pass

    def send(self, body, status=200, length=None, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for header, value in headers.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(body)

    def answer_document(self, _):
        self.send(self.server.document)

    def answer_chunked(self, _):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for i in range(0, len(self.server.document), 7):
            part = self.server.document[i:i + 7]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def answer_missing(self, _):
        self.send(b"no such page", status=404)

    def answer_status(self, path):
        self.send(b"", status=int(path.rsplit("/", 1)[1]))

    def answer_slow(self, _):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        try:
            for _ in range(200):
                self.wfile.write(b"#")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:  # the client has given up
            self.close_connection = True

    def answer_silent(self, _):
        time.sleep(10)
        self.close_connection = True

    def answer_truncated(self, _):
        self.send(self.server.document, length=len(self.server.document) + 100)
        self.close_connection = True

    def answer_announced_huge(self, _):
        self.send(b"a", length=300 * 2**20)
        self.close_connection = True

    def answer_endless(self, _):
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        line = b"# " + b"x" * 65533 + b"\n"
        try:
            while True:
                self.wfile.write(line)
        except OSError:
            pass

    def answer_loop(self, _):
        self.send(b"", status=302, Location="/loop")

    def answer_hops(self, path):
        left = int(path.rsplit("/", 1)[1])
        self.send(b"", status=307, Location=f"/hops/{left - 1}" if left > 1 else "/document")

    def answer_to(self, _):
        self.send(b"moved", status=301, Location=self.query)


class Server:
    """with Server(document) as server: server.url("/document")"""

    def __init__(self, document, certificate=None):
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.document = document
        self.http.requests = []
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
            self.scheme = "https"
        # A client that refuses the certificate ends the handshake: no concern of the server's.
        self.http.handle_error = lambda *_: None

    def url(self, path, user=""):
        return f"{self.scheme}://{user}127.0.0.1:{self.http.server_address[1]}{path}"

    @property
    def requests(self):
        return self.http.requests

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()


def self_signed_certificate(openssl, folder):
    """Key and certificate of 127.0.0.1 in one file."""
    key, certificate, both = folder / "key.pem", folder / "certificate.pem", folder / "both.pem"
    subprocess.run([openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both, certificate
