"""Uploaded papers: judged by their content, kept under a name that says nothing, sent back as they came."""

import hashlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404

from fanpin.files import storing
from fanpin.files.serving import download
from fanpin.files.storing import store, validate_evidence
from households.models import MemberChangeDocument
from tests.factories import register

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 40
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
PDF = b"%PDF-1.4\n%%EOF\n"


def upload(content: bytes, name: str = "证明.pdf", kind: str = "application/pdf"):
    return SimpleUploadedFile(name, content, content_type=kind)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(JPEG, "image/jpeg"), (PNG, "image/png"), (PDF, "application/pdf")],
)
def test_photos_and_scans_are_taken(content, kind):
    validate_evidence(upload(content))
    assert storing.content_type(upload(content))[0] == kind


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "是空文件"),
        (b"PK\x03\x04 a workbook", "不是照片（JPG、PNG）或 PDF 扫描件"),
        (b"<html><script>alert(1)</script></html>", "不是照片"),
        (b"MZ\x90\x00 a program", "不是照片"),
        (b"<svg onload='x'/>", "不是照片"),
    ],
)
def test_anything_else_is_refused_by_its_content_whatever_its_name_says(content, complaint):
    with pytest.raises(ValidationError, match=complaint) as refused:
        validate_evidence(upload(content, "照片.jpg", "image/jpeg"))
    assert "照片.jpg" in refused.value.messages[0]


def test_a_file_above_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(storing, "EVIDENCE_LIMIT", 100)
    validate_evidence(upload(JPEG + b"0" * 56))
    with pytest.raises(ValidationError, match="超过 20 MB，请压缩"):
        validate_evidence(upload(JPEG + b"0" * 57))


@pytest.fixture
def change(caseworker):
    return register.household(caseworker).changes.first()


def kept(change, caseworker, content=JPEG, name="出生证明.pdf"):
    return store(
        MemberChangeDocument, upload(content, name), by=caseworker, change=change, kind="证明"
    )


def test_what_is_kept_of_a_file(change, caseworker, settings):
    row = kept(change, caseworker)
    row.refresh_from_db()
    assert row.original_name == "出生证明.pdf"
    assert row.content_type == "image/jpeg"
    assert row.size == len(JPEG)
    assert row.sha256 == hashlib.sha256(JPEG).hexdigest()
    assert row.uploaded_by == caseworker
    with row.file.open("rb") as handle:
        assert handle.read() == JPEG


def test_the_stored_name_is_unguessable_and_has_the_extension_of_the_content(change, caseworker):
    first = kept(change, caseworker, name="../../etc/王建国.exe")
    second = kept(change, caseworker, name="../../etc/王建国.exe")
    assert first.file.name != second.file.name
    assert first.file.name.endswith(".jpg")
    assert "王建国" not in first.file.name
    assert ".." not in first.file.name
    assert first.original_name == "王建国.exe"


def test_a_download_has_the_original_name_and_the_judged_type(change, caseworker):
    answer = download(kept(change, caseworker))
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "%E5%87%BA%E7%94%9F" in answer.headers["Content-Disposition"]
    assert b"".join(answer.streaming_content) == JPEG
    answer.close()


def test_a_file_lost_from_the_disk_is_not_found_in_words(change, caseworker):
    row = kept(change, caseworker)
    row.file.storage.delete(row.file.name)
    with pytest.raises(Http404, match="文件已不在存储中"):
        download(row)
