#!/usr/bin/env python3
"""Measures the delivery of a 1 GiB film side by side with nginx, dufs and actix-files.

All servers run at once and are loaded in turn, round after round, so that a change in the
machine's mood hits all of them; the ratio is the median over the rounds of pairs with nginx.
Prints Markdown tables. Needs: nginx, dufs (or --without dufs), and release builds:

    cargo build --release -p playhouse -p playhouse-bench
    bench/transfers.py

The film is put into the house directly: publishing is not what is measured here. The house
checks the ticket and the sign-in of every request.

The load comes from `pull` (bench/src/pull.rs), which has the kernel throw the bodies away; with
`--generator wrk` from wrk, which copies every byte, 8 KiB at a time, and takes several times the
processor time of the faster servers on the same cores, so that it is the limit.
"""

import argparse
import json
import os
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid

from ports import free_port, wait_for

GIB = 1 << 30
MIB = 1 << 20
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PASSWORD = "correct horse battery"
LOADS = {
    "whole x8": {"connections": 8, "ranges": False},
    "1 MiB ranges x64": {"connections": 64, "ranges": True},
}

NGINX = """
worker_processes 2;
daemon off;
pid {dir}/nginx.pid;
error_log {dir}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    default_type video/mp4;
    server {{ listen 127.0.0.1:{port}; root {dir}/films; }}
}}
"""

SCRIPT = """
local token = {token}
local size, part = {size}, 1048576
local ranged = {ranged}
local headers = {{}}
if token then headers["Authorization"] = "Bearer " .. token end
function init() math.randomseed(os.time()) end
function request()
    if ranged then
        local at = math.random(0, size / part - 1) * part
        headers["Range"] = "bytes=" .. at .. "-" .. (at + part - 1)
    end
    return wrk.format("GET", nil, headers)
end
"""


class Server:
    def __init__(self, name, command, url, token=None, **options):
        self.name, self.url, self.token = name, url, token
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **options)

    def pids(self):
        out = subprocess.run(
            ["ps", "--ppid", str(self.process.pid), "-o", "pid="],
            capture_output=True, text=True, check=False,
        ).stdout
        return [self.process.pid, *map(int, out.split())]

    def cpu_seconds(self):
        ticks = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def forget_peak(self):
        for pid in self.pids():
            with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as refs:
                refs.write("5")

    def peak_mb(self):
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/status", encoding="ascii") as status:
                total += int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])
        return total / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()


def call(base, method, path, body=None, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def put_film(data, film, size):
    """The rows and the blob that publishing would have made."""
    blob_hash = uuid.uuid4().hex * 2
    blob = os.path.join(data, "storage", "blobs", blob_hash[:2], blob_hash[2:4], blob_hash)
    os.makedirs(os.path.dirname(blob), exist_ok=True)
    os.link(film, blob)
    now = time.strftime("%Y-%m-%d %H:%M:%S.000000", time.gmtime())
    ids = {name: str(uuid.uuid4()) for name in ("blob", "movie")}
    rows = {
        "blobs": {"id": ids["blob"], "blake3": blob_hash, "size": size, "created_at": now},
        "movies": {
            "id": ids["movie"], "title": "Film", "sort_title": "film", "description": "",
            "category": "", "tags": "[]", "price": 0, "state": "published", "listed_at": now,
            "place": time.time_ns() // 1000,
            "duration_ms": 1000, "width": 1, "height": 1, "video_codec": "h264",
            "content_type": "video/mp4", "file_name": "film.mp4", "blob_id": ids["blob"],
            "fingerprint": "", "popularity": 0, "created_by": "bench", "created_at": now,
            "updated_at": now,
        },
    }
    with sqlite3.connect(os.path.join(data, "playhouse.db"), timeout=10) as db:
        for table, row in rows.items():
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))
    return ids["movie"]


# What starting takes is given back after 20 seconds.
SETTLED_AFTER = 25


def start_house(name, binary, work, film, size):
    data, port = os.path.join(work, name), free_port()
    settings = {"PLAYHOUSE__LOG__FILTER": "warn", "PLAYHOUSE__DOWNLOADS__WAIT_SECONDS": "0"}
    command = [binary, "serve", "--listen", f"127.0.0.1:{port}", "--data", data]
    server = Server(name, command, None, stdout=subprocess.DEVNULL,
                    env={**os.environ, **settings})
    wait_for(port)
    base = f"http://127.0.0.1:{port}"
    api = base + "/api/v1"
    call(api, "POST", "/accounts", {"username": "member", "password": PASSWORD})
    signed_in = call(api, "POST", "/sessions", {"username": "member", "password": PASSWORD})
    movie = put_film(data, film, size)
    ticket = call(api, "POST", f"/movies/{movie}/downloads", {}, signed_in["token"])
    server.url, server.token = base + ticket["url"], signed_in["token"]
    return server


def start_nginx(work):
    port = free_port()
    path = os.path.join(work, "nginx.conf")
    with open(path, "w", encoding="ascii") as config:
        config.write(NGINX.format(dir=work, port=port))
    server = Server("nginx", ["nginx", "-e", f"{work}/nginx.log", "-c", path],
                    f"http://127.0.0.1:{port}/film.mp4")
    wait_for(port)
    return server


def start_dufs(binary, work):
    port = free_port()
    command = [binary, "--bind", "127.0.0.1", "--port", str(port), "--log-format", "",
               os.path.join(work, "films")]
    server = Server("dufs", command, f"http://127.0.0.1:{port}/film.mp4",
                    stdout=subprocess.DEVNULL)
    wait_for(port)
    return server


def start_named_file(binary, film):
    port = free_port()
    server = Server("NamedFile", [binary, f"127.0.0.1:{port}", film],
                    f"http://127.0.0.1:{port}/film")
    wait_for(port)
    return server


def check(server, film):
    """What is measured must be right: one range, byte for byte."""
    headers = {"Range": f"bytes={5 * MIB + 3}-{6 * MIB + 2}"}
    if server.token:
        headers["Authorization"] = f"Bearer {server.token}"
    request = urllib.request.Request(server.url, headers=headers)
    with urllib.request.urlopen(request) as answer, open(film, "rb") as expected:
        expected.seek(5 * MIB + 3)
        if answer.status != 206 or answer.read() != expected.read(MIB):
            sys.exit(f"{server.name} served wrong bytes")


def pull(server, options, kind):
    """Bytes, and bytes a second."""
    host, path = re.match(r"http://([^/]+)(/.*)", server.url).groups()
    command = [options.pull, "--address", host, "--path", path, "--seconds", str(options.seconds),
               "--connections", str(kind["connections"])]
    if server.token:
        command += ["--token", server.token]
    if kind["ranges"]:
        command += ["--part", str(MIB), "--size", str(options.size)]
    result = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return result["bytes"], result["bytes_per_second"]


def wrk(server, options, kind):
    """Bytes, and bytes a second."""
    script = os.path.join(options.folder, "load.lua")
    with open(script, "w", encoding="ascii") as lua:
        token = f'"{server.token}"' if server.token else "nil"
        lua.write(SCRIPT.format(token=token, size=options.size, ranged=str(kind["ranges"]).lower()))
    out = subprocess.run(
        ["wrk", "-t2", f"-c{kind['connections']}", f"-d{options.seconds}s", "--timeout", "60s",
         "-s", script, server.url],
        capture_output=True, text=True, check=True,
    ).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"{server.name} failed under load:\n{out}")
    units = {"B": 1, "KB": 1 << 10, "MB": MIB, "GB": GIB}
    amount, unit = re.search(r"([\d.]+)([KMG]?B) read", out).groups()
    rate, per = re.search(r"Transfer/sec:\s+([\d.]+)([KMG]?B)", out).groups()
    return float(amount) * units[unit], float(rate) * units[per]


GENERATORS = {"pull": pull, "wrk": wrk}


def load(server, options, kind):
    """One run; answers GB/s, CPU seconds of the server for each GB, and its peak MB."""
    server.forget_peak()
    before = server.cpu_seconds()
    taken, rate = GENERATORS[options.generator](server, options, kind)
    cpu = server.cpu_seconds() - before
    return rate / 1e9, cpu / max(taken / 1e9, 1e-9), server.peak_mb()


def measure(servers, options):
    results = {}
    time.sleep(SETTLED_AFTER)
    for name, kind in LOADS.items():
        runs = {server.name: [] for server in servers}
        for number in range(options.rounds + 1):
            for server in servers:
                run = load(server, options, kind)
                # The first round warms caches and connections up.
                if number > 0:
                    runs[server.name].append(run)
        results[name] = runs
    return results


def table(results):
    lines = []
    for name, runs in results.items():
        lines += [f"| {name} | GB/s | to nginx | CPU-s/GB | peak RSS MB |", "|---|---|---|---|---|"]
        base = [rate for rate, _, _ in runs["nginx"]]
        for server, measured in runs.items():
            rates = [rate for rate, _, _ in measured]
            ratio = statistics.median(a / b for a, b in zip(rates, base))
            cpu = statistics.median(cpu for _, cpu, _ in measured)
            peak = max(peak for _, _, peak in measured)
            lines.append(f"| {server} | {statistics.median(rates):.2f} | {ratio:.2f} "
                         f"| {cpu:.2f} | {peak:.0f} |")
        lines.append("")
    return "\n".join(lines)


def find_tool(path, name, install):
    found = path if os.path.exists(path) else shutil.which(name)
    return found or sys.exit(f"{name} is missing: {install}")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    target = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "release")
    options.add_argument("--playhouse", default=os.path.join(target, "playhouse"))
    options.add_argument("--named-file", default=os.path.join(target, "named-file"))
    options.add_argument("--dufs", default=os.path.join(ROOT, "target", "peers", "bin", "dufs"))
    options.add_argument("--pull", default=os.path.join(target, "pull"))
    options.add_argument("--generator", default="pull", choices=GENERATORS)
    options.add_argument("--without", action="append", default=[], choices=["dufs", "NamedFile"])
    options.add_argument("--compare", help="another build of playhouse, measured too")
    options.add_argument("--size", type=int, default=GIB, help="bytes of the film")
    options.add_argument("--seconds", type=int, default=4, help="of each run")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--dir", help="where the film lies; a disk or a tmpfs")
    args = options.parse_args()
    build = "cargo build --release -p playhouse -p playhouse-bench"
    house = find_tool(args.playhouse, "playhouse", build)
    find_tool("", "nginx", "apt-get install nginx")
    if args.generator == "pull":
        find_tool(args.pull, "pull", build)
    else:
        find_tool("", "wrk", "apt-get install wrk")
    servers = []
    with tempfile.TemporaryDirectory(dir=args.dir) as work:
        args.folder = work
        os.mkdir(os.path.join(work, "films"))
        # nginx's workers run as another user.
        os.chmod(work, 0o755)
        film = os.path.join(work, "films", "film.mp4")
        with open(film, "wb") as out:
            for _ in range(args.size // MIB):
                out.write(os.urandom(MIB))
        try:
            servers.append(start_nginx(work))
            servers.append(start_house("playhouse", house, work, film, args.size))
            if args.compare:
                servers.append(start_house("compared", args.compare, work, film, args.size))
            if "dufs" not in args.without:
                dufs = find_tool(args.dufs, "dufs", "cargo install dufs --locked --root target/peers")
                servers.append(start_dufs(dufs, work))
            if "NamedFile" not in args.without:
                servers.append(start_named_file(find_tool(args.named_file, "named-file", build), film))
            for server in servers:
                check(server, film)
            print(table(measure(servers, args)))
        finally:
            for server in servers:
                server.stop()


if __name__ == "__main__":
    main()
