#!/usr/bin/env python3
"""Measures uploads, and prints Markdown tables.

- A 1 GiB file in one request, side by side with an nginx PUT, dufs and @tus/server, on a tmpfs. All run at once and are
  loaded in turn, round after round; a ratio is the median over the pairs.
- The memory that 64 uploads at once add to the house, after those and in a fresh one at rest.
- The same file on a disk (--disk), beside `dd` that flushes as often as the house does: what durability costs.

nginx, dufs and @tus/server write the bytes and nothing else. The house also hashes them (BLAKE3) and makes them durable
before it answers, and every 32 MiB on the way. Needs curl, nginx with its DAV module, Node with @tus/server (--tus says
where; without it, or without --dufs, that peer is left out and the table says so), and a release build:

    cargo build --release -p playhouse
"""

import argparse
import base64
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.request

from ports import free_port, wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PASSWORD = "correct horse battery"
NGINX = """
worker_processes 2;
daemon off;
user root;
pid {dir}/nginx.pid;
error_log {dir}/nginx.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_max_body_size 0;
    client_body_temp_path {dir}/nginx-body;
    server {{
        listen 127.0.0.1:{port};
        root {dir}/put;
        dav_methods PUT DELETE;
    }}
}}
"""


TUS = """
const { Server } = require("@tus/server");
const { FileStore } = require("@tus/file-store");
new Server({ path: "/files", datastore: new FileStore({ directory: %s }) }).listen({ host: "127.0.0.1", port: %d });
"""
CLIENTS = 64
SHARE_MIB = 32


def dufs_command(binary, folder, port):
    os.makedirs(f"{folder}/dufs")
    return [binary, "-A", "-b", "127.0.0.1", "-p", str(port), f"{folder}/dufs"]


def tus_command(modules, folder, port):
    os.makedirs(f"{folder}/tus")
    script = TUS % (json.dumps(f"{folder}/tus"), port)
    return ["env", f"NODE_PATH={modules}", "node", "-e", script]


def start(command, port):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(port)
    return process


def cpu_seconds(pid):
    """Of a process and its children, by the kernel's count."""
    total = 0
    for each in [pid, *children(pid)]:
        with open(f"/proc/{each}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as listed:
        return [int(each) for each in listed.read().split()]


def peak_mb(pid):
    peaks = []
    for each in [pid, *children(pid)]:
        with open(f"/proc/{each}/status") as status:
            line = next(it for it in status if it.startswith("VmHWM"))
        peaks.append(int(line.split()[1]) / 1024)
    return max(peaks)


def call(method, url, token=None, body=None, headers=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data=data, method=method)
    if body is not None:
        request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    for name, value in (headers or {}).items():
        request.add_header(name, value)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
        return answer.headers, json.loads(text) if text else None


def start_nginx(folder):
    port = free_port()
    os.makedirs(f"{folder}/put")
    with open(f"{folder}/nginx.conf", "w") as config:
        config.write(NGINX.format(dir=folder, port=port))
    process = subprocess.Popen(["nginx", "-c", f"{folder}/nginx.conf", "-p", folder],
                               stderr=subprocess.DEVNULL)
    wait_for(port)
    return process, port


def start_house(binary, folder):
    port = free_port()
    data = f"{folder}/house"
    process = subprocess.Popen(
        [binary, "serve", "--listen", f"127.0.0.1:{port}", "--data", data],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PLAYHOUSE__LOG__FILTER": "error"})
    wait_for(port)
    url = f"http://127.0.0.1:{port}/api/v1"
    with open(f"{data}/setup-token") as token:
        body = {"token": token.read().strip(), "username": "admin", "password": PASSWORD}
    call("POST", f"{url}/setup", body=body)
    body = {"username": "admin", "password": PASSWORD}
    return process, url, call("POST", f"{url}/sessions", body=body)[1]["token"]


def curl(*arguments):
    begun = time.monotonic()
    subprocess.run(["curl", "-sS", "--fail", "-o", "/dev/null", "-H", "Expect:", *arguments],
                   check=True)
    return time.monotonic() - begun


def put(port, film):
    url = f"http://127.0.0.1:{port}/film.mp4"
    took = curl("-T", film, url)
    urllib.request.urlopen(urllib.request.Request(url, method="DELETE")).close()
    return took


def make_upload(base, size, token=None, purpose=None):
    """The address of a new tus upload."""
    said = lambda text: base64.b64encode(text.encode()).decode()
    metadata = f"filename {said('film.mp4')}" + (f",purpose {said(purpose)}" if purpose else "")
    made, _ = call("POST", base, token, headers={
        "Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata": metadata})
    return f"{base}/{made['Location'].rsplit('/', 1)[1]}"


def patch_arguments(address, film, token=None):
    signed = ["-H", f"Authorization: Bearer {token}"] if token else []
    return ["-X", "PATCH", "-T", film, "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Offset: 0",
            "-H", "Content-Type: application/offset+octet-stream", *signed, address]


def upload(base, film, token=None, purpose=None):
    """Seconds for the bytes of one upload in one request, by tus."""
    address = make_upload(base, os.path.getsize(film), token, purpose)
    took = curl(*patch_arguments(address, film, token))
    call("DELETE", address, token, headers={"Tus-Resumable": "1.0.0"})
    return took


def forget_peak(pid):
    with open(f"/proc/{pid}/clear_refs", "w") as refs:
        refs.write("5")


def growth_mb(house, base, token, film):
    """What the peak of the house is above its memory at rest, while 64 clients send at once."""
    size = SHARE_MIB << 20
    part = f"{film}.part"
    with open(film, "rb") as whole, open(part, "wb") as out:
        out.write(whole.read(size))
    forget_peak(house.pid)
    at_rest = peak_mb(house.pid)
    addresses = [make_upload(base, size, token, "movie") for _ in range(CLIENTS)]
    clients = [subprocess.Popen(["curl", "-sS", "--fail", "-o", "/dev/null", "-H", "Expect:",
                                 *patch_arguments(address, part, token)]) for address in addresses]
    if any(client.wait() for client in clients):
        raise SystemExit("an upload failed")
    peak = peak_mb(house.pid)
    for address in addresses:
        call("DELETE", address, token, headers={"Tus-Resumable": "1.0.0"})
    return at_rest, peak - at_rest


def rested(options, folder, processes):
    """The same in a house that has just given back what it does not need (20 s after its start)."""
    film = f"{folder}/film.mp4"
    with open(film, "wb") as out:
        out.write(os.urandom(SHARE_MIB << 20))
    house, url, token = start_house(options.playhouse, folder)
    processes.append(house)
    for _ in range(3):
        upload(f"{url}/uploads", film, token, "movie")
    time.sleep(22)
    at_rest, growth = growth_mb(house, f"{url}/uploads", token, film)
    print(f"In a house at rest they add {growth:.1f} MB to {at_rest:.1f} MB.\n")


def flushed_copy(film, folder):
    """Seconds that dd takes to write the file with a flush after each 32 MiB."""
    begun = time.monotonic()
    subprocess.run(["dd", f"if={film}", f"of={folder}/copy", "bs=32M", "oflag=dsync", "iflag=fullblock"],
                   check=True, stderr=subprocess.DEVNULL)
    took = time.monotonic() - begun
    os.remove(f"{folder}/copy")
    return took


def in_turn(runs, rounds):
    """Seconds of each run in each round, and the processor time that its server used; one round more warms up."""
    times, used = {name: [] for name in runs}, dict.fromkeys(runs, 0)
    for number in range(rounds + 1):
        for name, (process, go) in runs.items():
            before = cpu_seconds(process.pid) if process else 0
            took = go()
            if number:
                times[name].append(took)
                used[name] += (cpu_seconds(process.pid) if process else 0) - before
    return times, used


def table(title, first, runs, times, used, mib):
    print(f"| {title} | MiB/s | to {first} | CPU-s/GiB | peak MB |\n|---|---|---|---|---|")
    for name, (process, _) in runs.items():
        ratio = statistics.median(one / other for one, other in zip(times[first], times[name]))
        speed = mib / statistics.median(times[name])
        cost = f"{used[name] / (mib / 1024 * len(times[name])):.2f} | {peak_mb(process.pid):.0f}" if process else "|"
        print(f"| {name} | {speed:,.0f} | {ratio:.2f} | {cost} |")
    print()


def measure(options, folder, processes, with_peers):
    film = f"{folder}/film.mp4"
    with open(film, "wb") as out:
        for _ in range(options.mib):
            out.write(os.urandom(1 << 20))
    house, url, token = start_house(options.playhouse, folder)
    processes.append(house)
    base = f"{url}/uploads"
    ours = {"playhouse": (house, lambda: upload(base, film, token, "movie"))}
    if not with_peers:
        runs = {"dd": (None, lambda: flushed_copy(film, folder)), **ours}
        table("on a disk, flushed each 32 MiB", "dd", runs, *in_turn(runs, options.rounds), options.mib)
        return
    runs = peers(options, folder, processes, film) | ours
    table("upload in one request", "nginx", runs, *in_turn(runs, options.rounds), options.mib)
    at_rest, growth = growth_mb(house, base, token, film)
    print(f"{CLIENTS} uploads of {SHARE_MIB} MiB at once add {growth:.1f} MB to {at_rest:.1f} MB.\n")


def peers(options, folder, processes, film):
    nginx, port = start_nginx(folder)
    processes.append(nginx)
    runs = {"nginx": (nginx, lambda: put(port, film))}
    if options.dufs:
        dufs_port = free_port()
        dufs = start(dufs_command(options.dufs, folder, dufs_port), dufs_port)
        processes.append(dufs)
        runs["dufs"] = (dufs, lambda: put(dufs_port, film))
    if options.tus:
        tus_port = free_port()
        tus = start(tus_command(options.tus, folder, tus_port), tus_port)
        processes.append(tus)
        runs["@tus/server"] = (tus, lambda: upload(f"http://127.0.0.1:{tus_port}/files", film))
    for name, given in (("dufs", options.dufs), ("@tus/server", options.tus)):
        if not given:
            print(f"{name} is not measured: its place was not given.")
    return runs


def inside(parent, work):
    """Runs `work` with a folder of its own and ends what it starts."""
    folder, processes = tempfile.mkdtemp(dir=parent), []
    try:
        work(folder, processes)
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        shutil.rmtree(folder)


def main():
    target = os.environ.get("CARGO_TARGET_DIR", f"{ROOT}/target")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--playhouse", default=f"{target}/release/playhouse")
    parser.add_argument("--dufs", help="the binary")
    parser.add_argument("--tus", help="the node_modules folder that has @tus/server and @tus/file-store")
    parser.add_argument("--folder", default="/dev/shm", help="a tmpfs, for the table beside the peers")
    parser.add_argument("--disk", default=tempfile.gettempdir(), help="a disk, for the table beside dd")
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    inside(options.folder, lambda folder, running: measure(options, folder, running, True))
    inside(options.folder, lambda folder, running: rested(options, folder, running))
    inside(options.disk, lambda folder, running: measure(options, folder, running, False))


if __name__ == "__main__":
    main()
