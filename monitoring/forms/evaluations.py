"""The form of 帮扶成效评估: one line for each recorded risk."""

from collections.abc import Sequence
from typing import Any

from django import forms

from fanpin import clock
from monitoring.choices import EvaluationConclusion, EvaluationResult
from monitoring.forms.parts import BLANK, DATE, NamesField, StepForm, YesNoField
from monitoring.models import EpisodeRisk, Evaluation

WORDS = forms.Textarea(attrs={"rows": 3})


class EvaluationForm(StepForm):
    evaluated_on = forms.DateField(label="评估日期", widget=DATE, initial=clock.today)
    conclusion = forms.ChoiceField(label="评估结论", choices=BLANK + EvaluationConclusion.choices)
    household_agrees = YesNoField(label="农户认可")
    visitors = NamesField(label="评估人员")
    effect = forms.CharField(label="帮扶成效", widget=WORDS)
    next_steps = forms.CharField(
        label="下步措施", widget=WORDS, required=False, help_text="继续帮扶的必填"
    )
    disagreement = forms.CharField(
        label="农户意见", widget=WORDS, required=False, help_text="不认可的必填"
    )

    def __init__(
        self,
        *args: Any,
        risks: Sequence[EpisodeRisk],
        evaluation: Evaluation | None = None,
        **kwargs: Any,
    ) -> None:
        self.risks = risks
        initial = _initial(evaluation) | kwargs.pop("initial", {})
        super().__init__(*args, initial=initial, **kwargs)
        for risk in risks:
            self.fields[f"r{risk.pk}_result"] = forms.ChoiceField(
                label=f"{risk}", choices=BLANK + EvaluationResult.choices
            )
            self.fields[f"r{risk.pk}_note"] = forms.CharField(
                label=f"{risk}：说明", max_length=200, required=False
            )
        lines = " ".join(f"r{r.pk}_result r{r.pk}_note:3" for r in risks)
        shown = (("各项风险的成效", lines),) if risks else ()
        self.sections = (
            *shown,
            ("评估", "evaluated_on conclusion household_agrees visitors:2 effect:4 next_steps:4"
                     " disagreement:4"),
        )  # fmt: skip

    @property
    def results(self) -> dict[int, tuple[str, str]]:
        d = self.cleaned_data
        return {r.pk: (d[f"r{r.pk}_result"], d[f"r{r.pk}_note"]) for r in self.risks}

    @property
    def given(self) -> dict[str, Any]:
        """What the service takes."""
        d = self.cleaned_data
        own = {name: d[name] for name in EvaluationForm.base_fields}
        return {**own, "household_agrees": bool(d["household_agrees"]), "results": self.results}

    def clean_household_agrees(self) -> bool:
        value = self.cleaned_data["household_agrees"]
        if value is None:
            raise forms.ValidationError("请选择农户是否认可")
        return bool(value)


def _initial(evaluation: Evaluation | None) -> dict[str, Any]:
    """A returned one comes back as it was handed in."""
    if evaluation is None:
        return {}
    found: dict[str, Any] = {
        "evaluated_on": evaluation.evaluated_on,
        "conclusion": evaluation.conclusion,
        "household_agrees": "1" if evaluation.household_agrees else "0",
        "visitors": "、".join(evaluation.visitors),
        "effect": evaluation.effect,
        "next_steps": evaluation.next_steps,
        "disagreement": evaluation.disagreement,
    }
    for line in evaluation.risks.all():
        found[f"r{line.risk_id}_result"] = line.result
        found[f"r{line.risk_id}_note"] = line.note
    return found


class OpinionForm(StepForm):
    opinion = forms.CharField(
        label="审核意见", max_length=300, required=False, widget=WORDS, help_text="退回的必填"
    )
    sections = (("审核", "opinion:4"),)
