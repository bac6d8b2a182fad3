"""A signature and a writer never pass each other: one waits, and the later one sees what the earlier did."""

import threading

import pytest
from django.db import connection, transaction

from fanpin.accounts.verdicts import Refused
from households.models import Campaign, CountyLock
from households.policies.locks import stand_alone, unlocked
from tests.factories import register

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_writer_waits_for_a_signature_under_way_and_is_then_refused():
    register.places()
    signer = register.user("county_reviewer", register.COUNTY)
    path = f"/62/{register.COUNTY[:4]}/{register.COUNTY}/"
    asked, refusals = threading.Event(), []

    def write():
        try:
            with transaction.atomic():
                asked.set()
                unlocked(path).require()
        except Refused as refused:
            refusals.extend(refused.messages)
        finally:
            connection.close()

    with transaction.atomic():
        stand_alone(register.COUNTY)
        writer = threading.Thread(target=write)
        writer.start()
        assert asked.wait(5)
        writer.join(0.3)
        assert writer.is_alive(), "the writer did not wait"
        CountyLock.objects.create(
            county_code=register.COUNTY,
            campaign=Campaign.objects.get(is_current=True),
            locked_at="2021-11-14T10:00:00+08:00",
            locked_by=signer,
        )
    writer.join(5)
    assert refusals
    assert "已县级闭合锁定" in refusals[0]
