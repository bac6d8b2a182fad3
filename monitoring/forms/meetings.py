"""The form of a meeting: its head once, then a block for each household that waits."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from fanpin import clock
from fanpin.files.fields import FilesField
from households.choices import choices
from monitoring.forms.cases import date_field
from monitoring.forms.parts import BLANK, NamesField, StepForm
from monitoring.selectors.case_facts import CaseFacts
from monitoring.services.meetings import Line
from monitoring.workflow import inputs as i
from monitoring.workflow import papers
from monitoring.workflow.procedures import transition

# Papers of one household alone; the others are the meeting's.
OWN_FLAGS = ("shock",)
VOTES = ("votes_for", "votes_against", "votes_abstain")


class MeetingForm(StepForm):
    held_on = date_field("评议日期", initial=clock.today)
    place = forms.CharField(label="地点", max_length=60, initial="村委会会议室")
    chair = forms.CharField(label="主持人", max_length=40)
    attendees = NamesField(label="到会人员（村两委、驻村队、党员和村民代表）")
    absentees = NamesField(label="缺席人员", required=False)
    minutes = forms.CharField(label="会议记录", widget=forms.Textarea(attrs={"rows": 4}))
    units = dict.fromkeys(VOTES, "票")

    def __init__(self, *args: Any, facts: Sequence[CaseFacts], **kwargs: Any) -> None:
        self.facts = facts
        super().__init__(*args, **kwargs)
        self.shared: dict[str, str] = {}
        self.own: dict[int, dict[str, str]] = {}
        for f in facts:
            self._household(f)
        self._paper_rows()
        files = " ".join(f"{name}:2" for name in self.shared)
        head = "held_on place chair:2 attendees:4 absentees:4 minutes:4"
        self.sections = (("会议", head), *([("会议材料", files)] if files else []))
        self.blocks = [(f, self._names(f)) for f in facts]

    def _household(self, f: CaseFacts) -> None:
        """Taken or not, votes, and where it is marked the category."""
        pre, marks = f"c{f.case.pk}_", f.is_marking
        add = self.fields
        add[f"{pre}taken"] = forms.BooleanField(label="本次评议", required=False, initial=True)
        for name, label in zip(VOTES, ("同意", "不同意", "弃权"), strict=True):
            add[pre + name] = forms.IntegerField(
                label=label, min_value=0, required=False, initial=None if name == VOTES[0] else 0
            )
        if marks:
            add[f"{pre}category"] = forms.ChoiceField(
                label="监测对象类别", choices=BLANK + choices("monitor_type"), required=False,
                initial=f.case.category_suggested,
            )  # fmt: skip
            add[f"{pre}has_hardship"] = forms.BooleanField(
                label="基本生活出现严重困难", required=False
            )
            if f.has_four_haves:
                add[f"{pre}confirms_four_haves"] = forms.BooleanField(
                    label="评议确认四有例外情形", required=False
                )
            add[f"{pre}category_reason"] = forms.CharField(
                label="类别说明", required=False, help_text="与系统建议不同的须写明，不少于10字"
            )
            add[f"{pre}needs"] = forms.CharField(label="初步帮扶需求", required=False)
        add[f"{pre}dissent"] = forms.CharField(label="会上异议和答复", required=False)
        add[f"{pre}note"] = forms.CharField(
            label="未通过原因", required=False, help_text="同意未过半数的必填"
        )

    def _paper_rows(self) -> None:
        """A file of the meeting goes to every household that asks for it; the evidence of a shock to its own."""
        wanted: dict[str, papers.Paper] = {}
        for f in self.facts:
            t = transition(f.case.kind, "deliberate")
            flagged = {r.label for r in f.paper_list if set(r.flags) & set(OWN_FLAGS)}
            for paper in papers.of_step(f, t) if t else ():
                if paper.label in flagged:
                    name = f"c{f.case.pk}_paper"
                    self.own.setdefault(f.case.pk, {})[name] = paper.label
                    self.fields[name] = FilesField(
                        label=f"{paper.label}（已有{paper.held}份）", required=False
                    )
                elif paper.missing:
                    wanted.setdefault(paper.label, paper)
        for n, paper in enumerate(wanted.values(), start=1):
            self.shared[f"paper_{n}"] = paper.label
            self.fields[f"paper_{n}"] = FilesField(
                label=f"{paper.label}（{paper.wanted}份）", required=False,
                help_text="存入本次评议的每一户",
            )  # fmt: skip

    def _names(self, f: CaseFacts) -> str:
        pre = f"c{f.case.pk}_"
        spans = {"category_reason": 4, "needs": 2, "dissent": 2, "note": 2, "paper": 2}
        wide = (n for n in self.fields if n.startswith(pre))
        return " ".join(f"{n}:{spans.get(n.removeprefix(pre), 1)}" for n in wide)

    def lines(self, versions: Mapping[int, int | None]) -> list[Line]:
        """The households that were judged."""
        d, found = self.cleaned_data, []
        for f in self.facts:
            pre = f"c{f.case.pk}_"
            if not d.get(f"{pre}taken"):
                continue
            own = {n.removeprefix(pre): d[n] for n in d if n.startswith(pre)}
            given = i.Deliberate(
                held_on=d["held_on"], place=d["place"], chair=d["chair"], attendees=d["attendees"],
                votes_for=own["votes_for"] or 0, votes_against=own["votes_against"] or 0,
                votes_abstain=own["votes_abstain"] or 0, dissent=own["dissent"], note=own["note"],
                category=own.get("category", ""), has_hardship=own.get("has_hardship", False),
                confirms_four_haves=own.get("confirms_four_haves", False),
                category_reason=own.get("category_reason", ""), needs=own.get("needs", ""),
            )  # fmt: skip
            kept = {label: d[name] for name, label in self.own.get(f.case.pk, {}).items()}
            found.append(Line(f.case, given, versions.get(f.case.pk), kept))
        return found

    @property
    def head(self) -> dict[str, Any]:
        d = self.cleaned_data
        names = ("held_on", "place", "chair", "attendees", "absentees", "minutes")
        files = {label: d[name] for name, label in self.shared.items()}
        return {**{name: d[name] for name in names}, "papers": files}
