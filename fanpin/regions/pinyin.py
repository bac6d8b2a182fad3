"""Search keys of Chinese names: the first letters of their pinyin, as office software does it."""

from pypinyin import Style, lazy_pinyin


def initials(text: str) -> str:
    """Lower-case initials: 王建国 → wjg. Letters and digits stay, everything else is dropped."""
    letters = lazy_pinyin(
        text, style=Style.FIRST_LETTER, errors=lambda other: list(other)
    )
    return "".join(letter[:1].lower() for letter in letters if letter[:1].isalnum())[
        :60
    ]
