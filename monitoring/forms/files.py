"""Downloading the household file: with the scans or without."""

from django import forms


class FileForm(forms.Form):
    """Scans only for whoever may see numbers in full."""

    full = forms.BooleanField(label="连同扫描件（证件号码、电话不隐去）", required=False)
    reason = forms.CharField(
        label="下载扫描件的原因",
        required=False,
        max_length=200,
        help_text="不含扫描件的不用填；填写的原因记入审计",
    )
