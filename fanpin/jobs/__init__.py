"""Long work: a job is a row before it is a task.

`@runner("households.import", label="导入农户表")` names a function in an app's jobs.py;
`enqueue("households.import", by=user, params={...}, path=division_path)` starts it after commit.
"""

from importlib import import_module
from typing import Any

from fanpin.jobs.registry import every_day, runner

__all__ = ["Cancelled", "Progress", "enqueue", "every_day", "runner"]

_HOMES = {
    "enqueue": "fanpin.jobs.services",
    "Progress": "fanpin.jobs.running",
    "Cancelled": "fanpin.jobs.running",
}


def __getattr__(name: str) -> Any:
    """These stand on the Job model, which Django does not allow to be imported with the package."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(_HOMES[name]), name)
