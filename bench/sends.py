#!/usr/bin/env python3
"""Measures how many messages a second are kept and acknowledged over the network, and prints a Markdown table.

200 senders in 50 rooms, each of whom says the next thing when the one before is acknowledged; everybody gets what the
others in the room say. Playhouse over its live connections (SQLite, durable when it answers), beside Prosody's multi-user
chat with its archive on, in files and in SQLite.

The load generator (bench/src/sends) has a core of its own, the server has the others; what it took of its core is in the
last column. Servers take turns, round after round; a figure is the median of the rounds. The folder should be on a real
disk: the flush is what this is about. Needs prosody, lua-dbi-sqlite3 and a release build:

    cargo build --release -p playhouse -p playhouse-bench
    bench/sends.py [--folder /var/tmp]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request

from ports import free_port, wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PASSWORD = "correct horse battery"
LIMITS = {
    "REALTIME__MAX_PER_ADDRESS": "100000", "REALTIME__REQUESTS_PER_SECOND": "100000000",
    "REALTIME__REQUESTS_BURST": "100000000", "CHAT__MESSAGES_PER_MINUTE": "1000000000",
    "CHAT__ROOMS_PER_HOUR": "100000", "ACCOUNTS__REGISTRATIONS_PER_HOUR": "100000", "ACCOUNTS__BCRYPT_COST": "4", "LOG__FILTER": "error",
}
PROSODY = """
data_path = "{folder}"
pidfile = "{folder}/prosody.pid"
run_as_root = true
log = {{ error = "*stderr" }}
c2s_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_require_encryption = false
c2s_direct_tls_ports = {{}}
s2s_ports = {{}}
http_ports = {{}}
https_ports = {{}}
modules_enabled = {{ "saslauth" }}
modules_disabled = {{ "s2s" }}
authentication = "anonymous"
allow_unencrypted_plain_auth = true
VirtualHost "localhost"
Component "rooms.localhost" "muc"
    modules_enabled = {{ "muc_mam" }}
    muc_room_locking = false
    muc_log_by_default = true
    muc_log_presences = false
    storage = {{ muc_log = "{storage}" }}
    sql = {{ driver = "SQLite3", database = "{folder}/archive.sqlite" }}
"""


def post(url, path, body, token=None):
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{url}/api/v1{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


class Server:
    """A server on the cores that are not the generator's."""

    def __init__(self, command, port, cores, **environment):
        self.address = f"127.0.0.1:{port}"
        self.words = []
        self.process = subprocess.Popen(
            ["taskset", "-c", cores, *command], stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})

    def stop(self):
        self.process.kill()
        self.process.wait()


def playhouse(options, folder):
    port = free_port()
    environment = {f"PLAYHOUSE__{key}": value for key, value in LIMITS.items()}
    command = [options.playhouse, "serve", "--listen", f"127.0.0.1:{port}", "--data", folder]
    server = Server(command, port, options.cores, **environment)
    for line in server.process.stdout:
        if line.startswith("  "):
            setup = line.strip()
        if line.startswith("listening on "):
            break
    url = f"http://127.0.0.1:{port}"
    post(url, "/setup", {"token": setup, "username": "admin", "password": PASSWORD})
    file = os.path.join(folder, "senders")
    with open(file, "w", encoding="utf-8") as senders:
        for number in range(options.senders):
            names = {"username": f"sender_{number}", "password": PASSWORD}
            post(url, "/accounts", names)
            token = post(url, "/sessions", names)["token"]
            path = "/rooms" if number < options.rooms else "/rooms/join"
            room = post(url, path, {"name": f"room {number % options.rooms}"}, token)
            senders.write(f"{token} {room['id']}\n")
    server.words = ["--peer", "playhouse", "--senders-file", file]
    return server


def prosody(storage):
    def start(options, folder):
        port = free_port()
        config = os.path.join(folder, "prosody.cfg.lua")
        with open(config, "w", encoding="utf-8") as text:
            text.write(PROSODY.format(folder=folder, port=port, storage=storage))
        server = Server(["prosody", "--config", config, "-F"], port, options.cores)
        wait_for(port)
        server.words = ["--peer", "xmpp"]
        return server
    return start


SERVERS = {
    "playhouse": playhouse,
    "prosody, archive in SQLite": prosody("sql"),
    "prosody, archive in files": prosody("internal"),
}


def run(options, name):
    folder = tempfile.mkdtemp(prefix="playhouse-sends.", dir=options.folder)
    server = SERVERS[name](options, folder)
    try:
        command = ["taskset", "-c", options.generator_core, options.generator, "--address", server.address,
                   "--pid", str(server.process.pid), "--senders", str(options.senders), "--rooms", str(options.rooms),
                   "--seconds", str(options.seconds), *server.words]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found = json.loads(done.stdout)
        found["kept"] = kept(name, folder)
        return found
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def kept(name, folder):
    """Bytes of the archive, to show that there is one."""
    size = 0
    for base, _, files in os.walk(folder):
        is_archive = name == "playhouse" or "muc_log" in base or "archive.sqlite" in files
        size += sum(os.path.getsize(os.path.join(base, it)) for it in files) if is_archive else 0
    return size


def main():
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--playhouse", default=os.path.join(target, "release/playhouse"))
    parser.add_argument("--generator", default=os.path.join(target, "release/sends"))
    parser.add_argument("--folder", default="/var/tmp")
    parser.add_argument("--peers", nargs="+", choices=SERVERS, default=list(SERVERS))
    parser.add_argument("--senders", type=int, default=200)
    parser.add_argument("--rooms", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--generator-core", default="0")
    parser.add_argument("--cores", default=f"1-{max(1, (os.cpu_count() or 2) - 1)}", help="of the server")
    options = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    if any(name != "playhouse" for name in options.peers) and not shutil.which("prosody"):
        sys.exit("prosody is missing: apt-get install prosody lua-dbi-sqlite3")
    found = {name: [] for name in options.peers}
    for _ in range(options.rounds):
        for name in options.peers:
            found[name].append(run(options, name))

    def median(name, key):
        return statistics.median(it[key] for it in found[name])
    print(f"\n{options.senders} senders in {options.rooms} rooms\n")
    print("| server | acknowledged/s | p50 ms | p99 ms | its CPU-s per 1000 | of its cores | generator's core | kept MB |")
    print("|---|---|---|---|---|---|---|---|")
    for name in options.peers:
        print(f"| {name} | {median(name, 'per_second'):,.0f} | {median(name, 'p50_ms'):.1f} | {median(name, 'p99_ms'):.1f} | "
              f"{median(name, 'server_cpu_seconds_per_thousand'):.2f} | {median(name, 'server_cpu_share'):.2f} | "
              f"{median(name, 'generator_cpu_share'):.2f} | {median(name, 'kept') / 1e6:.1f} |", flush=True)


main()
