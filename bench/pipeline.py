#!/usr/bin/env python3
"""Measures what is made of films, and how they are watched, and prints Markdown tables.

- The whole ladder of a film that has to be encoded, made by the house, beside plain ffmpeg with the very arguments that
  the house gave it, one after the other. Goal: at most 5 % more wall time. The arguments are read from the processes
  of a first run, which is not counted; the runs are taken in pairs.
- From the last byte of an upload to the first playable frame of a film that is copied: `playback` names a master
  playlist, and the first segment of its best rendition is there. Goal: under 2 s more than the copying takes.
- Segments of a film to 64 clients through `/media/`, beside nginx with sendfile of the same file. The house checks the
  token, and that the film may be watched. Goal: as fast as downloads.

Needs wrk, nginx, ffmpeg and a release build: cargo build --release -p playhouse
"""

import argparse
import base64
import filecmp
import http.client
import json
import os
import random
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

from pages import PASSWORD, ROOT, House
from transfers import find_tool, start_nginx

PLAYLIST = "application/vnd.apple.mpegurl"

SEGMENTS = """
local ranges = {{ {ranges} }}
local path = "{path}"
function init() math.randomseed(os.time()) end
function request()
    return wrk.format("GET", path, {{ ["Range"] = ranges[math.random(#ranges)] }})
end
"""


def film(path, seconds, size, output):
    """Colours that move and a tone, as one kind of file."""
    source = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25", "-f", "lavfi", "-i", "sine=frequency=330:beep_factor=4"]
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *source, "-t", str(seconds), *shlex.split(output), "-y", path],
                   check=True)
    with open(path, "rb") as file:
        return file.read()


def another(mp4, number):
    """The same film with other bytes: an MP4 may end with bytes that nobody reads."""
    return mp4 + (12).to_bytes(4, "big") + b"free" + number.to_bytes(4, "big")


class Cinema(House):
    """A house with an admin, who publishes."""

    def __init__(self, binary, data):
        super().__init__(binary, data)
        with open(os.path.join(data, "setup-token"), encoding="ascii") as token:
            body = {"token": token.read().strip(), "username": "admin", "password": PASSWORD}
        self.call("POST", "/api/v1/setup", body)
        body = {"username": "admin", "password": PASSWORD}
        self.token = self.call("POST", "/api/v1/sessions", body)["token"]
        self.work = os.path.join(data, "storage", "work")

    def get(self, path):
        return self.call("GET", f"/api/v1{path}", token=self.token)

    def upload(self, name, film):
        """Answers the upload's id, and the moment when its last byte was sent."""
        said = "purpose " + base64.b64encode(b"movie").decode() + ",filename " + base64.b64encode(name.encode()).decode()
        client = http.client.HTTPConnection(self.url.split("//")[1])
        client.putrequest("POST", "/api/v1/uploads")
        for header, value in {"Authorization": f"Bearer {self.token}", "Tus-Resumable": "1.0.0", "Upload-Metadata": said,
                              "Upload-Length": len(film), "Content-Type": "application/offset+octet-stream",
                              "Content-Length": len(film)}.items():
            client.putheader(header, str(value))
        client.endheaders()
        client.send(film)
        sent = time.perf_counter()
        answer = client.getresponse()
        answer.read()
        if answer.status != 201:
            sys.exit(f"an upload was answered with {answer.status}")
        return answer.headers["Location"].rsplit("/", 1)[1], sent

    def publish(self, name, film):
        upload, sent = self.upload(name, film)
        body = {"upload_id": upload, "title": name, "price": 0}
        return self.call("POST", "/api/v1/movies", body, self.token)["id"], sent

    def is_busy(self, movie):
        jobs = self.get(f"/admin/movies/{movie}/renditions")["jobs"]
        failed = [job for job in jobs if job["state"] == "failed"]
        if failed:
            sys.exit(f"a job failed: {failed[0]['kind']}: {failed[0]['last_error']}")
        return any(job["state"] in ("waiting", "running") for job in jobs)

    def wait(self, movie):
        while self.is_busy(movie):
            time.sleep(0.05)

    def make_again(self, movie):
        """Seconds until the whole ladder is there once more."""
        begun = time.perf_counter()
        address = f"{self.url}/api/v1/admin/movies/{movie}/renditions"
        asked = urllib.request.Request(address, b"{}", {"Authorization": f"Bearer {self.token}",
                                                         "Content-Type": "application/json"}, method="POST")
        urllib.request.urlopen(asked).close()
        self.wait(movie)
        return time.perf_counter() - begun

    def stream(self, movie):
        """The address of the master playlist, once there is one."""
        source = self.get(f"/movies/{movie}/playback")["sources"][0]
        return self.url + source["url"] if source["type"] == PLAYLIST else None


class Watcher(threading.Thread):
    """Notes the command lines of the tools that work below a folder."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.found, self.done = folder.encode(), {}, threading.Event()

    def run(self):
        while not self.done.wait(0.005):
            for pid in filter(str.isdigit, os.listdir("/proc")):
                if pid in self.found:
                    continue
                try:
                    with open(f"/proc/{pid}/cmdline", "rb") as file:
                        words = file.read().split(b"\0")[:-1]
                except OSError:
                    continue
                # Not the process that becomes ffmpeg in a moment.
                if words and words[0].endswith(b"ffmpeg") and any(self.folder in word for word in words):
                    self.found[pid] = [word.decode() for word in words]

    def stop(self):
        self.done.set()
        self.join()
        return list(self.found.values())


def by_hand(commands, house, work):
    """Seconds that the same commands take in a folder of our own, one after the other."""
    pattern = re.compile(re.escape(house.work) + r"/[^/]+")
    prepared = []
    for number, command in enumerate(commands):
        folder = os.path.join(work, f"hand-{number}")
        words = [pattern.sub(folder, word) for word in command]
        for word in words:
            if folder in word:
                os.makedirs(os.path.dirname(word.removeprefix("file:")), exist_ok=True)
        prepared.append(words)
    begun = time.perf_counter()
    for words in prepared:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    taken = time.perf_counter() - begun
    for number in range(len(prepared)):
        # The one that only listens has no folder.
        shutil.rmtree(os.path.join(work, f"hand-{number}"), ignore_errors=True)
    return taken


def measure_overhead(binary, work, options):
    bytes_ = film(os.path.join(work, "ladder.mkv"), options.film_seconds, options.size, "-c:v mpeg4 -q:v 3 -c:a libmp3lame")
    house = Cinema(binary, os.path.join(work, "ladder"))
    try:
        movie, _ = house.publish("ladder.mkv", bytes_)
        house.wait(movie)
        watcher = Watcher(house.work)
        watcher.start()
        house.make_again(movie)
        commands = watcher.stop()
        # The sound, the rungs, the sheets and the loudness, which names no folder of ours.
        rungs = house.get(f"/admin/movies/{movie}/renditions")["planned"]
        if len(commands) < len(rungs) + 2:
            sys.exit(f"of {len(rungs)} rungs, the sound and the sheets only {len(commands)} command lines were seen")
        commands.append(loudness_of(commands[0]))
        pairs = []
        for number in range(options.rounds):
            runs = [lambda: house.make_again(movie), lambda: by_hand(commands, house, work)]
            # Whoever is second finds the machine warmer: each is first in turn.
            taken = {index: runs[index]() for index in ((0, 1) if number % 2 == 0 else (1, 0))}
            pairs.append((taken[0], taken[1]))
    finally:
        house.stop()
    return pairs, len(commands), rungs


def loudness_of(sound):
    """The one command line without a folder, from that of the sound, which has the same input."""
    at = sound.index("-map")
    return [*sound[:at + 2], "-vn", "-sn", "-dn", "-af", "ebur128=framelog=verbose", "-f", "null", "-", "-v", "info"]


def read(url, part=None):
    request = urllib.request.Request(url, headers={"Range": part} if part else {})
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def ranges_of(index):
    """The ranges of a playlist: the head, and each segment."""
    head = re.search(r'#EXT-X-MAP:.*BYTERANGE="(\d+)@(\d+)"', index)
    parts = [head.groups(), *re.findall(r"#EXT-X-BYTERANGE:(\d+)@(\d+)", index)]
    return [f"bytes={int(at)}-{int(at) + int(length) - 1}" for length, at in parts]


def best_of(master):
    """The address of the best rendition's playlist, and the playlist itself."""
    text = read(master).decode()
    rows = re.findall(r"#EXT-X-STREAM-INF:BANDWIDTH=(\d+).*\n(.+)", text)
    name = max(rows, key=lambda row: int(row[0]))[1]
    address = urllib.parse.urljoin(master, name)
    return address, read(address).decode()


def measure_first_frame(binary, work, options):
    output = "-c:v libx264 -preset veryfast -b:v 2500k -maxrate 3500k -bufsize 3500k -g 50 -pix_fmt yuv420p -c:a aac -ac 2 -ar 48000 -movflags +faststart"
    path = os.path.join(work, "common.mp4")
    mp4 = film(path, options.film_seconds, options.size, output)
    house = Cinema(binary, os.path.join(work, "first"))
    firsts, copies = [], []
    try:
        for number in range(options.rounds + 1):
            movie, sent = house.publish(f"{number}.mp4", another(mp4, number))
            while (master := house.stream(movie)) is None:
                time.sleep(0.01)
            address, index = best_of(master)
            for part in ranges_of(index)[:2]:
                if not read(urllib.parse.urljoin(address, "media.mp4"), part):
                    sys.exit("a segment is empty")
            first = time.perf_counter() - sent
            house.wait(movie)
            copied = copy_by_hand(path, os.path.join(work, "copy"))
            # The first film warms everything up.
            if number > 0:
                firsts.append(first)
                copies.append(copied)
    finally:
        house.stop()
    return firsts, copies, len(mp4)


def copy_by_hand(path, folder):
    """Seconds that plain ffmpeg takes to copy sound and pictures into segments."""
    os.makedirs(folder)
    begun = time.perf_counter()
    for kind in ("a", "v"):
        words = ["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", f"0:{kind}:0", "-c", "copy", "-f", "hls",
                 "-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", "-hls_flags", "single_file",
                 "-hls_segment_filename", os.path.join(folder, f"{kind}.mp4"), os.path.join(folder, f"{kind}.m3u8")]
        subprocess.run(words, check=True)
    taken = time.perf_counter() - begun
    shutil.rmtree(folder)
    return taken


def blob_like(data, media):
    """The stored file with these bytes."""
    for folder, _, names in os.walk(os.path.join(data, "storage", "blobs")):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.getsize(path) == os.path.getsize(media) and filecmp.cmp(path, media, shallow=False):
                return path
    sys.exit("the file of the rendition is not in the storage")


def wrk(work, url, ranges, seconds):
    """GB/s to 64 clients that take segments at random."""
    script = os.path.join(work, "segments.lua")
    with open(script, "w", encoding="ascii") as lua:
        path = urllib.parse.urlparse(url).path
        lua.write(SEGMENTS.format(ranges=", ".join(f'"{part}"' for part in ranges), path=path))
    command = ["wrk", "-t2", "-c64", f"-d{seconds}s", "--timeout", "60s", "-s", script, url]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"{url} failed under load:\n{out}")
    rate, unit = re.search(r"Transfer/sec:\s+([\d.]+)([KMG]?B)", out).groups()
    return float(rate) * {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}[unit] / 1e9


def measure_segments(binary, work, options):
    output = "-c:v libx264 -preset ultrafast -b:v 5000k -maxrate 5500k -bufsize 5500k -g 50 -pix_fmt yuv420p -c:a aac -ac 2"
    mp4 = film(os.path.join(work, "served.mp4"), options.film_seconds, options.size, output)
    data, films = os.path.join(work, "served"), os.path.join(work, "films")
    house, nginx = Cinema(binary, data), None
    os.makedirs(films)
    # nginx's workers run as another user.
    os.chmod(work, 0o755)
    try:
        movie, _ = house.publish("served.mp4", mp4)
        house.wait(movie)
        house.settle()
        address, index = best_of(house.stream(movie))
        media, ranges = urllib.parse.urljoin(address, "media.mp4"), ranges_of(index)[1:]
        copy = os.path.join(work, "media.mp4")
        with open(copy, "wb") as file:
            file.write(read(media))
        os.link(blob_like(data, copy), os.path.join(films, "film.mp4"))
        os.chmod(os.path.join(films, "film.mp4"), 0o644)
        nginx = start_nginx(work)
        part = random.choice(ranges)
        if read(media, part) != read(nginx.url, part):
            sys.exit("the house serves other bytes than nginx")
        rates = {"playhouse": [], "nginx": []}
        for number in range(options.rounds + 1):
            for name, url in (("nginx", nginx.url), ("playhouse", media)):
                rate = wrk(work, url, ranges, options.seconds)
                if number > 0:
                    rates[name].append(rate)
    finally:
        house.stop()
        if nginx:
            nginx.stop()
    sizes = [int(b) - int(a) + 1 for a, b in (part.removeprefix("bytes=").split("-") for part in ranges)]
    return rates, statistics.median(sizes)


def print_overhead(pairs, commands, rungs, options):
    print(f"| {options.film_seconds} s at {options.size} that has to be encoded ({', '.join(rungs)}), {commands} runs of ffmpeg | seconds |\n|---|---|")
    for name, index in (("made by the house", 0), ("plain ffmpeg, the same arguments", 1)):
        print(f"| {name} | {statistics.median(pair[index] for pair in pairs):.2f} |")
    ratios = [house / plain for house, plain in pairs]
    print(f"| more (median of {len(pairs)} pairs; goal 5 %) | {100 * (statistics.median(ratios) - 1):.1f} % |")
    print(f"| from | {100 * (min(ratios) - 1):.1f} % to {100 * (max(ratios) - 1):.1f} % |\n")


def main():
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--playhouse", default=os.path.join(target, "release", "playhouse"))
    parser.add_argument("--film-seconds", type=int, default=60)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--seconds", type=int, default=4, help="of each run of wrk")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["ladder", "first", "segments"])
    parser.add_argument("--dir", help="where everything lies; a disk or a tmpfs")
    options = parser.parse_args()
    house = find_tool(options.playhouse, "playhouse", "cargo build --release -p playhouse")
    for tool in ("wrk", "nginx", "ffmpeg"):
        find_tool("", tool, f"apt-get install {tool}")
    with tempfile.TemporaryDirectory(prefix="playhouse-bench.", dir=options.dir) as work:
        if options.only in (None, "ladder"):
            print_overhead(*measure_overhead(house, work, options), options)
        if options.only in (None, "first"):
            firsts, copies, size = measure_first_frame(house, work, options)
            first, copied = statistics.median(firsts), statistics.median(copies)
            more = statistics.median(a - b for a, b in zip(firsts, copies))
            print(f"| {options.film_seconds} s at {options.size}, {size / 1e6:.0f} MB, which is copied | seconds |\n|---|---|")
            print(f"| last byte to first playable frame | {first:.2f} (at most {max(firsts):.2f}) |")
            print(f"| plain ffmpeg copying it | {copied:.2f} |")
            print(f"| more (goal 2) | {more:.2f} |\n")
        if options.only in (None, "segments"):
            rates, size = measure_segments(house, work, options)
            ratio = statistics.median(a / b for a, b in zip(rates["playhouse"], rates["nginx"]))
            print(f"| segments of {size / 1e6:.1f} MB to 64 clients | GB/s | to nginx |\n|---|---|---|")
            for name, measured in rates.items():
                print(f"| {name} | {statistics.median(measured):.2f} | {ratio if name == 'playhouse' else 1:.2f} |")


if __name__ == "__main__":
    main()
