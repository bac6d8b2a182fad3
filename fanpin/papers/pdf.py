"""A document as PDF. One compilation for each document keeps memory flat (60 cards at once take 580 MB,
one by one 170 MB); the parts are joined afterwards.
"""

import io
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import segno
import typst
from django.conf import settings
from django.core.exceptions import ValidationError
from pypdf import PdfReader, PdfWriter

from fanpin.papers.layout import STYLES, Block, Boxes, Document, Opinions, Rows

TEMPLATE = (Path(__file__).parent / "paper.typ").read_bytes()
# By name, as Debian, Windows and the county offices' Linux have them; a sans serif prints best in small boxes.
FAMILIES = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "SimHei",
    "SimSun",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
)
# Official papers: 仿宋 for the text, 小标宋 or 宋体 for titles, as the machine has them.
SERIF = (
    "FangSong",
    "FangSong_GB2312",
    "STFangsong",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "SimSun",
)
TITLES = (
    "FZXiaoBiaoSong-B05S",
    "STZhongsong",
    "SimSun",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
)
NO_FONT = (
    "服务器上没有中文字体，不能生成PDF。请系统管理员安装 fonts-noto-cjk 或 fonts-wqy-zenhei，"
    "或把中文字体文件放进数据目录的 fonts 文件夹，然后重新启动；XLSX 不受影响"
)
LONGEST_NUMBER = 18
A3_SCALE = 1.414


@cache
def fonts() -> typst.Fonts:
    """The machine's fonts and those in the data folder, looked for once."""
    own = Path(settings.DATA_DIR) / "fonts"
    paths: list[Any] = [str(own)] if own.is_dir() else []
    return typst.Fonts(include_embedded_fonts=False, font_paths=paths)


def families() -> list[str]:
    """The Chinese fonts at hand, best first; ValidationError when there is none."""
    known = set(fonts().families())
    found = [name for name in FAMILIES if name in known]
    if not found:
        raise ValidationError(NO_FONT)
    return found


def _at_hand(wanted: tuple[str, ...]) -> list[str]:
    """Those of the wanted fonts that are at hand, and behind them any Chinese font."""
    known = set(fonts().families())
    return list(dict.fromkeys([*(name for name in wanted if name in known), *families()]))


def pdf_of(document: Document) -> bytes:
    """The document on its size of paper; ValidationError without a Chinese font."""
    made = typst.compile(
        TEMPLATE,
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs={
            "document": json.dumps(_plain(document), ensure_ascii=False),
            "fonts": json.dumps(_at_hand(SERIF) if STYLES[document.style].serif else families()),
            "title_fonts": json.dumps(
                _at_hand(TITLES) if STYLES[document.style].serif else families()
            ),
        },
        pdf_tags=False,
    )
    return bytes(made)


def joined(parts: Iterable[bytes]) -> bytes:
    """Several PDFs as one, in their order."""
    writer = PdfWriter()
    for part in parts:
        writer.append(PdfReader(io.BytesIO(part)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _plain(document: Document) -> dict[str, Any]:
    style = STYLES[document.style]
    scale = A3_SCALE if document.size == "a3" else 1
    return {
        "paper": document.size,
        "official": style.serif,
        "text": style.text * scale,
        "title_text": style.title * scale,
        "heading_text": style.heading * scale,
        "prose_text": style.prose * scale,
        "margin": style.margin,
        "leading": style.leading,
        "closing": list(document.closing),
        "title": document.title,
        "about": document.about,
        "facts": list(document.facts),
        "code": document.code,
        "square": square(document.address) if document.address else "",
        "signatures": list(document.signatures),
        "note": document.note,
        "landscape": document.landscape,
        "row_height": document.row_height,
        "blocks": [_block(block) for block in document.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Opinions):
        opinions = [
            {"label": o.label, "text": o.text, "foot": list(o.foot)} for o in block.opinions
        ]
        return {
            "kind": "opinions",
            "title": block.title,
            "opinions": opinions,
            "height": block.height,
        }
    if isinstance(block, Boxes):
        lines = [
            [{"head": box.head, "value": _breakable(box.value), "span": box.span} for box in line]
            for line in block.lines()
        ]
        return {"kind": "boxes", "title": block.title, "across": block.across, "lines": lines}
    if isinstance(block, Rows):
        return {
            "kind": "rows",
            "title": block.title,
            "heads": list(block.heads),
            "rows": [[_breakable(value) for value in row] for row in block.all_rows()],
            "widths": [float(width) for width in block.widths],
            "stub": block.stub,
            "numbers": list(block.numbers),
            "strong": list(block.strong),
            "fresh": block.fresh,
        }
    return {"kind": "prose", "title": block.title, "lines": list(block.lines), "small": block.small}


def _breakable(text: str) -> str:
    """A number longer than an identity number may turn to the next line after its 18th digit."""
    if len(text) > LONGEST_NUMBER and text.isascii() and " " not in text:
        return f"{text[:LONGEST_NUMBER]}\u200b{text[LONGEST_NUMBER:]}"
    return text


def square(address: str) -> str:
    """The address as a QR code, SVG."""
    out = io.BytesIO()
    segno.make_qr(address, error="m").save(out, kind="svg", border=0, xmldecl=False)
    return out.getvalue().decode()
