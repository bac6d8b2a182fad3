"""What happens here when a household changed: its rules are judged before the answer goes out."""

import logging
from collections.abc import Collection
from typing import Any

from django.dispatch import receiver

from counties.quality import check_households
from households.selectors.parameters import MissingParameter
from households.signals import household_changed

# Households judged in one transaction.
PORTION = 2_000
logger = logging.getLogger(__name__)


@receiver(household_changed, dispatch_uid="counties.quality")
def check_at_once(household_ids: Collection[int], **_: Any) -> None:
    """The saved household's findings stand on the page that follows; a list is done in portions."""
    ids = list(household_ids)
    try:
        for start in range(0, len(ids), PORTION):
            check_households(ids[start : start + PORTION])
    except MissingParameter as missing:
        logger.warning("households %s not checked: %s", ids[:5], "；".join(missing.messages))
