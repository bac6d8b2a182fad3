"""Says which pinned packages are missing or damaged: `python installed.py FILE …`. Standard library only.

Exit code 1 with their names on standard output. A package counts as damaged when a file of its own list is gone.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;#]+)")
NAME = re.compile(r"[A-Za-z0-9._-]+")
# Written when a module is first used, and the scripts of bin/, which nothing of ours calls.
IGNORED = (".pyc", ".pyo")


def pins(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """(name, version) of every line; `-r` leads to the next file."""
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("-r "):
                yield from pins([file.parent / line[3:].strip()])
            elif found := PIN.match(line):
                yield found[1], found[2]


def is_whole(found: Distribution) -> bool:
    """Every file that was installed is still there."""
    listed = found.files
    if not listed:
        return False
    kept = (file for file in listed if not str(file).endswith(IGNORED) and ".." not in file.parts)
    return all(Path(str(found.locate_file(file))).exists() for file in kept)


def wrong(wanted: Iterable[tuple[str, str]]) -> list[str]:
    """Names of what is missing, of another version or damaged, with what they need in turn."""
    found, seen = [], set()
    queue = [(name, version) for name, version in wanted]
    while queue:
        name, version = queue.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in seen:
            continue
        seen.add(key)
        try:
            held = distribution(name)
            good = version in ("", held.version) and is_whole(held)
        except PackageNotFoundError:
            good, held = False, None
        if not good:
            found.append(name)
        # What is needed under a condition may rightly be absent.
        needs = (line for line in (held.requires or ()) if ";" not in line) if held else ()
        queue += [(match[0], "") for line in needs if (match := NAME.match(line))]
    return sorted(found)


if __name__ == "__main__":
    named = wrong(pins(map(Path, sys.argv[1:])))
    sys.stdout.write("、".join(named[:5]) + ("等" if len(named) > 5 else ""))
    sys.exit(bool(named))
