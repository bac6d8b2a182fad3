"""Which paper, in which form, with full numbers or not."""

from typing import Any

from django import forms

from fanpin.papers.declaring import Paper
from fanpin.papers.many import FORMATS


class PrintForm(forms.Form):
    """An order for papers; the last two fields only for whoever may show full numbers."""

    paper = forms.ChoiceField(label="表册", widget=forms.RadioSelect)
    kind = forms.ChoiceField(label="格式", choices=FORMATS, initial="pdf", widget=forms.RadioSelect)
    full = forms.BooleanField(label="显示完整证件号码、电话和银行卡号", required=False)
    reason = forms.CharField(
        label="显示完整号码的原因",
        required=False,
        max_length=200,
        help_text="不显示完整号码的不用填；填写的原因记入审计",
    )

    def __init__(self, *args: Any, papers: list[Paper], may_show: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        chosen = self.fields["paper"]
        chosen.choices = [(paper.key, paper.title) for paper in papers]  # type: ignore[attr-defined]
        chosen.initial = papers[0].key if papers else ""
        if not may_show:
            del self.fields["full"], self.fields["reason"]

    @property
    def asked(self) -> tuple[bool, str]:
        """(in full, reason)"""
        return bool(self.cleaned_data.get("full")), self.cleaned_data.get("reason", "")
