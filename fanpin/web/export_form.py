"""What is asked for when a list is exported."""

from django import forms
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


class ExportForm(forms.Form):
    """`address`: the list with its conditions, on this system; full numbers need a reason."""

    address = forms.CharField(max_length=4000)
    kind = forms.ChoiceField(choices=[("xlsx", "XLSX"), ("csv", "CSV")], required=False)
    full = forms.BooleanField(required=False)
    reason = forms.CharField(max_length=200, required=False)

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or "xlsx"

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"])
        if not address.startswith("/") or not url_has_allowed_host_and_scheme(address, None):
            raise forms.ValidationError("要导出的列表不正确，请从列表页重新导出。")
        return address

    def clean(self) -> dict:
        found = super().clean() or {}
        if found.get("full") and len(found.get("reason", "").strip()) < 4:
            self.add_error("reason", "显示完整证件号码须写明原因（至少4个字），将记入审计。")
        return found

    def back(self, request: HttpRequest) -> str:
        """Where to say what is wrong: the list itself."""
        return str(self.cleaned_data.get("address") or "/")
