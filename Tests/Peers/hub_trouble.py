"""Downloads over connections that are not secure, and onto a disk that fills up.

A fake Hub on loopback speaks HTTPS with a certificate that nobody has signed, and with one that is trusted and of
another host. Each must be one line with the status of an input or output error, and nothing half-written; with
SSL_CERT_FILE, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE naming the certificate the model arrives. Then the cache lies on a
file system that is too small: one line that says so, and the same command goes on where it ended once there is room.
Mounting one takes root.

    python3 -m venv venv && venv/bin/pip install -r Tests/Fixtures/requirements.txt
    sudo venv/bin/python Tests/Peers/hub_trouble.py .build/release/diffusion-tui
"""

import argparse
import contextlib
import pathlib
import ssl
import subprocess
import tempfile

import hub

NAME = "owner/flat"


@contextlib.contextmanager
def fake(certificate=None):
    """A fake Hub, and the address of it; over HTTPS where there is a certificate."""
    repositories = {name: hub.Repository(folder, changes) for name, folder, changes in hub.models()}
    contents = {r.etag(name): content for r in repositories.values() for name, content in r.files.items()}
    servers = [hub.serve(True, contents=contents), hub.serve(False, repositories=repositories)]
    scheme = "http"
    if certificate:
        scheme = "https"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        for server, _ in servers:
            server.socket = context.wrap_socket(server.socket, server_side=True)
    (_, store), (front, address) = [(server, f"{scheme}://localhost:{server.server_port}") for server, _ in servers]
    front.store = store
    yield address
    for server, _ in servers:
        server.shutdown()


def certificate(folder, host):
    """A certificate for a host that it signs itself, with its key, in one file."""
    path, key = f"{folder}/{host}.pem", f"{folder}/{host}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", path,
         "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"], check=True, capture_output=True)
    pathlib.Path(path).write_text(pathlib.Path(path).read_text() + pathlib.Path(key).read_text())
    return path


def pull(program, address, cache, **more):
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "HF_ENDPOINT": address, "HF_HUB_CACHE": cache}
    return subprocess.run(
        [program, "models", "pull", NAME], env=environment | more, capture_output=True, text=True, timeout=120)


def refused(result, *words):
    """The one line of a refusal; nothing else may have been said."""
    lines = [line for line in result.stderr.replace("\r", "\n").split("\n") if line.startswith("diffusion-tui: ")]
    assert result.returncode in (73, 74) and len(lines) == 1, (result.returncode, result.stderr)
    assert any(word in lines[0] for word in words), lines[0]
    return f"status {result.returncode}: {lines[0]}"


def certificates(program, folder):
    path, other = certificate(folder, "localhost"), certificate(folder, "elsewhere.example")
    for text, shown, trusted in [("unsigned", path, {}), ("another host's", other, {"SSL_CERT_FILE": other})]:
        with fake(shown) as address:
            cache = f"{folder}/refused"
            print(f"{text}:", refused(pull(program, address, cache, **trusted), "not secure"))
            assert not list(pathlib.Path(cache).rglob("blobs/*")), "something was written"
    with fake(path) as address:
        for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            result = pull(program, address, f"{folder}/{variable}", **{variable: path})
            assert result.returncode == 0, result.stderr
            print(f"{variable}: arrived")


def full_disk(program, folder):
    """A disk without room for the weights, and one that has room and no more entries for files."""
    for text, options, more in [("no room", "size=64k", "size=64m"), ("no entries", "nr_inodes=9", "nr_inodes=999")]:
        cache = f"{folder}/{options}"
        pathlib.Path(cache).mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", cache], check=True)
        try:
            with fake() as address:
                print(f"{text}:", refused(pull(program, address, cache), "MB left", "No space left"))
                parts = [path for path in pathlib.Path(cache).rglob("*.incomplete")]
                assert not parts, parts
                subprocess.run(["mount", "-o", f"remount,{more}", cache], check=True)
                for goal in cache, f"{folder}/whole-{options}":
                    result = pull(program, address, goal)
                    assert result.returncode == 0, result.stderr
                found = list(hub.differences(hub.tree(cache), hub.tree(goal)))
                assert not found, "\n".join(found)
                print(f"{text}, then mended: the cache is that of a download in one go")
        finally:
            subprocess.run(["umount", cache], check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    program = str(parser.parse_args().program.resolve())
    with tempfile.TemporaryDirectory() as folder:
        certificates(program, folder)
        full_disk(program, folder)


if __name__ == "__main__":
    main()
