"""The part of the tree that people add: natural villages below a village (forms.md §5.4)."""

from django.core.exceptions import ValidationError
from django.db import transaction

from fanpin import clock
from fanpin.regions.models import Division, Level
from fanpin.regions.pinyin import initials


@transaction.atomic
def add_hamlet(village: Division, *, name: str) -> Division:
    """A natural village below a village, numbered village code + 3 digits; the name is unique in the village."""
    village = Division.objects.select_for_update().get(pk=village.pk)
    if village.level != Level.VILLAGE:
        raise ValidationError(f"自然村只能建在行政村下，{village}是{village.get_level_display()}")
    name = name.strip()
    if not name:
        raise ValidationError({"name": "请填写自然村名称"})
    if village.children.filter(name=name).exists():  # type: ignore[attr-defined]
        raise ValidationError({"name": f"{village}已有自然村“{name}”"})
    last = village.children.order_by("-code").values_list("code", flat=True).first()  # type: ignore[attr-defined]
    serial = int(last[12:]) + 1 if last else 1
    if serial > 999:
        raise ValidationError(f"{village}的自然村已满 999 个")
    code = f"{village.code}{serial:03d}"
    return Division.objects.create(
        code=code,
        name=name,
        full_name=village.full_name + name,
        level=Level.HAMLET,
        parent=village,
        path=f"{village.path}{code}/",
        pinyin=initials(name),
        valid_from=clock.today(),
    )
