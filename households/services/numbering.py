"""Household numbers: the village's twelve digits and a serial of five, issued once (forms.md §5.3)."""

from django.core.exceptions import ValidationError
from django.db.models import Max

from fanpin.regions.models import Division
from households.models import Household

LAST_SERIAL = 99_999


def next_codes(village: Division, count: int = 1) -> list[str]:
    """The next free numbers of a village. Holds the village's row until the transaction ends, so that two

    people who register at once get two numbers. Rows are never deleted, hence a number never comes back.
    """
    Division.objects.select_for_update().get(pk=village.pk)
    prefix = f"{village.pk:0<12}"[:12]
    last = Household.objects.filter(hh_code__startswith=prefix).aggregate(last=Max("hh_code"))
    serial = int((last["last"] or "0")[-5:])
    if serial + count > LAST_SERIAL:
        raise ValidationError(
            f"{village.name}的户号已用完（最多{LAST_SERIAL}户），请联系系统管理员"
        )
    return [f"{prefix}{serial + step:05d}" for step in range(1, count + 1)]
