"""Signs what was checked this very moment: a run of yesterday says nothing about today."""

from typing import Any

from django.db import transaction

from counties.closure import running
from counties.models import ClosureSignature
from counties.services import closures
from fanpin.regions.models import Division
from households.models import Campaign
from households.policies.locks import stand_alone


@transaction.atomic
def sign(*, county: Division, campaign: Campaign, leader_name: str, by: Any) -> ClosureSignature:
    """Run the checks again and sign; refused with every blocking item, and nothing is kept of the attempt."""
    stand_alone(county.pk)
    run = running.run(county=county, campaign=campaign, by=by)
    return closures.sign(run, leader_name=leader_name, by=by)
