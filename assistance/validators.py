"""What a measure must be like whoever writes it: page, API or import."""

from django.core.exceptions import ValidationError

OTHER = ".other"


def measure_kind(category: str, item: str, note: str) -> None:
    """The item lies in its category; 其他 says what it is (R-MON-56)."""
    wrong = {}
    if category and item and not item.startswith(f"{category}."):
        wrong["item"] = ValidationError(
            "措施子项不属于所选大类", params={"remedy": "请在该大类下重新选择子项"}
        )
    if item.endswith(OTHER) and not note.strip():
        wrong["note"] = ValidationError(
            "子项为“其他”时须说明具体内容", params={"remedy": "请填写措施的具体名称"}
        )
    if wrong:
        raise ValidationError(wrong)
