"""Who goes where in a split, who is what to whom after a merge, with the papers; the reviewers' and checkers' words."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import BoundField

from fanpin import clock
from households.choices import choices
from households.forms.changes import PapersForm
from households.models import Household, Member
from households.selectors.changes import papers_for
from monitoring.forms.parts import DATE, StepForm
from monitoring.selectors.reorganising import Place

SIDES = [("stay", "留在原户"), ("move", "分到新户")]
LOOK = {"class": "form-select"}
KINSHIPS = [("", ""), *choices("relation_to_head")]


class ReorganiseForm(PapersForm, StepForm):
    """Common to split and merge: day, papers, note, a kinship for everybody."""

    changed_on = forms.DateField(label="实际发生日期", widget=DATE)
    note = forms.CharField(
        label="情况说明", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self, *args: Any, household: Household, kind: str, people: Sequence[Member], **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.people = list(people)
        self.wanted = papers_for(kind, household.division_path, clock.today())
        self.add_papers(self.wanted.kinds)
        for member in self.people:
            self.fields[f"relation_{member.pk}"] = forms.ChoiceField(
                label=f"{member.name}与户主关系",
                choices=KINSHIPS,
                required=False,
                widget=forms.Select(attrs=LOOK),
            )

    @property
    def relations(self) -> dict[int, str]:
        return {m.pk: self._given(f"relation_{m.pk}") for m in self.people}

    def _given(self, name: str) -> str:
        return getattr(self, "cleaned_data", {}).get(name, "") or ""

    @property
    def lines(self) -> list[tuple[Member, BoundField | None, BoundField]]:
        """(person, which household, kinship there) as the table shows them."""
        return [
            (m, self[f"side_{m.pk}"] if f"side_{m.pk}" in self.fields else None, self[f"relation_{m.pk}"])
            for m in self.people
        ]  # fmt: skip

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "changed_on": data["changed_on"], "note": data["note"], "documents": self.documents,
        }  # fmt: skip


class SplitForm(ReorganiseForm):
    """分户: a side and a kinship for each, and what type the new household is."""

    def __init__(self, *args: Any, household: Household, **kwargs: Any):
        super().__init__(*args, household=household, kind="split", **kwargs)
        for member in self.people:
            self.fields[f"side_{member.pk}"] = forms.ChoiceField(
                label=f"{member.name}去向",
                choices=SIDES,
                initial="stay",
                widget=forms.Select(attrs=LOOK),
            )
            self.fields[f"relation_{member.pk}"].initial = member.relation
        self.fields["other_type"] = forms.ChoiceField(
            label="分出户的户类型", choices=choices("hh_type"), initial=household.hh_type,
            required=False, help_text="与原户相同；须改变的由县级确认时核定",
        )  # fmt: skip

    @property
    def places_by_member(self) -> dict[int, Place]:
        return {
            m.pk: Place(self._given(f"side_{m.pk}") == "move", self._given(f"relation_{m.pk}"))
            for m in self.people
        }

    @property
    def values(self) -> dict[str, Any]:
        return super().values | {
            "places": self.places_by_member,
            "other_type": self.cleaned_data["other_type"],
        }


class MergeForm(ReorganiseForm):
    """并户: a kinship to the one head for the people of both."""

    def __init__(self, *args: Any, household: Household, **kwargs: Any):
        super().__init__(*args, household=household, kind="merge", **kwargs)
        for member in self.people:
            if member.household_id == household.pk:
                self.fields[f"relation_{member.pk}"].initial = member.relation

    @property
    def values(self) -> dict[str, Any]:
        return super().values | {"relations": self.relations}


class DecideForm(StepForm):
    """A reviewer passes or returns; the county may set the new household's type."""

    note = forms.CharField(
        label="审核意见", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    other_type = forms.ChoiceField(
        label="分出户的户类型", choices=[("", "按申报"), *choices("hh_type")], required=False
    )
    sections = (("审核", "note:3 other_type"),)

    def __init__(self, *args: Any, sets_type: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not sets_type:
            del self.fields["other_type"]
            self.sections = (("审核", "note:4"),)


class SplitCheckForm(StepForm):
    finding = forms.CharField(
        label="核查情况", max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="是否真实分户、分开居住和生活，收入、住房、饮水和子女上学情况，有无返贫致贫风险",
    )  # fmt: skip
    sections = (("分户后核查", "finding:4"),)
