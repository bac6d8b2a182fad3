"""Takes an upload in: type judged by its first bytes, size limited, checksum kept."""

import hashlib
import secrets
from pathlib import PurePath
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from fanpin import clock
from fanpin.files.models import StoredFile

MEGABYTE = 1024 * 1024
EVIDENCE_LIMIT = 20 * MEGABYTE
_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"%PDF-", "application/pdf", ".pdf"),
)
ACCEPTED = "照片（JPG、PNG）或 PDF 扫描件"
F = TypeVar("F", bound=StoredFile)


def content_type(upload: UploadedFile) -> tuple[str, str]:
    """(type, extension) by content; ("", "") when it is none of the accepted kinds."""
    upload.seek(0)
    head = upload.read(16)
    upload.seek(0)
    for signature, kind, extension in _SIGNATURES:
        if head.startswith(signature):
            return kind, extension
    return "", ""


def validate_evidence(upload: UploadedFile) -> None:
    """Refuse a file that is no photo or PDF, is empty, or larger than 20 MB."""
    if not upload.size:
        raise ValidationError(f"“{upload.name}”是空文件，请重新选择")
    if upload.size > EVIDENCE_LIMIT:
        raise ValidationError(f"“{upload.name}”超过 20 MB，请压缩后再上传")
    if not content_type(upload)[0]:
        raise ValidationError(f"“{upload.name}”不是{ACCEPTED}，请换一个文件")


def store(model: type[F], upload: UploadedFile, *, by: Any, **fields: Any) -> F:
    """Save an evidence file as a row of `model`; raises ValidationError with the file's name and the remedy."""
    validate_evidence(upload)
    kind, extension = content_type(upload)
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    row = model(
        original_name=PurePath(upload.name or "").name[:200],
        content_type=kind,
        size=upload.size or 0,
        sha256=digest.hexdigest(),
        uploaded_at=clock.now(),
        uploaded_by=by,
        **fields,
    )
    row.file.save(f"{clock.today():%Y%m}/{secrets.token_hex(16)}{extension}", upload, save=False)
    row.save(force_insert=True)
    return row
