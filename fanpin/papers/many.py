"""Many papers as one job: in chunks that are kept as files, so that a killed or cancelled job goes on where it
stopped; at the end one file, or an archive with one file for each place.
"""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from fanpin.jobs.running import Progress
from fanpin.papers.declaring import Paper, Printing
from fanpin.papers.layout import Document
from fanpin.papers.pdf import families, joined, pdf_of
from fanpin.papers.word import docx_of
from fanpin.papers.workbook import xlsx_of

# Households to a chunk: short enough to be cancelled soon; a workbook holds as many sheets.
CHUNK = {"pdf": 20, "xlsx": 60, "docx": 60}
FORMATS = (("pdf", "PDF（打印）"), ("docx", "DOCX（文书）"), ("xlsx", "XLSX（表格）"))
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Counted and cut into chunks by their subjects, not by place.
BY_SUBJECT = ("household", "case")


@dataclass(frozen=True)
class Stack:
    """What is printed of one place: its code and name, and which of its households."""

    place: str
    name: str
    ids: tuple[int, ...]


@dataclass(frozen=True)
class _Step:
    number: int
    stack: Stack
    ids: tuple[int, ...]
    until: int


def folder_of(job: int) -> Path:
    """Where the parts of a job lie until it is done."""
    return Path(settings.MEDIA_ROOT) / "jobs" / "parts" / str(job)


def kept(job: int, choose: Callable[[], list[Stack]]) -> list[Stack]:
    """What the job prints, chosen at its first attempt: a later one goes on with the same households."""
    note = folder_of(job) / "households.json"
    if note.exists():
        return [Stack(place, name, tuple(ids)) for place, name, ids in json.loads(note.read_text())]
    stacks = choose()
    note.parent.mkdir(parents=True, exist_ok=True)
    _write(note, json.dumps([(s.place, s.name, s.ids) for s in stacks]).encode())
    return stacks


def produce(
    progress: Progress, paper: Paper, stacks: Sequence[Stack], printing: Printing, kind: str
) -> Path:
    """Make what is not made yet and give back the finished file in the job's folder."""
    if kind == "pdf":
        families()
    folder = folder_of(progress.job.pk)
    folder.mkdir(parents=True, exist_ok=True)
    steps = list(_steps(paper, stacks, CHUNK[kind]))
    total = steps[-1].until if steps else 0
    for step in steps:
        part = folder / f"{step.number:05d}.{kind}"
        if step.until > progress.done or not part.exists():
            _write(part, _made(paper, step, printing, kind))
            progress.advance(max(step.until, progress.done), total, f"正在生成{step.stack.name}")
    return _finished(folder, paper, steps, kind)


def clear(job: int) -> None:
    """The parts are not needed any more."""
    shutil.rmtree(folder_of(job), ignore_errors=True)


def _steps(paper: Paper, stacks: Sequence[Stack], size: int) -> Iterator[_Step]:
    number = until = 0
    for stack in stacks[:1] if paper.level == "once" else stacks:
        by_subject = paper.level in BY_SUBJECT
        whole = _chunks(stack.ids, size) if by_subject else [stack.ids]
        for ids in whole:
            number += 1
            until += len(ids) if by_subject else 1
            yield _Step(number, stack, ids, until)


def _chunks(ids: tuple[int, ...], size: int) -> list[tuple[int, ...]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def _made(paper: Paper, step: _Step, printing: Printing, kind: str) -> bytes:
    return drawn(paper.build(step.stack.place, step.ids, printing), kind)


def drawn(documents: Iterable[Document], kind: str) -> bytes:
    """The documents as one file of a format; ValidationError where PDF is asked for without a Chinese font."""
    if kind == "xlsx":
        return xlsx_of(documents)
    if kind == "docx":
        return docx_of(documents)
    return joined(pdf_of(document) for document in documents)


def _write(part: Path, data: bytes) -> None:
    """Under another name first: a half-written part is never taken for a whole one."""
    draft = part.with_suffix(".draft")
    draft.write_bytes(data)
    draft.rename(part)


def _finished(folder: Path, paper: Paper, steps: Sequence[_Step], kind: str) -> Path:
    """One file for each place (a workbook or DOCX for each chunk); more than one go into an archive."""
    files: list[tuple[str, list[Path]]] = []
    for stack in dict.fromkeys(step.stack for step in steps):
        parts = [folder / f"{s.number:05d}.{kind}" for s in steps if s.stack is stack]
        if kind == "pdf" or len(parts) == 1:
            files.append((stack.name, parts))
        else:
            files += [(f"{stack.name}-{n}", [part]) for n, part in enumerate(parts, 1)]
    if len(files) == 1:
        name, parts = files[0]
        named = paper.title if paper.level == "once" else f"{name}-{paper.title}"
        out = folder / f"{named}.{kind}"
        out.write_bytes(_together(parts))
        return out
    out = folder / f"{paper.title}.zip"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, parts in files:
            archive.writestr(f"{name}-{paper.title}.{kind}", _together(parts))
    return out


def _together(parts: Sequence[Path]) -> bytes:
    if len(parts) == 1:
        return parts[0].read_bytes()
    return joined(part.read_bytes() for part in parts)
