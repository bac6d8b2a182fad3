"""The audit: complete, chained per county, tampering shows, no personal number inside."""

import datetime
import json
import re
import threading
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.urls import reverse

from fanpin.audit.models import AuditChain, AuditEntry
from fanpin.audit.recording import broken_chains, broken_entries, record
from fanpin.audit.verbs import SENTENCES, register, sentence
from tests.factories import register as people

HERE = "/62/6204/620421/620421100/620421100201/"
THERE = "/62/6204/620422/620422100/620422100201/"
DONE = register("tests.done", "测试{subject}")


def write(count: int = 1, path: str = HERE, **more) -> list[AuditEntry]:
    return [record(DONE, by=None, path=path, subject=f"第{n}次", **more) for n in range(count)]


def broken() -> list[tuple[str, int]]:
    return [(entry.county_code, entry.seq) for entry in broken_entries()]


@pytest.mark.django_db
def test_each_entry_seals_the_one_before_it_and_the_chain_holds():
    entries = write(4)
    assert [e.seq for e in entries] == [1, 2, 3, 4]
    assert entries[0].prev_hash == ""
    assert [e.prev_hash for e in entries[1:]] == [e.hash for e in entries[:-1]]
    assert (broken(), broken_chains()) == ([], [])


@pytest.mark.django_db
def test_an_entry_says_who_did_what_where_in_which_role(caseworker):
    household = people.household(caseworker)
    entry = record(
        DONE,
        by=caseworker,
        on=household,
        path=household.division_path,
        before={"area": Decimal("1.50")},
        after={"on": datetime.date(2021, 11, 8), "members": [household]},
        note="原因",
    )
    entry.refresh_from_db()
    assert (entry.actor, entry.actor_name, entry.role) == (caseworker, "张村官", "村级信息员")
    assert (entry.target_model, entry.target_id) == ("households.household", str(household.pk))
    assert (entry.before, entry.after) == (
        {"area": "1.50"},
        {"on": "2021-11-08", "members": [str(household)]},
    )
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("after", {"to": "好"}),
        ("before", {"from": "坏"}),
        ("note", "改过"),
        ("verb", "user.created"),
        ("actor_name", "别人"),
        ("role", "县级审定员"),
        ("subject", "别的"),
        ("division_path", THERE),
        ("acted_at", datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)),
    ],
)
def test_a_changed_entry_is_found_whatever_was_changed(field, value):
    write(3)
    AuditEntry.objects.filter(seq=2).update(**{field: value})
    assert broken() == [("620421", 2)]


@pytest.mark.django_db
def test_an_entry_taken_out_of_the_middle_is_found():
    write(3)
    AuditEntry.objects.filter(seq=2).delete()
    assert broken() == [("620421", 3)]


@pytest.mark.django_db
def test_an_entry_sealed_anew_breaks_the_link_of_the_next():
    write(3)
    AuditEntry.objects.filter(seq=2).update(hash="0" * 64)
    assert broken() == [("620421", 2), ("620421", 3)]


@pytest.mark.django_db
def test_entries_cut_off_at_the_end_are_found():
    write(3)
    AuditEntry.objects.filter(seq=3).delete()
    assert (broken(), broken_chains()) == ([], ["620421"])


@pytest.mark.django_db
def test_a_chain_cut_off_as_a_whole_is_found():
    write(2)
    write(2, THERE)
    AuditEntry.objects.filter(county_code="620422").delete()
    AuditChain.objects.filter(county_code="620421").delete()
    assert set(broken_chains()) == {"620421", "620422"}


@pytest.mark.django_db
def test_an_end_put_back_together_with_its_entries_must_fit_the_last_seal():
    write(3)
    AuditChain.objects.update(last_hash="0" * 64)
    assert broken_chains() == ["620421"]


@pytest.mark.django_db
def test_each_county_has_its_own_chain_and_the_province_one_more():
    write(2)
    write(3, THERE)
    write(1, "/62/6204/")
    lengths = AuditChain.objects.values_list("county_code", "length")
    assert sorted(lengths) == [("62", 1), ("620421", 2), ("620422", 3)]
    assert broken() == []


@pytest.mark.django_db
def test_personal_numbers_are_masked_whoever_records_them():
    person = {"id_no": "620421197005200015", "phone": "13893212345", "name": "王建国"}
    (entry,) = write(
        before=person,
        after={"member": dict(person), "people": [{"id18": person["id_no"]}]},
        note="原号码620421197005200015有误",
    )
    stored = json.dumps([entry.before, entry.after, entry.note], ensure_ascii=False)
    assert "19700520" not in stored
    assert "93212" not in stored
    assert entry.before["id_no"] == "620421********0015"
    assert entry.before["phone"] == "138****2345"


@pytest.mark.django_db
def test_an_act_without_a_sentence_cannot_be_recorded():
    with pytest.raises(ValueError, match="未登记"):
        record("tests.never_heard_of", by=None, path=HERE)


def test_a_verb_has_one_sentence():
    assert register("tests.done", "测试{subject}") == "tests.done"
    with pytest.raises(ValueError, match="已登记为"):
        register("tests.done", "别的")
    assert SENTENCES["tests.done"] == "测试{subject}"
    assert sentence("tests.done", "一次") == "测试一次"


@pytest.mark.django_db
def test_an_act_that_is_rolled_back_leaves_no_entry_and_no_gap():
    write(1)
    with transaction.atomic():
        write(1)
        transaction.set_rollback(True)
    write(1)
    assert list(AuditEntry.objects.values_list("seq", flat=True)) == [1, 2]
    assert (broken(), broken_chains()) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_make_one_unbroken_chain():
    def work() -> None:
        try:
            for _ in range(10):
                write(1)
                write(1, THERE)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert AuditEntry.objects.count() == 80
    assert AuditChain.objects.get(county_code="620421").length == 40
    assert (broken(), broken_chains()) == ([], [])


# Command and page


@pytest.mark.django_db
def test_the_command_counts_the_entries_and_names_what_is_broken(capsys):
    write(2)
    call_command("verify_audit", "--json")
    assert json.loads(capsys.readouterr().out) == {"entries": 2, "ok": True}
    AuditEntry.objects.filter(seq=1).update(note="改过")
    with pytest.raises(CommandError, match="620421-1"):
        call_command("verify_audit", "--json")
    assert json.loads(capsys.readouterr().out) == {"entries": 2, "ok": False}


@pytest.mark.django_db
def test_the_page_shows_the_acts_of_my_own_places_in_sentences(client, tree):
    write(1)
    write(1, THERE)
    AuditEntry.objects.filter(county_code="620422").update(subject="别处")
    client.force_login(people.user("county_reviewer", people.COUNTY))
    html = client.get(reverse("accounts:audit")).content.decode()
    assert "测试第0次" in html
    assert "别处" not in html


@pytest.mark.django_db
def test_the_page_still_opens_when_an_old_verb_is_no_longer_registered(client, tree):
    write(1)
    AuditEntry.objects.update(verb="tests.forgotten")
    client.force_login(people.user("county_reviewer", people.COUNTY))
    answer = client.get(reverse("accounts:audit"))
    assert answer.status_code == 200
    assert "tests.forgotten" in answer.content.decode()


@pytest.mark.django_db
def test_acts_are_found_by_kind_and_by_day(client, tree):
    write(1)
    other = AuditEntry.objects.get()
    AuditEntry.objects.filter(pk=other.pk).update(verb="user.created", subject="张三")
    write(1)
    client.force_login(people.user("county_reviewer", people.COUNTY))
    url = reverse("accounts:audit")
    found = client.get(url, {"verb": "user.created"}).content.decode()
    assert "新建用户张三" in found
    assert "测试第0次" not in found
    assert re.search(r'<option value="user.created"\s+selected[^>]*>\s*新建用户\s*<', found)
    day = other.acted_at.date().isoformat()
    assert "新建用户张三" in client.get(url, {"since": day, "until": day}).content.decode()
    assert "新建用户张三" not in client.get(url, {"until": "2020-01-01"}).content.decode()
