"""Measures of speed: each gives the limit, the peer and ours, timed in the same run.

`MEASURES` names them for `manage.py bench`. A measure takes a size and returns one dict for each
line: {"name", "size", "rows", "limit", "peer", "ours", "ratio_to_limit", "times_peer", …}, seconds.
"""

from collections.abc import Callable
from typing import Any

from benchmarks import (
    campaign,
    checking,
    comparison,
    export,
    import_households,
    pages,
    papers,
    quality,
    reconciling,
    screening,
)

Measure = Callable[[str], list[dict[str, Any]]]

MEASURES: dict[str, Measure] = {
    "import_households": import_households.measure,
    "all_rules": quality.measure,
    "check_county": checking.measure,
    "comparison": comparison.measure,
    "pages": pages.measure,
    "export": export.measure,
    "papers": papers.measure,
    "reconcile": reconciling.measure,
    "screening": screening.measure,
    "carry_forward": campaign.measure,
}
SIZES = ("village", "county", "province")
