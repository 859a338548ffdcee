#!/usr/bin/env python3
"""Holds `swiftlet pull` against huggingface_hub: each fills a cache from a server on this machine, and
the other one has to find everything in it.

    tools/check-hub-cache.py .build/release/swiftlet
"""

import hashlib
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIXTURE = ROOT / "fixtures" / "gpt2-tiny"
ID = "org/model"
COMMIT = "89abcdef0123456789abcdef0123456789abcdef"

FILES = {path.name: path.read_bytes() for path in FIXTURE.iterdir() if path.is_file()}
FILES["deep/er/an odd name.txt"] = b"odd\n"
FILES["empty.txt"] = b""
requests = []


def git(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def entry(name, data):
    item = {"type": "file", "path": name, "size": len(data), "oid": git(data)}
    if name.endswith(".safetensors"):
        item["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 131}
    return item


class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.answer(False)

    def do_GET(self):
        self.answer(True)

    def answer(self, with_body):
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        requests.append((self.command, path))
        headers = {"X-Repo-Commit": COMMIT}
        if path in (f"/api/models/{ID}", f"/api/models/{ID}/revision/main"):
            body = json.dumps({"id": ID, "sha": COMMIT, "siblings": []}).encode()
        elif path == f"/api/models/{ID}/tree/{COMMIT}":
            body = json.dumps([entry(name, data) for name, data in sorted(FILES.items())]).encode()
        elif path.startswith(f"/{ID}/resolve/") and path.split("/", 5)[5] in FILES:
            name = path.split("/", 5)[5]
            body = FILES[name]
            item = entry(name, body)
            headers["ETag"] = f'"{item.get("lfs", item)["oid"]}"'
        else:
            self.send_error(404)
            return
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def tree(folder):
    """The paths below a folder, with contents, and where links lead."""
    result = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            result[str(path.relative_to(folder))] = os.readlink(path)
        elif path.is_file():
            result[str(path.relative_to(folder))] = path.read_bytes()
    return result


def main():
    binary = sys.argv[1]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = pathlib.Path(folder, "ours"), pathlib.Path(folder, "theirs")
        os.environ.update(
            HF_ENDPOINT=f"http://127.0.0.1:{server.server_port}", HF_HOME=folder, no_proxy="127.0.0.1",
            HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_PROGRESS_BARS="1", HF_HUB_DISABLE_XET="1")
        import huggingface_hub

        def pull(cache, *options):
            environment = dict(os.environ, HF_HUB_CACHE=str(cache))
            command = [binary, "pull", ID, "--json", *options]
            return json.loads(subprocess.check_output(command, env=environment))

        result = pull(ours, "--all")
        assert result["files"] == len(FILES), result
        found = huggingface_hub.snapshot_download(ID, cache_dir=ours, local_files_only=True)
        assert found == result["path"], (found, result)
        for name, data in FILES.items():
            path = huggingface_hub.try_to_load_from_cache(ID, name, cache_dir=ours)
            assert pathlib.Path(path).read_bytes() == data, name
        scan = huggingface_hub.scan_cache_dir(ours)
        assert not scan.warnings, scan.warnings
        (repository,) = scan.repos
        assert repository.repo_id == ID and repository.refs.keys() == {"main"}, repository

        part = pathlib.Path(folder, "part")
        result = pull(part)
        assert result["left_out"], result
        found = huggingface_hub.snapshot_download(ID, cache_dir=part, local_files_only=True)
        assert found == result["path"], (found, result)

        huggingface_hub.snapshot_download(ID, cache_dir=theirs)
        name = "models--org--model"
        mine, other = tree(ours / name), tree(theirs / name)
        other.pop(f"trees/{COMMIT}.json", None)
        assert mine == other, {key: (key in mine, key in other) for key in mine.keys() ^ other.keys()}

        requests.clear()
        pull(theirs, "--all")
        assert all(path.startswith("/api/") for _, path in requests), requests
        requests.clear()
        huggingface_hub.snapshot_download(ID, cache_dir=ours)
        assert all(path.startswith("/api/") for _, path in requests), requests
    print(f"huggingface_hub {huggingface_hub.__version__}: both find what the other downloads, {len(FILES)} files")


main()
