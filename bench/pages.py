#!/usr/bin/env python3
"""Measures what the house answers besides films, and prints Markdown tables.

- A catalogue page of 50 films, signed in, hot, beside constant answers of the same server: the file of the web client
  that is nearest in size (its bytes are in memory), and `/healthz`, which has six bytes.
- Pages that nobody asked for before (each with another cursor), at 100,000 and at 1,000,000 films.
- What is left of the hot page's speed while eight people sign in at once, over and over.
- The memory of an idle server with the demo library.

Everything runs on loopback, in turn, round after round; a figure is the median of the rounds.
Needs wrk, ffmpeg and a release build: cargo build --release -p playhouse
"""

import argparse
import base64
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PASSWORD = "correct horse battery"

COLD = """
local urls = {{}}
for line in io.lines({path}) do urls[#urls + 1] = line end
local at = 0
function init() at = math.random(#urls) end
function request()
  at = at % #urls + 1
  return wrk.format("GET", urls[at], {{ ["Authorization"] = "Bearer {token}" }})
end
"""


class House:
    """A server with a data folder of its own."""

    def __init__(self, binary, data, *arguments, films=0):
        if films:
            command = [binary, "bench-data", "--data", data, "--movies", str(films)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        environment = dict(os.environ, PLAYHOUSE__LOG__FILTER="warn")
        self.process = subprocess.Popen(
            [binary, "serve", "--listen", "127.0.0.1:0", "--data", data, *arguments],
            stdout=subprocess.PIPE, env=environment, text=True)
        self.data = data
        self.url = None
        for line in self.process.stdout:
            if line.startswith("listening on "):
                self.url = line.split()[-1]
                break
        if self.url is None:
            sys.exit("the server did not start")

    def call(self, method, path, body=None, token=None):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def member(self):
        """A member's token."""
        body = {"username": "ann", "password": PASSWORD}
        self.call("POST", "/api/v1/accounts", body)
        return self.call("POST", "/api/v1/sessions", body)["token"]

    def rss(self):
        """Resident memory in MB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024

    def settle(self):
        """Waits until what the house does by itself after a start is done: two seconds with next to no work."""
        for _ in range(300):
            before = self.worked()
            time.sleep(2)
            if self.worked() - before < 0.05:
                return
        sys.exit("the house does not come to rest")

    def worked(self):
        """Processor time so far, in seconds."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def wrk(url, seconds, token=None, script=None, connections=64):
    command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s"]
    if token:
        command += ["-H", f"Authorization: Bearer {token}"]
    if script:
        command += ["-s", script]
    out = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"the measurement of {url} met errors:\n{out}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])


def constant_like(house, size):
    """The address of the web client's file that is nearest in size, and its size."""
    with urllib.request.urlopen(house.url + "/") as answer:
        names = set(re.findall(r'"(/assets/[^"]+)"', answer.read().decode()))
    for name in list(names):
        if name.endswith((".css", ".js")):
            with urllib.request.urlopen(house.url + name) as answer:
                found = re.findall(r'(?:/assets/|\./|")([\w-]+\.(?:woff2|js|css|svg))', answer.read().decode())
                names |= {f"/assets/{other}" for other in found}
    sizes = {}
    for name in names:
        try:
            with urllib.request.urlopen(house.url + name) as answer:
                sizes[name] = len(answer.read())
        except urllib.error.HTTPError:
            pass
    nearest = min(sizes, key=lambda name: abs(sizes[name] - size))
    return nearest, sizes[nearest]


def cold_script(house, token, work, films):
    """Full pages from everywhere in the catalogue, each asked for once. Its films are a minute apart."""
    page = house.call("GET", "/api/v1/movies?limit=50", token=token)
    text = page["next_cursor"]
    key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    newest = find_number(key)
    oldest = newest - (films - 100) * 60_000_000
    last = cursor_of(with_number(key, oldest))
    if len(house.call("GET", f"/api/v1/movies?limit=50&cursor={last}", token=token)["items"]) < 49:
        sys.exit("the films are not where the measurement takes them to be")
    path = os.path.join(work, "urls")
    with open(path, "w") as urls:
        for _ in range(200_000):
            cursor = cursor_of(with_number(key, random.randint(oldest, newest)))
            urls.write(f"/api/v1/movies?limit=50&cursor={cursor}\n")
    script = os.path.join(work, "cold.lua")
    with open(script, "w") as lua:
        lua.write(COLD.format(path=json.dumps(path), token=token))
    return script


def cursor_of(key):
    text = json.dumps(key, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def find_number(key):
    if isinstance(key, int):
        return key
    items = key.values() if isinstance(key, dict) else key if isinstance(key, list) else []
    return next((found for found in map(find_number, items) if found is not None), None)


def with_number(key, number):
    if isinstance(key, int):
        return number
    if isinstance(key, dict):
        return {name: with_number(value, number) for name, value in key.items()}
    if isinstance(key, list):
        return [with_number(value, number) for value in key]
    return key


def sign_in_until(house, done):
    body = {"username": "ann", "password": PASSWORD}
    while not done.is_set():
        try:
            house.call("POST", "/api/v1/sessions", body)
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise


def during_sign_ins(house, seconds, token):
    done = threading.Event()
    crowd = [threading.Thread(target=sign_in_until, args=(house, done)) for _ in range(8)]
    for person in crowd:
        person.start()
    time.sleep(1)
    speed = wrk(house.url + "/api/v1/movies", seconds, token)
    done.set()
    for person in crowd:
        person.join()
    return speed


def measure_pages(binary, options, work):
    sizes = {"small": options.small, "large": options.large}
    houses = {name: House(binary, os.path.join(work, name), films=count) for name, count in sizes.items()}
    for house in houses.values():
        house.settle()
    tokens = {name: house.member() for name, house in houses.items()}
    scripts = {}
    for name, house in houses.items():
        os.makedirs(os.path.join(work, f"cold-{name}"))
        scripts[name] = cold_script(house, tokens[name], os.path.join(work, f"cold-{name}"), sizes[name])
    small, token = houses["small"], tokens["small"]
    page = json.dumps(small.call("GET", "/api/v1/movies", token=token), separators=(",", ":"), ensure_ascii=False)
    bytes_of = {"page": len(page.encode())}
    asset, bytes_of["constant"] = constant_like(small, bytes_of["page"])
    rounds = {"health": [], "constant": [], "hot": [], "crowd": [], "cold small": [], "cold large": []}
    for _ in range(options.rounds):
        rounds["health"].append(wrk(small.url + "/healthz", options.seconds, token))
        rounds["constant"].append(wrk(small.url + asset, options.seconds, token))
        rounds["hot"].append(wrk(small.url + "/api/v1/movies", options.seconds, token))
        rounds["crowd"].append(during_sign_ins(small, options.seconds, token))
        for name in sizes:
            speed = wrk(houses[name].url, options.seconds, script=scripts[name])
            rounds[f"cold {name}"].append(speed)
    for house in houses.values():
        house.stop()
    return rounds, bytes_of


def ratio(rounds, one, other):
    return statistics.median(a / b for a, b in zip(rounds[one], rounds[other]))


def idle_memory(binary, work):
    house = House(binary, os.path.join(work, "demo"), "--demo")
    for line in house.process.stdout:
        if "complete" in line:
            break
    # The house gives back what starting took, and then what making the demo's films took.
    time.sleep(150)
    memory = house.rss()
    house.stop()
    return memory


def main():
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--playhouse", default=os.path.join(target, "release", "playhouse"))
    parser.add_argument("--small", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="playhouse-bench.") as work:
        memory = idle_memory(options.playhouse, work)
        rounds, bytes_of = measure_pages(options.playhouse, options, work)
    middle = {name: statistics.median(speeds) for name, speeds in rounds.items()}
    print("| 64 connections | requests/s | ratio |\n|---|---|---|")
    print(f"| `/healthz`, 6 bytes | {middle['health']:,.0f} | |")
    print(f"| constant answer, {bytes_of['constant']:,} bytes | {middle['constant']:,.0f} | |")
    print(f"| catalogue page, hot, {bytes_of['page']:,} bytes | {middle['hot']:,.0f} | {ratio(rounds, 'hot', 'constant'):.2f} of the constant answer, {ratio(rounds, 'hot', 'health'):.2f} of `/healthz` |")
    print(f"| the same while eight sign in at once | {middle['crowd']:,.0f} | {ratio(rounds, 'crowd', 'hot'):.2f} of the hot page |")
    print(f"| page asked for the first time, {options.small:,} films | {middle['cold small']:,.0f} | |")
    print(f"| page asked for the first time, {options.large:,} films | {middle['cold large']:,.0f} | {ratio(rounds, 'cold large', 'cold small'):.2f} of the smaller catalogue |")
    print(f"\nIdle with the demo library: {memory:.1f} MB resident.")


if __name__ == "__main__":
    main()
