"""What every form of a step stands on: the case, the transition and what they ask for."""

from typing import Any

from django import forms

from fanpin.files.fields import FilesField
from monitoring.forms.parts import DATE, StepForm
from monitoring.selectors.case_facts import CaseFacts
from monitoring.workflow import inputs as i
from monitoring.workflow import papers
from monitoring.workflow.transitions import Transition


def date_field(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DATE, **more)


class CaseForm(StepForm):
    """A form that knows its case and its transition."""

    def __init__(self, *args: Any, facts: CaseFacts, transition: Transition, **kwargs: Any) -> None:
        self.facts, self.transition = facts, transition
        super().__init__(*args, **kwargs)
        self.shape()
        self.sections = (*self.sections, *self._paper_rows())

    def _paper_rows(self) -> list[tuple[str, str]]:
        """A file field for every paper the step asks for; the view keeps what is sent before it takes the step."""
        found = papers.of_step(self.facts, self.transition)
        for paper in found:
            self.fields[paper.field] = FilesField(
                label=f"{paper.label}（{paper.wanted}份）", required=False, help_text=_told(paper)
            )
        return [("材料", " ".join(f"{p.field}:2" for p in found))] if found else []

    @property
    def asked(self) -> list[str]:
        """The inputs of the step, its papers apart."""
        return [name for name, field in self.fields.items() if not isinstance(field, FilesField)]

    def shape(self) -> None:
        """Fields that depend on the case."""

    def inputs(self) -> i.Inputs:
        return i.Inputs(note=self.cleaned_data.get("note", ""))


def _told(paper: papers.Paper) -> str:
    """What lies ready and why it is asked for."""
    held = f"已上传{paper.held}份" if paper.held else "尚未上传"
    return f"{held}。{paper.note}（{paper.basis}）"
