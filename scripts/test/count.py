"""Reads what a test runner wrote and prints "PASSED FAILED".

Usage: count.py KIND FILE, where KIND is cargo (libtest or nextest), vitest (its JSON), junit, or litmus (its log).
Prints nothing and fails when the output holds no result at all.
"""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree


def of_cargo(text):
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    counts = [
        (int(passed), int(failed))
        for passed, failed in re.findall(r"^test result: \S+ (\d+) passed; (\d+) failed", text, re.M)
    ]
    for summary in re.findall(r"^ +Summary \[.*", text, re.M):
        numbers = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|exec failed|timed out)", summary)}
        run = re.search(r"\] *(\d+)(?:/(\d+))? tests? run", summary)
        passed = numbers.get("passed", 0)
        # A test that was not run because another one failed did not pass.
        counts.append((passed, int(run.group(2) or run.group(1)) - passed))
    return counts


def of_vitest(text):
    result = json.loads(text)
    total, passed = result["numTotalTests"], result["numPassedTests"]
    broken = sum(1 for it in result["testResults"] if it["status"] == "failed" and not it["assertionResults"])
    return [(passed, total - passed + broken)]


def of_junit(text):
    counts = []
    for suite in ElementTree.fromstring(text).iter("testsuite"):
        total = int(suite.get("tests"))
        bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        counts.append((total - bad - int(suite.get("skipped", 0)), bad))
    return counts


def of_litmus(text):
    """A test that was skipped did not pass; a suite that ended early has no summary, and counts as one that failed."""
    text = re.sub(r".*\r", "", text)
    begun = len(re.findall(r"^-> running", text, re.M))
    ended = [(int(a), int(b)) for a, b in re.findall(r"of \d+ tests run: (\d+) passed, (\d+) failed", text)]
    skipped = len(re.findall(r"^ *\d+\. \S+ +SKIPPED", text, re.M))
    return ended + [(0, begun - len(ended) + skipped)] if begun else []


def main():
    kind, file = sys.argv[1:]
    with open(file, encoding="utf-8", errors="replace") as source:
        counts = {"cargo": of_cargo, "vitest": of_vitest, "junit": of_junit, "litmus": of_litmus}[kind](source.read())
    if not counts:
        sys.exit(1)
    print(sum(it[0] for it in counts), sum(it[1] for it in counts))


main()
