"""The dates of a year's round."""

from typing import Any

from django import forms

from households.models import Campaign
from households.selectors.campaigns import LINKS, WINDOW


class CampaignForm(forms.Form):
    """One date for every link of the work; the year is fixed once the round exists."""

    year = forms.IntegerField(label="年度", min_value=2021, max_value=2100)
    name = forms.CharField(label="名称", max_length=60, required=False)
    blocks = (
        ("年度", "year name:3"),
        ("收入计算周期", " ".join(name for _label, name in WINDOW)),
        ("各环节时间（到期提醒，不锁定）", " ".join(name for _label, name in LINKS)),
    )

    def __init__(self, *args: Any, row: Campaign | None = None, **kwargs: Any):
        names = [name for _label, name in (*WINDOW, *LINKS)]
        if row is not None:
            kwargs["initial"] = {name: getattr(row, name) for name in ("year", "name", *names)}
        super().__init__(*args, **kwargs)
        for label, name in (*WINDOW, *LINKS):
            self.fields[name] = forms.DateField(label=label)
        if row is not None and not row._state.adding:
            self.fields["year"].disabled = True

    @property
    def dates(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for _label, name in (*WINDOW, *LINKS)}
