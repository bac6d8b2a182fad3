"""Papers and reasons of people who join or leave, the new head's kinships, a reviewer's word."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from fanpin import clock
from fanpin.files.storing import ACCEPTED
from households.choices import HEAD, choices
from households.models import Dispute, Household
from households.rules.change_reasons import DECREASE, INCREASE
from households.selectors.changes import papers_by_reason, reasons
from households.selectors.members import roster

ROWS = range(1, 4)


class PapersForm(forms.Form):
    """Up to three papers, each with what it is. `add_papers` once the kinds are known."""

    def add_papers(self, kinds: Iterable[str]) -> None:
        # What a row was called stays with it, also when the reason changed meanwhile.
        posted = [self.data.get(f"kind_{n}", "") or self.initial.get(f"kind_{n}", "") for n in ROWS]
        offered = dict.fromkeys([*kinds, *(kind for kind in posted if kind), "其他佐证"])
        for n in ROWS:
            self.fields[f"kind_{n}"] = forms.ChoiceField(
                label=f"材料{n}", choices=[("", ""), *((k, k) for k in offered)], required=False
            )
            self.fields[f"file_{n}"] = forms.FileField(
                label=f"文件{n}", required=False, help_text=f"{ACCEPTED}，20 MB 以内"
            )
            # htmx leaves the element as it is when the part around it is refreshed: the chosen file stays.
            self.fields[f"file_{n}"].widget.attrs |= {
                "accept": "image/jpeg,image/png,application/pdf",
                "hx-preserve": "true",
            }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for n in ROWS:
            kind, file = data.get(f"kind_{n}"), data.get(f"file_{n}")
            if file and not kind:
                self.add_error(f"kind_{n}", "请选择这个文件是什么材料")
            if kind and not file and f"file_{n}" not in self.errors:
                self.add_error(f"file_{n}", f"请选择“{kind}”的文件")
        return data

    @property
    def documents(self) -> list[tuple[str, UploadedFile]]:
        data = self.cleaned_data
        pairs = ((data.get(f"kind_{n}"), data.get(f"file_{n}")) for n in ROWS)
        return [(kind, file) for kind, file in pairs if kind and file]


class ChangeForm(PapersForm):
    """What happened, when, on which basis, proved by up to three papers."""

    direction = INCREASE
    reason = forms.ChoiceField(label="变更原因")
    changed_on = forms.DateField(label="变更日期", help_text="实际发生的日期，不是填表日期")
    hukou_basis = forms.ChoiceField(
        label="户籍依据",
        choices=[("", ""), *choices("hukou_basis")],
        required=False,
        help_text="不选时按变更原因确定",
    )
    counter_hh_code = forms.CharField(
        label="对方户号", max_length=17, required=False, help_text="户间流转时填写17位系统户号"
    )
    note = forms.CharField(label="情况说明", required=False, max_length=500, widget=forms.Textarea)

    def __init__(self, *args: Any, household: Household, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs["autofocus"] = True
        self.papers = papers_by_reason(household.division_path, clock.today())
        self.fields["reason"].choices = [("", ""), *reasons(self.direction)]  # type: ignore[attr-defined]
        chosen = self.papers.get(self.data.get("reason", "") or self.initial.get("reason", ""))
        of_direction = [
            found for code, found in self.papers.items() if code.startswith(self.direction)
        ]
        kinds = dict.fromkeys(
            kind for found in ([chosen] if chosen else of_direction) for kind in found.kinds
        )
        self.add_papers(kinds)

    @property
    def values(self) -> dict[str, Any]:
        names = ("reason", "changed_on", "hukou_basis", "counter_hh_code", "note")
        return {name: self.cleaned_data[name] for name in names} | {"documents": self.documents}


class IncreaseForm(ChangeForm):
    """Somebody joins; whoever stands in another household can be disputed."""

    dispute = forms.BooleanField(
        label="提请两村核对",
        required=False,
        help_text="确在本户生活的，勾选后重新申报：对方村会收到核对任务，原户转出后本申报继续由乡镇审核。",
    )

    @property
    def values(self) -> dict[str, Any]:
        return super().values | {"dispute": self.cleaned_data["dispute"]}


class DecreaseForm(ChangeForm):
    direction = DECREASE


class EndForm(DecreaseForm):
    """整户减少: nobody else's household is involved."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        del self.fields["counter_hh_code"], self.fields["hukou_basis"]

    @property
    def values(self) -> dict[str, Any]:
        names = ("reason", "changed_on", "note")
        return {name: self.cleaned_data[name] for name in names} | {"documents": self.documents}


class HeadForm(forms.Form):
    """Who becomes head, and what everybody else is to the new head."""

    def __init__(self, *args: Any, household: Household, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.people = list(roster(household))
        candidates = [(str(m.pk), m.name) for m in self.people if not m.is_head]
        self.fields["head"] = forms.ChoiceField(label="新户主", choices=[("", ""), *candidates])
        self.fields["changed_on"] = forms.DateField(label="变更日期", initial=clock.today())
        self.fields["note"] = forms.CharField(
            label="变更原因", max_length=300, widget=forms.Textarea
        )
        kinships = [("", ""), *(pair for pair in choices("relation_to_head") if pair[0] != HEAD)]
        for member in self.people:
            self.fields[f"relation_{member.pk}"] = forms.ChoiceField(
                label=f"{member.name}与新户主关系",
                choices=kinships,
                required=False,
                help_text=f"现为：{member.get_relation_display()}",
            )

    @property
    def relation_names(self) -> str:
        return " ".join(f"relation_{member.pk}" for member in self.people)

    @property
    def relations(self) -> dict[int, str]:
        return {m.pk: self.cleaned_data[f"relation_{m.pk}"] for m in self.people}


class DecisionForm(forms.Form):
    """A reviewer passes or returns."""

    note = forms.CharField(label="审核意见", required=False, max_length=500, widget=forms.Textarea)
    police_match = forms.ChoiceField(
        label="公安比对结果", choices=[("", ""), *choices("match_result")], required=False
    )


class AnswerForm(forms.Form):
    """What the village says that has the person."""

    answer = forms.ChoiceField(
        label="答复", choices=Dispute.Answer.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(label="情况说明", max_length=500, widget=forms.Textarea)


class VerdictForm(forms.Form):
    """The level above decides."""

    note = forms.CharField(label="裁定意见", max_length=500, widget=forms.Textarea)
