#!/usr/bin/env python3
"""Measures what a page of a folder costs, and prints a Markdown table.

The first page of 50 entries of a folder of 100, 10,000 and 100,000 files, in each order, and a page from the middle; each
is one request, and the median over many. What holds: the time does not depend on the size of the folder.

The files are rows over one content, written into the database of a server that stands still.
Needs a release build: cargo build --release -p playhouse
"""

import argparse
import os
import sqlite3
import statistics
import tempfile
import time
import urllib.request
import uuid

from pages import ROOT, House

SIZES = (100, 10_000, 100_000)
SORTS = ("name", "modified", "size")
WIDTHS = "id, account_id, parent_id, kind, name, taken_name, sort_name, blob_id, size, content_type, revision, created_at, modified_at"


def seed(database, account, folders):
    """Fills folders, by id, with so many files."""
    moment = "2026-01-01 00:00:{:02d}.{:06d}"
    blob = str(uuid.uuid4())
    with sqlite3.connect(database) as db:
        total = sum(folders.values())
        db.execute("INSERT INTO blobs (id, blake3, size, created_at, refs) VALUES (?, ?, 1, ?, ?)",
                   (blob, "0" * 64, moment.format(0, 0), total))
        for folder, count in folders.items():
            rows = []
            for number in range(count):
                # Scattered over the order, as names are that people give.
                name = f"holiday {number * 7919 % count:06d}.jpg"
                at = moment.format(number % 60, number * 104729 % 1_000_000)
                rows.append((str(uuid.uuid4()), account, folder, "file", name, name, name, blob,
                             number * 31 % 1000, "image/jpeg", 1, at, at))
            db.executemany(f"INSERT INTO drive_entries ({WIDTHS}) VALUES ({', '.join('?' * 13)})", rows)
        db.execute("ANALYZE")


def milliseconds(house, token, path, times):
    """The median of so many requests, one after the other."""
    request = urllib.request.Request(house.url + path, headers={"Authorization": f"Bearer {token}"})
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        with urllib.request.urlopen(request) as answer:
            answer.read()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def middle(house, token, path, pages):
    """The address of a page that far into a folder."""
    cursor = ""
    for _ in range(pages):
        page = house.call("GET", f"{path}&limit=200{cursor}", token=token)
        if page["next_cursor"] is None:
            break
        cursor = "&cursor=" + page["next_cursor"]
    return f"{path}&limit=50{cursor}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(
        os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "release", "playhouse"))
    parser.add_argument("--times", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        house = House(options.binary, data)
        token = house.member()
        account = house.call("GET", "/api/v1/me", token=token)["id"]
        made = {count: house.call("POST", "/api/v1/drive/folders", {"path": f"/n{count}"}, token)["id"] for count in SIZES}
        house.stop()
        seed(os.path.join(data, "playhouse.db"), account, {made[count]: count for count in SIZES})
        house = House(options.binary, data)
        print("| files in the folder | " + " | ".join(f"by {sort}, ms" for sort in SORTS) + " | from the middle, ms |")
        print("|---|---|---|---|---|")
        for count in SIZES:
            path = f"/api/v1/drive/entries?parent_id={made[count]}"
            cells = [milliseconds(house, token, f"{path}&sort={sort}", options.times) for sort in SORTS]
            address = middle(house, token, path, count // 400)
            cells.append(milliseconds(house, token, address, options.times))
            print(f"| {count:,} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |")
        search = milliseconds(house, token, "/api/v1/drive/entries?q=099999", 10)
        print(f"\nA search for one name among {sum(SIZES):,}: {search:.1f} ms.")
        house.stop()


main()
