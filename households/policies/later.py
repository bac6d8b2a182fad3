"""Indicators of later sheets are filled in only where the dated parameter is on (forms.md §0.2)."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from fanpin.accounts.verdicts import Reason, Verdict
from households.indicators import later_fields
from households.selectors.parameters import later_on
from households.selectors.wording import label_of


def later_only_where_on(model: type[models.Model], fields: Mapping[str, Any], path: str) -> Verdict:
    """Refuses values of later indicators at a place that does not use them; empty ones may pass."""
    given = [
        name
        for name in fields
        if name in later_fields(model._meta.label) and fields[name] not in (None, "", [])
    ]
    if not given or later_on(path):
        return Verdict.yes()
    return Verdict(
        tuple(
            Reason(f"“{label_of(model, name)}”是2022年以后的指标，本地尚未启用", field=name)
            for name in given
        )
    )
