"""One word on each line that waits for a household: pass or return, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from households.models import MemberChange
from households.services.reviewing import Key, Word, lines_of

WORDS = [("pass", "通过"), ("return", "退回")]


@dataclass(frozen=True)
class Line:
    change: MemberChange
    name: str
    word: BoundField
    reason: BoundField


class ReviewForm(forms.Form):
    """`line_<change>_<field>` and `reason_<change>_<field>`."""

    def __init__(self, *args: Any, changes: Sequence[MemberChange], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.keys: list[tuple[MemberChange, str]] = [
            (change, name) for change in changes for name in lines_of(change)
        ]
        for change, name in self.keys:
            key = f"{change.pk}_{name}"
            self.fields[f"line_{key}"] = forms.ChoiceField(
                label="审核", choices=WORDS, widget=forms.RadioSelect, required=False
            )
            self.fields[f"reason_{key}"] = forms.CharField(
                label="原因",
                max_length=200,
                required=False,
                widget=forms.TextInput(attrs={"class": "form-control"}),
            )

    @property
    def lines(self) -> list[Line]:
        return [
            Line(c, name, self[f"line_{c.pk}_{name}"], self[f"reason_{c.pk}_{name}"])
            for c, name in self.keys
        ]

    @property
    def words(self) -> dict[Key, Word]:
        """Only the lines that were given a word; the service says which are missing."""
        data = self.cleaned_data
        return {
            (c.pk, name): Word(data[f"line_{c.pk}_{name}"] == "pass", data[f"reason_{c.pk}_{name}"])
            for c, name in self.keys
            if data[f"line_{c.pk}_{name}"]
        }
