"""Form parts: lists of names in one box, one row per person or risk, places in a refusal."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from fanpin.accounts.verdicts import Refused

DATE = forms.DateInput(format="%Y-%m-%d")
SEPARATORS = re.compile(r"[、，,;；\s]+")
BLANK = [("", "请选择")]
YES_NO = [("", "请选择"), ("1", "是"), ("0", "否")]


class NamesField(forms.CharField):
    """Several names in one box, divided by 、or a new line; cleaned to a tuple without repeats."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 2}))
        kwargs.setdefault("help_text", "多个姓名用顿号或换行隔开")
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value) or ""
        return tuple(dict.fromkeys(name for name in SEPARATORS.split(text) if name))


class YesNoField(forms.TypedChoiceField):
    """是, 否 or not yet answered (None)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("choices", YES_NO)
        super().__init__(coerce=lambda v: v == "1", empty_value=None, **kwargs)


class StepForm(forms.Form):
    """Base of every step's form. `places` says which field shows a reason about a whole list."""

    sections: tuple[tuple[str, str], ...] = ()
    places: dict[str, str] = {}
    units: dict[str, str] = {}

    def take_refusal(self, refusal: ValidationError) -> None:
        """Put every reason beside its field, the rest on top."""
        if isinstance(refusal, Refused):
            for reason in refusal.reasons:
                # Django fills params into the text, so a percent sign has to be doubled.
                error = ValidationError(
                    reason.text.replace("%", "%%"),
                    params={"url": reason.url, "clause": reason.clause},
                )
                self.add_error(self._place(reason.field), error)
        elif hasattr(refusal, "error_dict"):
            for name, errors in refusal.error_dict.items():
                self.add_error(self._place(name), errors)
        else:
            self.add_error(None, refusal)

    def _place(self, name: str) -> str | None:
        name = self.places.get(name, name)
        return name if name in self.fields else None


def rows(prefix: str, count: int, names: Iterable[str]) -> str:
    """Field names of numbered rows, for a section."""
    parts = [word.partition(":") for word in names]
    return " ".join(
        f"{prefix}{n}_{name}{colon}{span}"
        for n in range(1, count + 1)
        for name, colon, span in parts
    )
