"""The form field for several files at once."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from fanpin.files.storing import validate_evidence

EVIDENCE = "image/jpeg,image/png,application/pdf"
"""What the browser offers for photos and scans; the content is judged when they arrive."""


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Cleaned to a list. `judge` raises ValidationError for a file that is not wanted; `most` limits their number."""

    widget = FilesInput

    def __init__(
        self,
        *,
        judge: Callable[[UploadedFile], None] | None = validate_evidence,
        accept: str = EVIDENCE,
        most: int = 0,
        **kwargs: Any,
    ) -> None:
        attrs = {"accept": accept}
        if judge is validate_evidence:
            attrs["data-shrink"] = ""
        kwargs.setdefault("widget", FilesInput(attrs=attrs))
        kwargs.setdefault("error_messages", {"required": "请选择文件"})
        super().__init__(**kwargs)
        self.judge, self.most = judge, most

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        uploads = data if isinstance(data, list | tuple) else [data] if data else []
        if self.required and not uploads:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if self.most and len(uploads) > self.most:
            raise forms.ValidationError(f"一次最多{self.most}个文件，请分次提交")
        for upload in uploads:
            if self.judge is not None:
                self.judge(upload)
        return list(uploads)
