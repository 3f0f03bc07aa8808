"""Real HTTP servers on loopback, of files, and of one file that misbehaves on request."""

import contextlib
import hashlib
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONTENT = bytes(range(256)) * 8192  # 2 MiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()
GIT_SHA1 = "c83fd13f04e9d24e26ff1b4e0522d8f3472a6583"  # `git hash-object` of CONTENT
REFUSALS = {"missing": 404, "overloaded": 503}


class Quiet(BaseHTTPRequestHandler):
    """What both handlers share."""

    def begin(self, length):
        """Send the headers of a file of so many bytes."""
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *arguments):
        """Keep the console quiet."""


class Files(Quiet):
    """Serves the server's `files` by their path; else 404."""

    def do_GET(self):
        """Answer one request."""
        name = self.path.removeprefix("/")
        self.server.requests[name] += 1
        if name not in self.server.files:
            self.send_error(404)
            return
        self.begin(len(self.server.files[name]))
        self.wfile.write(self.server.files[name])


class Misbehaving(Quiet):
    """Serves CONTENT at /good.pt; other paths fail in the way they are named for."""

    def do_GET(self):
        """Answer one request."""
        name = Path(self.path).stem
        self.server.requests[name] += 1
        first = self.server.requests[name] == 1
        if name in REFUSALS:
            self.send_error(REFUSALS[name])
            return
        self.begin(len(CONTENT))
        if name == "truncated" or (name == "truncated_once" and first):
            self.wfile.write(CONTENT[:1000])
        elif name == "stalling":
            self.wfile.write(CONTENT[:1000])
            self.wfile.flush()
            self.server.stopped.wait(10)
        else:
            altered = self.server.altered.is_set() or name == "other"
            self.wfile.write(CONTENT[::-1] if altered else CONTENT)


@contextlib.contextmanager
def serving(handler):
    """Serve until the context ends; the server has a `url` and counts `requests`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.files, server.requests = {}, Counter()
    server.stopped, server.altered = threading.Event(), threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        server.server_close()
