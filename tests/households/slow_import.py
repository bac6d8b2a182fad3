"""The import's own runner with a pause after each chunk, so that a test can kill it in between."""

import time
from typing import Any

from fanpin.jobs import Progress, runner
from households import jobs


class Pausing:
    """Progress that rests after each step."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def advance(self, *args: Any, **kwargs: Any) -> None:
        self._progress.advance(*args, **kwargs)
        time.sleep(0.1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._progress, name)


@runner("tests.slow_import", label="慢慢导入")
def slow_import(progress: Progress, **params: Any) -> None:
    jobs.apply(Pausing(progress), **params)  # type: ignore[arg-type]
