"""`python -m fanpin.embedded stop DIR …` stops servers that a killed process left in a data folder;
`python -m fanpin.embedded healthy URL` is the web container's health check (the image has no curl).
"""

import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from fanpin.embedded.services import stop_leftovers


def main(action: str = "", *values: str) -> int:
    if action == "stop":
        for folder in values:
            stop_leftovers(Path(folder))
        return 0
    if action == "healthy" and values:
        try:
            return 0 if urlopen(values[0], timeout=4).status == 200 else 1
        except (URLError, OSError):
            return 1
    sys.stderr.write(__doc__ or "")
    return 2


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
