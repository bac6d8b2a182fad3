"""The household file as one archive: a folder for each episode and case, a table of contents in front.

Papers of the system are masked like any other print; scans show what they show, so they go along only for whoever may
see numbers in full, with a reason.
"""

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from fanpin.papers.declaring import Printing
from fanpin.papers.declaring import papers as every_paper
from fanpin.papers.layout import Document, Prose, Rows
from fanpin.papers.many import drawn
from monitoring.papers import evaluation
from monitoring.papers.folder import Entry, Folder, Part

# Beyond either it is a job: more than a page may take.
MOST_AT_ONCE = 12
LARGEST_AT_ONCE = 8 * 1024 * 1024
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
LEFT_OUT = "扫描件未下载，在系统内查看"
LOST = "文件已不在存储中"
ON_SCREEN = "在系统内打印"


def is_large(folder: Folder, *, scans: bool) -> bool:
    """Whether it takes longer than a page may."""
    size = folder.size if scans else 0
    return len(folder.entries) > MOST_AT_ONCE or size > LARGEST_AT_ONCE


def write(
    out: Path,
    folder: Folder,
    printing: Printing,
    *,
    scans: bool,
    advance: Callable[[int, int, str], object] = lambda done, total, text: None,
) -> int:
    """Write the archive; returns how many papers are in it. `advance` hears of each paper."""
    placed: dict[int, str] = {}
    total = len(folder.entries) + 1
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for done, (name, entry) in enumerate(_named(folder), 1):
            placed[id(entry)] = _put(archive, name, entry, folder, printing, scans=scans)
            advance(done, total, f"正在收集{entry.title}")
        archive.writestr("目录.pdf", drawn([contents(folder, printing, placed)], "pdf"))
        advance(total, total, "目录")
        return len(archive.namelist()) - 1


def _named(folder: Folder) -> Iterator[tuple[str, Entry]]:
    """Every paper with its place in the archive."""
    for n, part in enumerate(folder.parts, 1):
        for m, section in enumerate(part.sections, 1):
            inside = f"{n:02d} {_plain(part.title)}/{m:02d} {_plain(section.title)}"
            for k, entry in enumerate(section.entries, 1):
                yield f"{inside}/{k:02d} {_plain(entry.step)}-{_plain(entry.title)}", entry


def _plain(text: str) -> str:
    return _NOT_IN_NAMES.sub("", text).replace("　", " ").strip()[:60]


def _put(
    archive: zipfile.ZipFile,
    name: str,
    entry: Entry,
    folder: Folder,
    printing: Printing,
    *,
    scans: bool,
) -> str:
    """Put one paper in; where it lies, or why it is not there."""
    if entry.stored is not None:
        if not scans:
            return LEFT_OUT
        name += Path(entry.stored.file.name or "").suffix
        try:
            with entry.stored.file.open("rb") as kept:
                archive.writestr(name, kept.read())
        except FileNotFoundError:
            return LOST
        return name
    documents = _documents(entry, folder, printing)
    if documents is None:
        return ON_SCREEN
    archive.writestr(f"{name}.pdf", drawn(documents, "pdf"))
    return f"{name}.pdf"


def _documents(entry: Entry, folder: Folder, printing: Printing) -> Iterator[Document] | None:
    if entry.paper is not None and entry.file is not None:
        return entry.paper.documents(entry.file, printing, entry.number)
    if entry.evaluation is not None:
        return iter([evaluation.document(entry.evaluation, printing)])
    if entry.register:
        home = folder.household
        return iter(every_paper.by_key[entry.register].build(home.village_id, [home.pk], printing))
    return None


def contents(folder: Folder, printing: Printing, placed: dict[int, str] | None = None) -> Document:
    """The table of contents: every paper in order, and what is missing."""
    household = folder.household
    blocks = [_part(part, placed or {}) for part in folder.parts]
    lacking = [
        (str(n), m.step, m.title, f"{m.wanted}份", f"{m.held}份", m.basis)
        for n, m in enumerate(folder.missing, 1)
    ]
    heads = ("序号", "环节", "资料", "应有", "已有", "依据")
    missing = (
        Rows("尚缺资料", heads, lacking, (0.5, 1.5, 2.0, 0.6, 0.6, 2.2))
        if lacking
        else Prose("尚缺资料", ["按现行材料清单，各环节资料齐全。"])
    )
    return Document(
        title="户内资料目录",
        about=f"{household.village.full_name} {household.head_name}户",
        facts=(f"户号：{household.hh_code}", f"共{len(folder.entries)}件"),
        blocks=(*blocks, missing),
        signatures=("整理人（签字）：", "整理日期：　　　年　　月　　日"),
        note=printing.note,
        style="official",
        row_height=6.5,
    )


def _part(part: Part, placed: dict[int, str]) -> Rows:
    rows: list[tuple[str, ...]] = []
    strong: list[int] = []
    n = 0
    for section in part.sections:
        strong.append(len(rows))
        rows.append(("", section.title, "", "", "", ""))
        for entry in section.entries:
            n += 1
            where = placed.get(id(entry), "")
            short = where.rpartition("/")[2]
            rows.append((str(n), entry.step, entry.title, str(entry.on), entry.kind, short))
    heads = ("序号", "环节", "资料", "日期", "来源", "文件")
    since = f"（{part.since}起）" if part.since else ""
    return Rows(part.title + since, heads, rows, (0.5, 1.8, 2.0, 1.1, 0.9, 2.4), strong=strong)
