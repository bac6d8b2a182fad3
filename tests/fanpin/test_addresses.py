"""Whom the login log names and the lock-out counts by, with and without our own proxies."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from fanpin.accounts.addresses import address_of
from fanpin.accounts.models import LoginRecord
from tests.factories import register

PROXY, VISITOR, OTHER = "10.0.0.2", "61.178.20.5", "61.178.20.6"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "wanted"),
    [
        (0, "", PROXY),
        (0, VISITOR, PROXY),
        (1, VISITOR, VISITOR),
        (1, f"1.2.3.4, {VISITOR}", VISITOR),
        (1, f"{VISITOR}:51344", VISITOR),
        (1, "[2001:db8::7]:51344", "2001:db8::7"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "", PROXY),
        (1, "unknown", PROXY),
        (1, f"{VISITOR}, <script>", PROXY),
        (2, f"{VISITOR}, 10.0.0.1", VISITOR),
        (2, f"1.2.3.4, {VISITOR}, 10.0.0.1", VISITOR),
        (2, VISITOR, PROXY),
    ],
)
def test_only_what_our_own_proxies_wrote_is_believed(settings, proxies, forwarded, wanted):
    settings.PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory(headers=headers).get("/", REMOTE_ADDR=PROXY)
    assert address_of(request) == wanted


def test_without_a_request_there_is_no_address():
    assert address_of(None) is None


def try_to_log_in(client, password, visitor):
    given = {"username": "cun", "password": password}
    headers = {"X-Forwarded-For": visitor}
    return client.post(reverse("accounts:login"), given, headers=headers, REMOTE_ADDR=PROXY)


def test_one_visitor_is_locked_out_and_his_neighbour_behind_the_proxy_is_not(db, client, settings):
    settings.PROXIES = 1
    register.places()
    user = register.user("village_caseworker", register.VILLAGE)
    user.username = "cun"
    user.set_password("Gansu-2021-jiance")
    user.save()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = try_to_log_in(client, "wrong", VISITOR)
    assert answer.status_code == 429
    assert try_to_log_in(client, "Gansu-2021-jiance", VISITOR).status_code == 429
    assert try_to_log_in(client, "Gansu-2021-jiance", OTHER).status_code == 302
    log = LoginRecord.objects.order_by("pk").values_list("address", "succeeded")
    assert (OTHER, True) in list(log)
    assert {address for address, _ in log} == {VISITOR, OTHER}
