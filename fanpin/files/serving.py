"""Sends a stored file to somebody whose view has already been checked for scope and permission."""

from django.http import FileResponse, Http404

from fanpin.files.models import StoredFile


def download(stored: StoredFile, *, inline: bool = False) -> FileResponse:
    """The file under its original name; 404 in words when it is no longer on the disk."""
    try:
        handle = stored.file.open("rb")
    except FileNotFoundError as missing:
        raise Http404("文件已不在存储中，请联系系统管理员") from missing
    return FileResponse(
        handle,
        as_attachment=not inline,
        filename=stored.original_name,
        content_type=stored.content_type,
    )
