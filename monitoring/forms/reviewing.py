"""The decision on the review page: pass, return to a chosen step or refuse; a phrase to pick and words of one's own."""

from collections.abc import Sequence
from typing import Any

from django import forms

from fanpin.files.fields import FilesField
from households.models import PolicyItem
from monitoring.forms.cases import date_field
from monitoring.forms.parts import StepForm
from monitoring.selectors.case_facts import CaseFacts
from monitoring.workflow import inputs as i
from monitoring.workflow import papers
from monitoring.workflow.transitions import END, FORWARD, RETURN, Transition

GROUPS = {FORWARD: "通过", RETURN: "退回", END: "不予通过"}
KEYS = {FORWARD: "pass", RETURN: "return", END: "refuse"}


def phrases_for(t: Transition, rows: Sequence[PolicyItem]) -> list[PolicyItem]:
    """The phrases of a kind of decision."""
    return [row for row in rows if KEYS.get(t.way, "") in row.flags]


class ReviewForm(StepForm):
    decision = forms.ChoiceField(label="决定", widget=forms.RadioSelect)
    phrase = forms.ChoiceField(label="常用意见", required=False)
    note = forms.CharField(
        label="意见或原因", required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="可只选常用意见，也可补充",
    )  # fmt: skip
    visited_on = date_field("实地核实日期", required=False)

    def __init__(
        self,
        *args: Any,
        facts: CaseFacts,
        transitions: Sequence[Transition],
        phrases: Sequence[PolicyItem],
        **kwargs: Any,
    ) -> None:
        self.by_name = {t.name: t for t in transitions}
        self.phrases = {row.code: row for row in phrases}
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = [(t.name, t.label) for t in transitions]  # type: ignore[attr-defined]
        grouped = [
            (label, [(r.code, r.label) for r in phrases if KEYS[way] in r.flags])
            for way, label in GROUPS.items()
        ]
        self.fields["phrase"].choices = [("", "不选"), *((g, rows) for g, rows in grouped if rows)]  # type: ignore[attr-defined]
        names = "decision:4 phrase:4 note:4 visited_on:2"
        names += self._of_pass(facts)
        self.sections = (("审核意见", names),)

    def _of_pass(self, facts: CaseFacts) -> str:
        """What only passing asks for: the seal, the county's grounds, papers."""
        added = ""
        for t in self.by_name.values():
            if t.way != FORWARD:
                continue
            if t.name == "government_pass":
                self.fields["is_sealed"] = forms.BooleanField(
                    label="乡镇政府已盖章", required=False
                )
                added += " is_sealed"
            if t.name in ("county_approve", "county_file"):
                self.fields["category_reason"] = forms.CharField(
                    label="认定理由（提请关注、四有例外、超期回退时必填）", required=False,
                    widget=forms.Textarea(attrs={"rows": 2}),
                )  # fmt: skip
                added += " category_reason:4"
            for paper in papers.of_step(facts, t):
                label = f"{paper.label}（{paper.wanted}份，已有{paper.held}份）"
                self.fields[paper.field] = FilesField(label=label, required=False)
                added += f" {paper.field}:2"
        return added

    def clean(self) -> dict[str, Any]:
        """The phrase and the words of one's own make the opinion; a phrase fits the decision it belongs to."""
        d = super().clean() or self.cleaned_data
        t = self.by_name.get(d.get("decision", ""))
        phrase = self.phrases.get(d.get("phrase", ""))
        if t and phrase and KEYS.get(t.way, "") not in phrase.flags:
            self.add_error("phrase", f"“{phrase.label}”不是“{t.label}”的意见")
        words = [phrase.label if phrase else "", d.get("note", "").strip()]
        d["opinion"] = "；".join(word for word in words if word)
        if t and not d["opinion"]:
            self.add_error("note", "请选择常用意见或写明意见")
        return d

    @property
    def transition(self) -> Transition:
        return self.by_name[self.cleaned_data["decision"]]

    def inputs(self) -> i.Inputs:
        d, t = self.cleaned_data, self.transition
        if t.takes is not i.Decide:
            return i.Inputs(note=d["opinion"])
        return i.Decide(
            note=d["opinion"], visited_on=d["visited_on"], is_sealed=d.get("is_sealed", False),
            category_reason=d.get("category_reason", ""),
        )  # fmt: skip
