#!/usr/bin/env python3
"""Measures the upload of a 1 GiB file in one request, side by side with an nginx PUT.

Both servers run at once and are loaded in turn, round after round; the ratio is the median over
the pairs. Prints a Markdown table. Needs: curl, nginx with its DAV module, and a release build:

    cargo build --release -p playhouse
    bench/uploads.py [--folder /dev/shm]

nginx writes the bytes and nothing else. The house also hashes them (BLAKE3) and makes them durable
before it answers, and every 32 MiB on the way.
"""

import argparse
import base64
import json
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")


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


def upload(url, token, film):
    said = lambda text: base64.b64encode(text.encode()).decode()
    tus = {"Tus-Resumable": "1.0.0"}
    made, _ = call("POST", f"{url}/uploads", token, headers={
        **tus, "Upload-Length": str(os.path.getsize(film)),
        "Upload-Metadata": f"filename {said('film.mp4')},purpose {said('movie')}"})
    address = f"{url}/uploads/{made['Location'].rsplit('/', 1)[1]}"
    took = curl("-X", "PATCH", "-T", film, "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Offset: 0",
                "-H", "Content-Type: application/offset+octet-stream",
                "-H", f"Authorization: Bearer {token}", address)
    call("DELETE", address, token, headers=tus)
    return took


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=f"{ROOT}/target/release/playhouse")
    parser.add_argument("--folder", default="/dev/shm", help="where the servers write")
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(dir=options.folder)
    processes = []
    try:
        film = f"{folder}/film.mp4"
        with open(film, "wb") as out:
            for _ in range(options.mib):
                out.write(os.urandom(1 << 20))
        nginx, port = start_nginx(folder)
        processes.append(nginx)
        house, url, token = start_house(options.binary, folder)
        processes.append(house)
        put(port, film)
        upload(url, token, film)
        times, used = {"nginx": [], "house": []}, {"nginx": 0, "house": 0}
        for _ in range(options.rounds):
            for name, process, go in (("nginx", nginx, lambda: put(port, film)),
                                      ("house", house, lambda: upload(url, token, film))):
                before = cpu_seconds(process.pid)
                times[name].append(go())
                used[name] += cpu_seconds(process.pid) - before
        gb = options.mib / 1024 * options.rounds
        ratio = statistics.median(n / h for n, h in zip(times["nginx"], times["house"]))
        print("| upload in one request | MiB/s | ratio to nginx PUT | CPU-s/GiB | peak MB |")
        print("|---|---|---|---|---|")
        for name, process, text in (("nginx", nginx, "1.00"), ("house", house, f"{ratio:.2f}")):
            speed = options.mib / statistics.median(times[name])
            print(f"| {name} | {speed:.0f} | {text} | {used[name] / gb:.2f} | {peak_mb(process.pid):.0f} |")
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
