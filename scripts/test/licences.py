"""Checks the licence of every crate in the tree against the list in deny.toml.

Usage: cargo metadata --format-version 1 --locked | licences.py deny.toml
cargo-deny reads the same file; it takes minutes to compile, so the tests do with this.
"""

import json
import re
import sys
import tomllib


def is_allowed(expression, allowed):
    """Evaluates an SPDX expression: OR, AND, WITH and parentheses; the old "A/B" means OR."""
    words = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))
    position = 0

    def any_of():
        nonlocal position
        holds = all_of()
        while position < len(words) and words[position] == "OR":
            position += 1
            holds = all_of() or holds
        return holds

    def all_of():
        nonlocal position
        holds = one()
        while position < len(words) and words[position] == "AND":
            position += 1
            holds = one() and holds
        return holds

    def one():
        nonlocal position
        word = words[position]
        position += 1
        if word == "(":
            holds = any_of()
            position += 1
            return holds
        if position < len(words) and words[position] == "WITH":
            word = f"{word} WITH {words[position + 1]}"
            position += 2
        return word in allowed

    return any_of()


def main():
    with open(sys.argv[1], "rb") as file:
        rules = tomllib.load(file)
    allowed = set(rules["licenses"]["allow"])
    banned = {it["crate"] for it in rules["bans"]["deny"]}
    metadata = json.load(sys.stdin)
    used = {node["id"] for node in metadata["resolve"]["nodes"]}
    packages = [it for it in metadata["packages"] if it["id"] in used]
    wrong = []
    for package in packages:
        name = f"{package['name']} {package['version']}"
        licence = package["license"]
        if package["name"] in banned:
            wrong.append(f"{name} is banned")
        if not licence or not is_allowed(licence, allowed):
            wrong.append(f"{name}: {licence or 'no licence'}")
        if package["source"] and not package["source"].startswith("registry+https://github.com/rust-lang/crates.io-index"):
            wrong.append(f"{name} comes from {package['source']}")
    print("\n".join(wrong) or f"{len(packages)} crates, all under licences that are accepted")
    sys.exit(bool(wrong) or len(packages) < 10)


main()
