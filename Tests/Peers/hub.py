"""Compares this program's downloads with huggingface_hub's.

Both ask one fake Hub on loopback (HF_ENDPOINT), each into a cache of its own. The caches must then be the same: every
folder, every file with its bytes and its permissions, every link as it is written; all but `trees`, which this program
reads and does not write. Then each opens the other's cache with HF_HUB_OFFLINE=1.

    python3 -m venv venv && venv/bin/pip install -r Tests/Fixtures/requirements.txt
    venv/bin/python Tests/Peers/hub.py .build/release/diffusion-tui
"""

import argparse
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

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures"
TOKEN = "hf_loopback"


def models():
    """The models of the fake Hub: name, folder, changes of the files (None removes one)."""
    unet = FIXTURES / "unet"
    yield "owner/one-level", unet / "one-level", {"README.md": b"# A model\n", "cases.safetensors": None}
    yield "owner/flat", unet / "flat-ddpm", {"cases.safetensors": None}
    yield "owner/sharded", unet / "sharded", {"cases.safetensors": None}
    for folder in sorted((FIXTURES / "stable-diffusion").glob("*/model_index.json")):
        yield f"owner/{folder.parent.name}", folder.parent, {}
    yield "owner/ldm", FIXTURES / "latent-diffusion" / "ddim", {}


class Repository:
    """A model with one commit and a branch, main."""

    def __init__(self, folder, changes):
        self.files = {
            str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
        }
        for name, content in changes.items():
            self.files.pop(name, None)
            if content is not None:
                self.files[name] = content
        self.commit = hashlib.sha1(repr(sorted(self.files.items())).encode()).hexdigest()

    @property
    def variant(self):
        """The kind of weights, where there is no other."""
        weights = [name for name in self.files if name.endswith(".safetensors")]
        return "fp16" if all(".fp16." in name for name in weights) else None

    def is_large(self, name):
        return name.endswith((".safetensors", ".bin"))

    def etag(self, name):
        content = self.files[name]
        if self.is_large(name):
            return hashlib.sha256(content).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    def listing(self):
        for name, content in self.files.items():
            entry = {"type": "file", "path": name, "size": len(content), "oid": self.etag(name)}
            if self.is_large(name):
                pointer = hashlib.sha1(name.encode()).hexdigest()
                lfs = {"oid": self.etag(name), "size": len(content), "pointerSize": 134}
                entry |= {"oid": pointer, "lfs": lfs}
            yield entry


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the Hub does, and, at the content's address, as its store of large files does."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.answer(*self.reply())

    def do_GET(self):
        self.answer(*self.reply())

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def reply(self):
        path = urllib.parse.unquote(self.path.split("?")[0])
        self.server.paths.append((self.command, path, self.headers.get("Authorization")))
        if self.server.is_store:
            return 200, {}, self.server.contents[path.strip("/")]
        parts = path.strip("/").split("/")
        is_api = parts[:2] == ["api", "models"]
        name = "/".join(parts[2:4] if is_api else parts[:2])
        repository = self.server.repositories.get(name)
        if repository is None:
            return 404, {"X-Error-Code": "RepoNotFound"}, b""
        if is_api and parts[4:5] == ["tree"]:
            return self.json(list(repository.listing()))
        if is_api:
            siblings = [{"rfilename": file} for file in repository.files]
            return self.json({"id": name, "modelId": name, "sha": repository.commit, "siblings": siblings, "tags": []})
        file = "/".join(parts[4:])
        headers = {"X-Repo-Commit": repository.commit}
        if file not in repository.files:
            return 404, headers | {"X-Error-Code": "EntryNotFound"}, b""
        content = repository.files[file]
        if not repository.is_large(file):
            return 200, headers | {"ETag": f'"{repository.etag(file)}"'}, content
        location = f"{self.server.store}/{repository.etag(file)}?signature=1"
        linked = {"X-Linked-Etag": f'"{repository.etag(file)}"', "X-Linked-Size": str(len(content))}
        return 302, headers | linked | {"Location": location}, b""

    def json(self, value):
        return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


def serve(is_store, **facts):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.is_store, server.paths = is_store, []
    for name, value in facts.items():
        setattr(server, name, value)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"


def tree(cache):
    """Everything in a cache but `trees`: what it is, its permissions, its bytes or where it leads."""
    found = {}
    for folder, folders, files in os.walk(cache):
        folders[:] = [name for name in folders if name != "trees"]
        for name in folders + files:
            path = pathlib.Path(folder) / name
            key = str(path.relative_to(cache))
            mode = oct(path.lstat().st_mode & 0o7777)
            if path.is_symlink():
                found[key] = ("link", os.readlink(path))
            elif path.is_dir():
                found[key] = ("folder", mode)
            else:
                found[key] = ("file", mode, hashlib.sha256(path.read_bytes()).hexdigest())
    return found


def differences(ours, theirs):
    for key in sorted(ours.keys() | theirs.keys()):
        if ours.get(key) != theirs.get(key):
            yield f"{key}: ours {ours.get(key)}, huggingface_hub's {theirs.get(key)}"


def python(source, environment):
    result = subprocess.run([sys.executable, "-c", source], env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def generate(program, name, environment):
    command = [program, "generate", name, "--seed", "0", "--steps", "1", "--json"]
    result = subprocess.run(command, env=environment, check=True, capture_output=True)
    return json.loads(result.stdout)["images"]["sha256"]


def compare(program, name, variant, address, folder):
    """Compares the two downloads of a model."""
    common = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    common |= {"HF_ENDPOINT": address, "HF_TOKEN": TOKEN, "HOME": folder, "HF_HUB_DISABLE_TELEMETRY": "1"}
    sides = {side: common | {"HF_HUB_CACHE": f"{folder}/{side}"} for side in ("ours", "theirs", "diffusers")}
    pull = [program, "models", "pull", name] + (["--variant", variant] if variant else [])
    subprocess.run(pull, env=sides["ours"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    [snapshot] = pathlib.Path(f"{folder}/ours").glob("models--*/snapshots/*")
    needed = sorted(str(path.relative_to(snapshot)) for path in snapshot.rglob("*") if path.is_symlink())
    python(
        f"import huggingface_hub as h; h.snapshot_download({name!r}, allow_patterns={needed!r}, max_workers=1)",
        sides["theirs"])
    found = list(differences(tree(f"{folder}/ours"), tree(f"{folder}/theirs")))
    assert not found, f"{name}:\n" + "\n".join(found)
    python(f"import diffusers as d; d.DiffusionPipeline.download({name!r}, variant={variant!r})", sides["diffusers"])
    [snapshot] = pathlib.Path(f"{folder}/diffusers").glob("models--*/snapshots/*")
    wanted = sorted(str(path.relative_to(snapshot)) for path in snapshot.rglob("*") if path.is_symlink())
    surplus = set(needed) - set(wanted)
    missing = set(wanted) - set(needed)
    print(
        f"{name}: {len(needed)} files the same; Diffusers takes {len(wanted)}"
        + (f", {sorted(missing)} beside ours" if missing else "") + (f", without {sorted(surplus)}" if surplus else ""),
        flush=True)
    offline = {side: environment | {"HF_HUB_OFFLINE": "1"} for side, environment in sides.items()}
    hashes = {generate(program, name, offline[side]) for side in ("ours", "theirs")}
    assert len(hashes) == 1, f"{name}: the caches give other images: {hashes}"
    python(
        "import diffusers as d; "
        f"d.DiffusionPipeline.from_pretrained({name!r}, variant={variant!r}, safety_checker=None)", offline["ours"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="the built program")
    program = os.path.abspath(parser.parse_args().program)
    repositories = {name: Repository(folder, changes) for name, folder, changes in models()}
    contents = {
        repository.etag(file): content
        for repository in repositories.values() for file, content in repository.files.items()
    }
    store, store_address = serve(True, contents=contents)
    hub, address = serve(False, repositories=repositories, store=store_address)
    for name, repository in repositories.items():
        with tempfile.TemporaryDirectory() as folder:
            compare(program, name, repository.variant, address, folder)
    assert all(token == f"Bearer {TOKEN}" for _, _, token in hub.paths)
    assert store.paths and all(token is None for _, _, token in store.paths), "the token left the Hub"
    print(f"{len(repositories)} models, {len(hub.paths)} requests to the Hub, {len(store.paths)} to its store")


if __name__ == "__main__":
    main()
