"""Golden files: what is agreed stands beside the tests; FANPIN_RECORD=1 writes it anew, and the diff is read."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def agreed(name: str, made: str) -> None:
    """What was made is what was agreed, character by character."""
    path = FOLDER / name
    if os.environ.get("FANPIN_RECORD"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8"), f"tests/golden/{name}"
