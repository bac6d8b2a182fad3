"""Files of a refused page wait for the next attempt, because a browser gives back no chosen file.

Whoever shows a bound form again asks `hold` for each good file (the field component does). The page carries
a signed word for it, as a ticked box `held:<field>`; `HeldFiles` puts the file back among the uploads of the
next POST, for the same account only. Unticked, the file is left out. What nobody sent again goes after two days.
"""

import secrets
import time
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Any

from django.core import signing
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse

PREFIX = "held:"
PLACE = "held"
SALT = "fanpin.files.held"
KEPT_SECONDS = 2 * 24 * 3600
LIMIT = 60 * 1024 * 1024
"""Bytes; what is larger than any form takes is not kept."""


class HeldFile(UploadedFile):
    """An upload taken up again under the same name; `word` is what the page carried."""

    def __init__(self, file: Any, *, name: str, size: int, content_type: str, word: str):
        super().__init__(file, name, content_type, size)
        self.word = word


def hold(upload: UploadedFile) -> str:
    """Keep one file and give its signed word; "" for a file nobody may own (no account) or that is too large."""
    if isinstance(upload, HeldFile):
        return upload.word
    owner = getattr(upload, "owner_id", None)
    if owner is None or not upload.size or upload.size > LIMIT:
        return ""
    upload.seek(0)
    path = default_storage.save(f"{PLACE}/{secrets.token_hex(16)}", upload)
    upload.seek(0)
    kept = {"o": owner, "p": path, "n": upload.name, "t": upload.content_type, "s": upload.size}
    return signing.dumps(kept, salt=SALT)


def take_up(word: str, owner_id: int) -> HeldFile | None:
    """The file behind a word; None when it is another account's, forged, too old or gone."""
    try:
        kept = signing.loads(word, salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return None
    if kept["o"] != owner_id or not default_storage.exists(kept["p"]):
        return None
    file = default_storage.open(kept["p"], "rb")
    return HeldFile(file, name=kept["n"], size=kept["s"], content_type=kept["t"] or "", word=word)


def prune(now: float | None = None) -> int:
    """Delete what was kept longer than two days; how many files went. For the nightly run."""
    oldest = (now or time.time()) - KEPT_SECONDS
    if not default_storage.exists(PLACE):
        return 0
    paths = [str(PurePath(PLACE) / name) for name in default_storage.listdir(PLACE)[1]]
    old = [p for p in paths if default_storage.get_modified_time(p).timestamp() < oldest]
    for path in old:
        default_storage.delete(path)
    return len(old)


class HeldFiles:
    """Puts held files back among the uploads of a POST, before those chosen now: a single field takes the last."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.user.pk is not None:
            _own(request, request.user.pk)
        return self.get_response(request)


def _own(request: HttpRequest, owner: int) -> None:
    for name in list(request.FILES):
        for upload in request.FILES.getlist(name):
            upload.owner_id = owner  # type: ignore[attr-defined]
    for key in request.POST:
        if key.startswith(PREFIX):
            name = key.removeprefix(PREFIX)
            held = _each(request.POST.getlist(key), owner)
            request.FILES.setlist(name, [*held, *request.FILES.getlist(name)])


def _each(words: Iterable[str], owner: int) -> list[UploadedFile]:
    return [file for file in (take_up(word, owner) for word in words) if file is not None]
