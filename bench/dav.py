#!/usr/bin/env python3
"""Measures many small files over WebDAV, and prints a Markdown table.

10,000 files of 4 KiB in 100 folders, over 8 connections at once: sent by PUT, listed by PROPFIND of each folder, fetched by
GET. Beside the house: wsgidav (its files on disk, cheroot) and dufs, in turn, round after round; a figure is the median of
the rounds. And the same files sent to the house by `playhouse-cli drive put`, as one line.

The peers write the bytes and nothing else. The house also hashes them, and a file is durable when it is answered. The load
generator is Python in as many processes as connections; where it is the limit, servers look alike.
Needs release builds: cargo build --release -p playhouse -p playhouse-cli; dufs and wsgidav where --dufs and --wsgidav say
(a peer that is left out is told as not measured).
"""

import argparse
import base64
import http.client
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from urllib.parse import urlsplit

from pages import PASSWORD, ROOT, House
from ports import free_port, wait_for

FOLDERS = 100


class Client:
    """One connection that stays open."""

    def __init__(self, base, secret):
        self.base = urlsplit(base)
        self.headers = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()} if secret else {}
        self.connection = http.client.HTTPConnection(self.base.netloc, timeout=60)

    def call(self, method, path, body=None, **headers):
        self.connection.request(method, self.base.path + path, body, {**self.headers, **headers})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def share(work, number, of):
    """The folders that one connection sees to."""
    return [folder for folder in range(FOLDERS) if folder % of == number]


def send(base, secret, run, files, number, of):
    client, content = Client(base, secret), os.urandom(4096)
    for folder in share(files, number, of):
        status, _ = client.call("MKCOL", f"/{run}/{folder}/")
        assert status == 201, f"MKCOL {status}"
        for file in range(files // FOLDERS):
            # No two files alike: a server that keeps equal bytes once would have it too easy.
            body = f"{run} {folder} {file} ".encode() + content
            status, _ = client.call("PUT", f"/{run}/{folder}/file{file:04d}.bin", body[:4096])
            assert status in (201, 204), f"PUT {status}"


def look(base, secret, run, files, number, of):
    client = Client(base, secret)
    for folder in share(files, number, of):
        status, body = client.call("PROPFIND", f"/{run}/{folder}/", Depth="1")
        found = body.count(b"file") and body.count(b".bin</")
        assert status == 207 and found >= files // FOLDERS, f"PROPFIND {status}, {found} files"


def fetch(base, secret, run, files, number, of):
    client = Client(base, secret)
    for folder in share(files, number, of):
        for file in range(files // FOLDERS):
            status, body = client.call("GET", f"/{run}/{folder}/file{file:04d}.bin")
            assert status == 200 and len(body) == 4096, f"GET {status}"


def timed(step, base, secret, run, files, connections):
    """Seconds until every connection is done."""
    workers = [multiprocessing.Process(target=step, args=(base, secret, run, files, number, connections))
               for number in range(connections)]
    begun = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        sys.exit(f"{step.__name__} failed at {base}")
    return time.perf_counter() - begun


def start_peers(options, folder):
    """The servers beside the house: name, base address, sign-in, process."""
    peers = []
    if options.dufs:
        port = free_port()
        os.makedirs(f"{folder}/dufs")
        command = [options.dufs, "-A", "-b", "127.0.0.1", "-p", str(port), f"{folder}/dufs"]
        peers.append(("dufs", f"http://127.0.0.1:{port}", None, command, port))
    if options.wsgidav:
        port = free_port()
        os.makedirs(f"{folder}/wsgidav")
        command = [options.wsgidav, "--host", "127.0.0.1", "--port", str(port), "--root", f"{folder}/wsgidav",
                   "--auth", "anonymous", "--server", "cheroot", "-q"]
        peers.append(("wsgidav", f"http://127.0.0.1:{port}", None, command, port))
    started = []
    for name, base, secret, command, port in peers:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(port)
        started.append((name, base, secret, process))
    for name, given in (("dufs", options.dufs), ("wsgidav", options.wsgidav)):
        if not given:
            print(f"{name} is not measured: its place was not given.")
    return started


def by_command_line(options, house, token, folder, files, number):
    """Seconds that `playhouse-cli drive put` takes for a folder of such files."""
    source = f"{folder}/source{number}"
    for at in range(FOLDERS):
        os.makedirs(f"{source}/{at}")
        for file in range(files // FOLDERS):
            with open(f"{source}/{at}/file{file:04d}.bin", "wb") as target:
                target.write(os.urandom(4096))
    environment = dict(os.environ, PLAYHOUSE_SERVER=house.url, PLAYHOUSE_TOKEN=token, PLAYHOUSE_CONFIG_DIR=f"{folder}/cli")
    begun = time.perf_counter()
    subprocess.run([options.cli, "--quiet", "drive", "put", source, f"/cli{number}/"], check=True, env=environment,
                   stdout=subprocess.DEVNULL)
    took = time.perf_counter() - begun
    shutil.rmtree(source)
    return took


def main():
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(target, "release", "playhouse"))
    parser.add_argument("--cli", default=os.path.join(target, "release", "playhouse-cli"))
    parser.add_argument("--dufs")
    parser.add_argument("--wsgidav")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", help="where all of them keep their files, such as a tmpfs")
    options = parser.parse_args()
    files = max(options.files // FOLDERS, 1) * FOLDERS
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        house = House(options.binary, f"{folder}/house")
        token, peers = house.member(), start_peers(options, folder)
        servers = [("playhouse", f"{house.url}/dav", f"ann:{PASSWORD}"), *(peer[:3] for peer in peers)]
        taken = {(name, step): [] for name, *_ in servers for step in (send, look, fetch)}
        put = []
        for number in range(options.rounds):
            for name, base, secret in servers:
                status, _ = Client(base, secret).call("MKCOL", f"/run{number}/")
                assert status == 201, f"MKCOL {status} at {name}"
                for step in (send, look, fetch):
                    taken[name, step].append(timed(step, base, secret, f"run{number}", files, options.connections))
            put.append(by_command_line(options, house, token, folder, files, number))
        memory = house.rss()
        for *_, process in peers:
            process.terminate()
            process.wait()
        house.stop()
    print(f"{files} files of 4 KiB, {options.connections} connections, median of {options.rounds} rounds\n")
    print("| server | PUT, files/s | PROPFIND, files/s | GET, files/s |\n|---|---|---|---|")
    for name, *_ in servers:
        rates = [files / statistics.median(taken[name, step]) for step in (send, look, fetch)]
        print(f"| {name} | " + " | ".join(f"{rate:,.0f}" for rate in rates) + " |")
    print(f"| `playhouse-cli drive put` | {files / statistics.median(put):,.0f} | | |")
    print(f"\nThe house has {memory:.0f} MB resident at the end.")


main()
