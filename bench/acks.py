#!/usr/bin/env python3
"""Measures acknowledgements: how many offsets of uploads, and how many plain changes, a second become durable and are
answered, for 1, 8 and 64 clients at once.

Prints a Markdown table. `--binary` may be given several times, to compare builds; they are loaded in turn. The folder
should be on a real disk: the flush is what this is about.

    cargo build --release -p playhouse
    bench/acks.py [--folder /var/tmp] [--binary PATH ...]
"""

import argparse
import base64
import http.client
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PASSWORD = "correct horse battery"
STREAM = "application/offset+octet-stream"


class House:
    def __init__(self, binary, folder):
        self.process = subprocess.Popen(
            [binary, "serve", "--listen", "127.0.0.1:0", "--data", folder],
            stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PLAYHOUSE__LOG__FILTER": "error", "PLAYHOUSE__ACCOUNTS__BCRYPT_COST": "4",
                 "PLAYHOUSE__UPLOADS__MAX_OPEN": "1000000"})
        setup = None
        for line in self.process.stdout:
            if line.startswith("listening on "):
                self.host = line.split()[-1].split("//")[1]
                break
            if line.startswith("  "):
                setup = line.strip()
        names = {"username": "admin", "password": PASSWORD}
        client = self.client()
        self.call(client, "POST", "/setup", {"token": setup, **names})
        self.token = json.loads(self.call(client, "POST", "/sessions", names)[1])["token"]

    def client(self):
        return http.client.HTTPConnection(self.host)

    def call(self, client, method, path, body=None):
        client.request(method, f"/api/v1{path}", json.dumps(body), {"Content-Type": "application/json"})
        answer = client.getresponse()
        return answer, answer.read()

    def tus(self, client, method, path, headers, body=None):
        headers = {"Authorization": f"Bearer {self.token}", "Tus-Resumable": "1.0.0", **headers}
        client.request(method, path, body, headers)
        answer = client.getresponse()
        answer.read()
        if answer.status not in (201, 204):
            raise SystemExit(f"{method} {path} answered {answer.status}")
        return answer

    def create(self, client):
        said = "purpose " + base64.b64encode(b"movie").decode()
        headers = {"Upload-Length": str(1 << 30), "Upload-Metadata": said}
        return self.tus(client, "POST", "/api/v1/uploads", headers).headers["Location"]


def offsets(house, client, until):
    """One upload, 1 KiB a request."""
    path, offset, count = house.create(client), 0, 0
    while time.monotonic() < until:
        headers = {"Content-Type": STREAM, "Upload-Offset": str(offset)}
        house.tus(client, "PATCH", path, headers, b"x" * 1024)
        offset, count = offset + 1024, count + 1
    return count


def changes(house, client, until):
    """Uploads that are only begun: one change each, and no other file."""
    count = 0
    while time.monotonic() < until:
        house.create(client)
        count += 1
    return count


def rate(house, work, clients, seconds):
    counts, until = [0] * clients, time.monotonic() + seconds

    def run(number):
        counts[number] = work(house, house.client(), until)
    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    target = os.environ.get("CARGO_TARGET_DIR", f"{ROOT}/target")
    parser.add_argument("--binary", action="append")
    parser.add_argument("--folder", default="/var/tmp")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    binaries = asked.binary or [f"{target}/release/playhouse"]
    folder = tempfile.mkdtemp(prefix="playhouse-acks.", dir=asked.folder)
    houses = []
    try:
        for number, binary in enumerate(binaries):
            houses.append(House(binary, f"{folder}/{number}"))
        print("| a second | clients | " + " | ".join(binaries) + " |")
        print("|---|---|" + "---|" * len(binaries))
        for name, work in (("offsets", offsets), ("changes", changes)):
            for clients in (1, 8, 64):
                rates = [[] for _ in houses]
                for _ in range(asked.rounds):
                    for house, found in zip(houses, rates):
                        found.append(rate(house, work, clients, asked.seconds))
                cells = [f"{statistics.median(it):.0f}" for it in rates]
                print(f"| {name} | {clients} | " + " | ".join(cells) + " |", flush=True)
    finally:
        for house in houses:
            house.process.terminate()
            house.process.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
