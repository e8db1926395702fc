#!/usr/bin/env python3
"""Measures how servers pass a message on to many connections, and prints Markdown tables.

- Fan-out of frames of 150 bytes that are not kept: Playhouse ("somebody writes" in a room), nats-server, mosquitto, and
  broadcasts over the npm packages ws and socket.io. One publishes, all others get each frame; 16 are on their way.
- What memory an idle connection takes, and how long half of all connections take to come back at once.

The load generator (bench/src/fanout) has a core of its own, the server has the others. Servers take turns, round after
round; a figure is the median of the rounds. Needs nats-server, mosquitto, node with ws and socket.io (--node-modules),
and a release build: cargo build --release -p playhouse -p playhouse-bench
"""

import argparse
import json
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from ports import free_port

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PASSWORD = "correct horse battery"
# Twenty letters with the mark that the generator counts: a frame has 150 bytes.
PUBLISHER = "load____publisherabc"
LIMITS = {
    "REALTIME__MAX_PER_ACCOUNT": "100000", "REALTIME__MAX_PER_ADDRESS": "100000",
    "REALTIME__CONNECTS_PER_MINUTE": "10000000", "REALTIME__REQUESTS_PER_SECOND": "100000000",
    "REALTIME__REQUESTS_BURST": "100000000", "REALTIME__TYPING_PAUSE_MS": "0",
    "SERVER__MAX_CONNECTIONS": "100000", "ACCOUNTS__BCRYPT_COST": "4", "LOG__FILTER": "error",
}


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
        self.extra = []
        self.process = subprocess.Popen(
            ["taskset", "-c", cores, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=dict(os.environ, **environment))

    def wait(self):
        for _ in range(200):
            try:
                socket.create_connection(self.address.split(":"), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"nothing listens on {self.address}")

    def stop(self):
        self.process.kill()
        self.process.wait()


def playhouse(options, data):
    port = free_port()
    environment = {f"PLAYHOUSE__{key}": value for key, value in LIMITS.items()}
    command = [options.playhouse, "serve", "--listen", f"127.0.0.1:{port}", "--data", tempfile.mkdtemp(dir=data)]
    server = Server(command, port, options.cores, **environment)
    for line in server.process.stdout:
        if line.startswith("  "):
            setup = line.strip()
        if line.startswith("listening on "):
            url = line.split()[-1]
            break
    post(url, "/setup", {"token": setup, "username": "admin", "password": PASSWORD})
    tokens = {}
    for name in (PUBLISHER, "listener"):
        post(url, "/accounts", {"username": name, "password": PASSWORD})
        tokens[name] = post(url, "/sessions", {"username": name, "password": PASSWORD})["token"]
    room = post(url, "/rooms", {"name": "load"}, tokens[PUBLISHER])["id"]
    post(url, "/rooms/join", {"name": "load"}, tokens["listener"])
    server.extra = ["--publisher", tokens[PUBLISHER], "--listener", tokens["listener"], "--room", room]
    return server.wait()


def nats(options, _):
    port = free_port()
    return Server(["nats-server", "-a", "127.0.0.1", "-p", str(port)], port, options.cores).wait()


def mosquitto(options, data):
    port, file = free_port(), os.path.join(data, "mosquitto.conf")
    with open(file, "w", encoding="utf-8") as config:
        config.write(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n")
    return Server(["mosquitto", "-c", file], port, options.cores).wait()


def of_node(script):
    def start(options, _):
        port = free_port()
        # Next to its packages, or node does not find them.
        copy = os.path.join(os.path.dirname(options.node_modules), script)
        shutil.copy(os.path.join(ROOT, "bench/peers", script), copy)
        return Server(["node", copy, str(port)], port, options.cores).wait()
    return start


SERVERS = {
    "playhouse": playhouse, "nats": nats, "mosquitto": mosquitto,
    "ws": of_node("ws.mjs"), "socket.io": of_node("socketio.mjs"),
}


def run(options, name, data, *arguments):
    server = SERVERS[name](options, data)
    try:
        command = ["taskset", "-c", options.generator_core, options.fanout, "--peer", name, "--address", server.address,
                   "--pid", str(server.process.pid), *server.extra, *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout)
    finally:
        server.stop()


def median(found, key):
    return statistics.median(it[key] for it in found)


def fan_out(options, data, subscribers, in_flight):
    arguments = ["--subscribers", str(subscribers), "--in-flight", str(in_flight), "--seconds", str(options.seconds)]
    found = {name: [] for name in options.peers}
    for _ in range(options.rounds):
        for name in options.peers:
            found[name].append(run(options, name, data, *arguments))
    print(f"\n{subscribers} connections, {in_flight} in flight\n")
    print("| server | deliveries/s | p50 ms | p99 ms | CPU-s per million | to nats |\n|---|---|---|---|---|---|")
    base = median(found["nats"], "deliveries_per_second") if "nats" in found else None
    for name, rounds in found.items():
        rate = median(rounds, "deliveries_per_second")
        ratio = f"{rate / base:.2f}" if base else ""
        print(f"| {name} | {rate:,.0f} | {median(rounds, 'p50_ms'):.1f} | {median(rounds, 'p99_ms'):.1f} | "
              f"{median(rounds, 'cpu_seconds_per_million'):.2f} | {ratio} |", flush=True)


def idle(options, data, count):
    print(f"\n{count} idle connections\n")
    print("| server | bytes each | half back at once: p50 ms | p99 ms |\n|---|---|---|---|")
    for name in options.peers:
        found = [run(options, name, data, "--idle", "--subscribers", str(count)) for _ in range(options.rounds)]
        print(f"| {name} | {median(found, 'rss_bytes_each'):,.0f} | {median(found, 'half_back_p50_ms'):,.0f} | "
              f"{median(found, 'half_back_p99_ms'):,.0f} |", flush=True)


def main():
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--playhouse", default=os.path.join(target, "release/playhouse"))
    parser.add_argument("--fanout", default=os.path.join(target, "release/fanout"))
    parser.add_argument("--node-modules", default=os.path.join(target, "peers/fanout/node_modules"))
    parser.add_argument("--peers", nargs="+", choices=SERVERS, default=list(SERVERS))
    parser.add_argument("--subscribers", nargs="+", type=int, default=[1000, 5000])
    parser.add_argument("--in-flight", nargs="+", type=int, default=[16])
    parser.add_argument("--idle", nargs="*", type=int, default=[5000])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--generator-core", default="0")
    parser.add_argument("--cores", default=f"1-{max(1, (os.cpu_count() or 2) - 1)}", help="of the server")
    options = parser.parse_args()
    options.node_modules = os.path.abspath(options.node_modules)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for tool in {"nats": "nats-server", "mosquitto": "mosquitto", "ws": "node", "socket.io": "node"}.items():
        if tool[0] in options.peers and not (shutil.which(tool[1]) or os.path.exists(f"/usr/sbin/{tool[1]}")):
            sys.exit(f"{tool[1]} is missing: apt-get install {re.sub('^node$', 'nodejs', tool[1])}")
    os.environ["PATH"] += ":/usr/sbin"
    with tempfile.TemporaryDirectory() as data:
        for subscribers in options.subscribers:
            for in_flight in options.in_flight:
                fan_out(options, data, subscribers, in_flight)
        for count in options.idle:
            idle(options, data, count)


main()
