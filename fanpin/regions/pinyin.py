"""Search keys of Chinese names: the first letters of their pinyin, as office software does it."""

from collections.abc import Iterable
from functools import cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT as PHRASES


def initials(text: str) -> str:
    """Lower-case initials: 王建国 → wjg. Letters and digits stay, everything else is dropped."""
    letters = lazy_pinyin(text, style=Style.FIRST_LETTER, errors=lambda other: list(other))
    return "".join(letter[:1].lower() for letter in letters if letter[:1].isalnum())[:60]


@cache
def _letter(char: str) -> str:
    """The initial of one character standing alone."""
    return initials(char)


@cache
def _is_exception(phrase: str) -> bool:
    """A known phrase that reads otherwise than its characters one by one (长城, 重庆)."""
    return phrase in PHRASES and initials(phrase) != "".join(map(_letter, phrase))


def initials_of(texts: Iterable[str]) -> dict[str, str]:
    """`initials` for many texts: the same answers, much faster, as few names hold such a phrase."""
    found: dict[str, str] = {}
    for text in texts:
        ends = range(2, len(text) + 1)
        special = any(_is_exception(text[n:m]) for m in ends for n in range(m - 1))
        found[text] = initials(text) if special else "".join(map(_letter, text))[:60]
    return found
