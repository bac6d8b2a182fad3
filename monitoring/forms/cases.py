"""What every form of a step stands on: the case, the transition and what they ask for."""

from typing import Any

from django import forms

from monitoring.forms.parts import DATE, StepForm
from monitoring.selectors.case_facts import CaseFacts
from monitoring.workflow import inputs as i
from monitoring.workflow.transitions import Transition


def date_field(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DATE, **more)


class CaseForm(StepForm):
    """A form that knows its case and its transition."""

    def __init__(self, *args: Any, facts: CaseFacts, transition: Transition, **kwargs: Any) -> None:
        self.facts, self.transition = facts, transition
        super().__init__(*args, **kwargs)
        self.shape()

    def shape(self) -> None:
        """Fields that depend on the case."""

    def inputs(self) -> i.Inputs:
        return i.Inputs(note=self.cleaned_data.get("note", ""))
