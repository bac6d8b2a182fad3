"""What a closure check is: where its violations come from, and who mends them.

A query gives (household_id, member_id, division_path, subject, detail), one row per violation; its named values are
`county`, `counties`, `campaign`, `county_path`, `year`, `today` and `day` (today, at the latest the campaign's last).
`covers` are comparison findings that count as violations of the check; `ledgers` must be in use and the parameters
`needs` set for the campaign, else it cannot pass.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from counties.models.findings import OwnerLevel

Values = dict[str, Any]
ACTIVE = "m.status IN ('active', 'pending_out')"
_DATED = """(SELECT p.value::numeric FROM households_parameter p
    WHERE p.key = '{key}' AND %(county_path)s LIKE '%%/' || p.division_id || '/%%'
      AND p.effective_from <= to_date({month}, 'YYYYMM')
      AND coalesce(p.effective_to, 'infinity') >= to_date({month}, 'YYYYMM')
    ORDER BY length(p.division_id) DESC LIMIT 1)"""


def value_of(key: str, month: str) -> str:
    """SQL of a numeric parameter as it was in force in a month (YYYYMM, an SQL expression), nearest division first."""
    return _DATED.format(key=key, month=month)


@dataclass(frozen=True, kw_only=True)
class ClosureCheck:
    """One check of the table. `severity` as in policy.md §11.2: B blocks the signature, W is to be explained.

    The checks of the first release are all B; of the fifteen only CC-10 begins as W.
    """

    code: str
    title: str
    kind: str
    owner_level: str
    remedy: str
    severity: str = "B"
    clause: str = "业务规程 §11.2"
    queries: tuple[str, ...] = ()
    frame: Callable[[Values], pl.DataFrame] | None = None
    covers: tuple[str, ...] = ()
    ledgers: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def owner_label(self) -> str:
        return str(OwnerLevel(self.owner_level).label)
