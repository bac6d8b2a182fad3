import datetime
import re

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fanpin.audit.models import AuditEntry
from fanpin.files import holding
from households.choices import lists
from households.models import (
    Campaign,
    Collection,
    CountyLock,
    Household,
    IncomeStatement,
    MemberChange,
)
from households.services import households, income, members
from households.views.register import COLUMNS
from tests.factories import register


@pytest.fixture
def village_client(caseworker):
    client = Client()
    client.force_login(caseworker)
    return client


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def posted(form, **more):
    """What a browser would send for a form, with changes."""
    data = {}
    for bound in form:
        value = bound.value()
        if value in (None, ""):
            continue
        data[bound.html_name] = value if isinstance(value, list) else str(value)
    return data | more


def test_the_list_shows_who_lives_in_the_scope_and_nobody_else(village_client, household, tree):
    other = register.user("village_caseworker", register.OTHER_VILLAGE)
    register.household(other, village=register.OTHER_VILLAGE, members=[register.person("陈外村")])
    page = village_client.get(reverse("households:list")).content.decode()
    assert "王建国" in page
    assert "陈外村" not in page


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("王建", True), ("李秀英", True), ("wjg", True), ("LXY", True),
        ("62042110020100001", True), ("620421100201", True),
        ("N-77", True), ("张", False), ("zzz", False), ("x", False),
    ],
)  # fmt: skip
def test_people_are_found_by_name_pinyin_and_numbers(
    village_client, caseworker, household, text, found
):
    households.edit(household, fields={"national_hh_no": "N-77"}, by=caseworker)
    page = village_client.get(reverse("households:list"), {"q": text}).content.decode()
    assert (household.hh_code in page) is found


def test_people_are_found_by_identity_number_and_its_last_digits(village_client, household):
    number = household.members.get(name="李秀英").id_no
    for text in (number, number.lower(), number[-4:], number[-6:]):
        assert (
            household.hh_code
            in village_client.get(reverse("households:list"), {"q": text}).content.decode()
        )
    assert (
        household.hh_code
        not in village_client.get(
            reverse("households:list"), {"q": "620421199901019999"}
        ).content.decode()
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("hh_type=lifted", True), ("hh_type=general", False), ("monitoring=under", False),
        ("monitoring=not_monitored", True),
        ("collection=todo", True), ("collection=open", True), ("collection=checked", False), ("findings=none", True),
        ("findings=errors", False), ("standing=ended", False), ("division=620421100", True),
    ],
)  # fmt: skip
def test_filters_narrow_the_list(township, household, query, found):
    page = client_of(township).get(f"{reverse('households:list')}?{query}").content.decode()
    assert (household.hh_code in page) is found


def test_the_list_asks_the_same_number_of_queries_for_two_and_for_twenty(
    village_client, caseworker, household, django_assert_max_num_queries, django_assert_num_queries
):
    url = reverse("households:list")
    village_client.get(url)
    with django_assert_max_num_queries(14) as before:
        village_client.get(url)
    wanted = len(before)
    for n in range(20):
        register.household(caseworker, members=[register.person(f"赵{n}")])
    village_client.get(url)
    with django_assert_num_queries(wanted):
        village_client.get(url)


def warm(client, url):
    """Counts kept for some seconds, by any test, are taken anew: they must not run out between two pages."""
    cache.clear()
    client.get(url)


def test_hidden_columns_of_the_list_cost_no_query_a_row(
    village_client, caseworker, household, django_assert_num_queries
):
    url = reverse("households:list")
    village_client.get(url, {"cols": [column.key for column in COLUMNS]})
    warm(village_client, url)
    with CaptureQueriesContext(connection) as before:
        assert "国家系统户编号" in village_client.get(url).content.decode()
        wanted = len(before)
    for n in range(5):
        register.household(caseworker, members=[register.person(f"赵{n}")])
    warm(village_client, url)
    with django_assert_num_queries(wanted):
        village_client.get(url)


def test_a_county_reads_every_head_that_sorts_from_an_index():
    leading = set()
    for index in Household._meta.indexes:
        names = index.fields or [_name(expression) for expression in index.expressions]
        if names[0] == "county_code":
            leading.add(names[1])
    wanted = {name for column in COLUMNS for name in column.ordering()}
    assert wanted <= leading


def _name(expression):
    return getattr(expression, "expression", expression).name


def test_empty_values_come_last_in_both_directions_and_ties_are_exactly_reversed(
    village_client, caseworker, household
):
    others = [register.household(caseworker, members=[register.person(f"赵{n}")]) for n in range(3)]
    Household.objects.filter(pk__in=[others[0].pk, others[1].pk]).update(income_pc=9000)
    Household.objects.filter(pk=others[2].pk).update(income_pc=5000)

    def order(sort):
        page = village_client.get(reverse("households:list"), {"sort": sort})
        return [row["pk"] for row in page.context["rows"]]

    filled = [others[2].pk, others[0].pk, others[1].pk]
    assert order("income_pc") == [*filled, household.pk]
    assert order("-income_pc") == [*reversed(filled), household.pk]


def test_every_tab_of_a_household_opens(village_client, household):
    for name in (
        "detail",
        "members",
        "collection",
        "income",
        "changes",
        "edit",
        "change_head",
        "member_create",
        "end",
    ):
        answer = village_client.get(reverse(f"households:{name}", args=[household.pk]))
        assert answer.status_code == 200, name
        assert "王建国" in answer.content.decode(), name


def test_outside_the_scope_a_household_is_not_there(household, tree):
    stranger = client_of(register.user("village_caseworker", register.OTHER_VILLAGE))
    member = household.members.first()
    for url in (
        reverse("households:detail", args=[household.pk]),
        reverse("households:edit", args=[household.pk]),
        reverse("households:income_annual", args=[household.pk]),
        reverse("households:member_edit", args=[member.pk]),
        reverse("households:member_decrease", args=[member.pk]),
    ):
        assert stranger.get(url).status_code == 404, url


def test_who_may_only_read_gets_403_on_the_forms(township, household):
    client = client_of(township)
    assert client.get(reverse("households:detail", args=[household.pk])).status_code == 200
    assert client.get(reverse("households:edit", args=[household.pk])).status_code == 403
    assert (
        client.post(
            reverse("households:member_decrease", args=[household.members.first().pk])
        ).status_code
        == 403
    )


def test_a_household_is_registered_in_the_browser(village_client, tree):
    people = {
        "people-TOTAL_FORMS": "4", "people-INITIAL_FORMS": "0",
        "people-0-name": "周大山", "people-0-id_type": "id_card", "people-0-relation": "02", "people-0-ethnicity": "01",
        "people-0-id_no": register.id_number(datetime.date(1968, 3, 12)),
        "people-1-name": "周小山", "people-1-id_type": "id_card", "people-1-relation": "20", "people-1-ethnicity": "01",
        "people-1-id_no": register.id_number(datetime.date(1999, 3, 12)),
        "people-2-id_type": "id_card", "people-2-ethnicity": "01",
        "people-3-id_type": "id_card", "people-3-ethnicity": "01",
    }  # fmt: skip
    data = {
        "village": register.VILLAGE,
        "hh_type": "general",
        "address_detail": "二社3号",
        **people,
    }
    wrong = village_client.post(reverse("households:create"), data | {"people-1-relation": "02"})
    assert wrong.status_code == 422
    assert "一户只能有一名户主" in wrong.content.decode()
    assert 'value="周小山"' in wrong.content.decode()
    answer = village_client.post(reverse("households:create"), data, follow=True)
    made = Household.objects.get(head_name="周大山")
    assert answer.redirect_chain[-1][0] == reverse("households:detail", args=[made.pk])
    assert made.family_size == 2


def test_an_invalid_form_answers_422_and_keeps_what_was_typed(village_client, household):
    url = reverse("households:edit", args=[household.pk])
    data = posted(
        village_client.get(url).context["form"],
        longitude="104.5",
        house_area="96.5",
        phone="13800000001",
    )
    answer = village_client.post(url, data)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "经度和纬度须同时填写" in text
    assert 'value="96.5"' in text
    assert village_client.post(url, data | {"latitude": "36.5"}).status_code == 302
    household.refresh_from_db()
    assert (household.phone, float(household.house_area)) == ("13800000001", 96.5)


def test_a_conflict_shows_both_values_keeps_what_was_typed_and_then_lets_decide(
    village_client, caseworker, household
):
    url = reverse("households:edit", args=[household.pk])
    data = posted(village_client.get(url).context["form"], address_detail="我填的地址")
    households.edit(household, fields={"address_detail": "他人填的地址"}, by=caseworker)
    answer = village_client.post(url, data)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "他人填的地址" in text
    assert 'value="我填的地址"' in text
    assert village_client.post(url, posted(answer.context["form"])).status_code == 302
    household.refresh_from_db()
    assert household.address_detail == "我填的地址"


def test_a_member_is_corrected_in_the_browser(village_client, household):
    child = household.members.get(name="王小明")
    url = reverse("households:member_edit", args=[child.pk])
    data = posted(village_client.get(url).context["form"])
    wrong = village_client.post(url, data | {"id_no": "620421196803129914"})
    assert wrong.status_code == 422
    assert "校验码不符" in wrong.content.decode()
    more = {"health": [next(iter(lists()["health"]))]}
    assert village_client.post(url, data | more).status_code == 302
    child.refresh_from_db()
    assert child.health == more["health"]


def test_somebody_joins_with_a_paper_and_the_township_passes_it(
    village_client, household, township
):
    url = reverse("households:member_create", args=[household.pk])
    data = {
        "reason": "inc_newborn", "changed_on": "2021-10-20", "name": "王宝宝", "id_type": "birth_cert", "sex": "1",
        "relation": "41", "birth_date": "2021-10-20", "ethnicity": "01",
    }  # fmt: skip
    wrong = village_client.post(url, data)
    assert wrong.status_code == 422
    assert "须上传佐证材料：出生医学证明" in wrong.content.decode()
    paper = SimpleUploadedFile("证.pdf", register.PDF)
    assert (
        village_client.post(url, data | {"kind_1": "出生医学证明", "file_1": paper}).status_code
        == 302
    )
    change = MemberChange.objects.get(kind="increase")
    reviewer = client_of(township)
    assert "王宝宝" in reviewer.get(reverse("households:change_queue")).content.decode()
    detail = reverse("households:change", args=[change.pk])
    assert "证.pdf" in reviewer.get(detail).content.decode()
    paper = reviewer.get(reverse("households:document", args=[change.documents.get().pk]))
    assert b"".join(paper.streaming_content) == register.PDF
    assert AuditEntry.objects.filter(verb="change.document_opened").exists()
    assert reviewer.post(detail, {"act": "return", "note": ""}).status_code == 422
    assert reviewer.post(detail, {"act": "pass"}).status_code == 302
    assert Household.objects.get().family_size == 4


def test_the_papers_of_a_reason_are_told_before_it_is_filed(village_client, household):
    page = village_client.get(
        reverse("households:papers", args=[household.pk]), {"reason": "dec_missing"}
    ).content.decode()
    assert "法院宣告失踪文书" in page


HELD = re.compile(r'name="held:(\w+)" value="([^"]+)" checked')


def decrease_refused(client, household) -> tuple[str, dict[str, str]]:
    """The page answers 422 to a date in the future; what it carries for the next attempt."""
    url = reverse("households:member_decrease", args=[household.members.get(name="王小明").pk])
    paper = SimpleUploadedFile("注销证明.pdf", register.PDF)
    data = {"reason": "dec_death", "changed_on": "2031-12-01", "kind_2": "死亡医学证明"}
    answer = client.post(url, data | {"file_2": paper})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "已收到“注销证明.pdf”，不用再选" in text
    assert re.search(r'<option value="死亡医学证明"[^>]* selected', text)
    ((name, word),) = HELD.findall(text)
    assert name == "file_2"
    return url, data | {"changed_on": "2021-10-01", "held:file_2": word}


def test_a_file_of_a_refused_page_is_not_chosen_twice(village_client, household):
    url, again = decrease_refused(village_client, household)
    once_more = village_client.post(url, again | {"changed_on": ""})
    assert HELD.findall(once_more.content.decode()) == [("file_2", again["held:file_2"])]
    assert village_client.post(url, again).status_code == 302
    document = MemberChange.objects.latest("pk").documents.get()
    assert (document.original_name, document.kind) == ("注销证明.pdf", "死亡医学证明")
    with document.file.open() as stored:
        assert stored.read() == register.PDF


def test_a_held_file_that_is_unticked_is_left_out(village_client, household):
    url, again = decrease_refused(village_client, household)
    del again["held:file_2"]
    answer = village_client.post(url, again)
    assert "请选择“死亡医学证明”的文件" in answer.content.decode()


def test_a_held_file_is_nobody_elses(village_client, caseworker, household, township):
    url, again = decrease_refused(village_client, household)
    word = again["held:file_2"]
    assert holding.take_up(word, township.pk) is None
    assert holding.take_up(word[:-2] + "xx", caseworker.pk) is None
    names = default_storage.listdir(holding.PLACE)[1]
    kept_at = max(
        default_storage.get_modified_time(f"{holding.PLACE}/{name}").timestamp() for name in names
    )
    holding.prune(kept_at + holding.KEPT_SECONDS - 60)
    with holding.take_up(word, caseworker.pk) as kept:
        assert kept.read() == register.PDF
    holding.prune(kept_at + holding.KEPT_SECONDS + 1)
    assert holding.take_up(word, caseworker.pk) is None
    answer = village_client.post(url, again)
    assert "请选择“死亡医学证明”的文件" in answer.content.decode()


def test_the_papers_part_keeps_what_a_row_was_called(village_client, household):
    text = village_client.get(
        reverse("households:papers", args=[household.pk]),
        {"reason": "dec_missing", "kind_1": "死亡医学证明"},
    ).content.decode()
    assert re.search(r'<option value="死亡医学证明"[^>]* selected', text)
    assert text.count('hx-preserve="true"') == 6  # three files, and what each row already holds


def test_every_refusal_stands_on_the_page_with_its_link(village_client, household):
    head = household.members.get(relation="02")
    url = reverse("households:member_decrease", args=[head.pk])
    answer = village_client.post(url, {"reason": "dec_death", "changed_on": "2021-12-01"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "须先变更户主" in text
    assert reverse("households:change_head", args=[household.pk]) in text
    assert "晚于今天" in text


def test_the_head_is_changed_in_the_browser(village_client, household):
    wife, head, son = (household.members.get(name=n) for n in ("李秀英", "王建国", "王小明"))
    url = reverse("households:change_head", args=[household.pk])
    data = {
        "head": wife.pk,
        "changed_on": "2021-11-01",
        "note": "协商",
        f"relation_{head.pk}": "10",
    }
    assert village_client.post(url, data).status_code == 422
    assert village_client.post(url, data | {f"relation_{son.pk}": "20"}).status_code == 302
    household.refresh_from_db()
    assert household.head_name == "李秀英"


def test_income_is_computed_on_the_server_saved_and_confirmed(village_client, household):
    url = reverse("households:income_annual", args=[household.pk])
    page = village_client.get(url).content.decode()
    assert "2020-10-01 至 2021-09-30" in page
    lines = {"inc_wage": "9000", "inc_crop": "6000", "exp_business": "1500"}
    part = village_client.post(
        reverse("households:income_preview", args=[household.pk]), lines
    ).content.decode()
    assert "4,500.00" in part
    assert not IncomeStatement.objects.exists()
    assert village_client.post(url, lines | {"inc_business": "100"}).status_code == 422
    answer = village_client.post(url, lines | {"act": "confirm"}, follow=True)
    assert "低于监测范围" in answer.content.decode()
    assert Household.objects.get().income_pc == 4500


def test_an_event_statement_shows_its_own_window(village_client, household):
    url = reverse("households:income_form", args=[household.pk, "identify", "202111"])
    assert "2020-11-01 至 2021-10-31" in village_client.get(url).content.decode()
    assert village_client.post(url, {"inc_wage": "100"}).status_code == 302
    chosen = village_client.get(
        reverse("households:income_event", args=[household.pk]),
        {"purpose": "identify", "month": "202111"},
    )
    assert chosen.url == url


def test_the_previous_statement_stands_beneath_the_fields(village_client, household, caseworker):
    old = Campaign.objects.create(
        year=2020, name="2020年度", income_from=datetime.date(2019, 10, 1), income_to=datetime.date(2020, 9, 30),
        **dict.fromkeys(("starts_on", "training_due_on", "collection_due_on", "entry_due_on", "comparison_due_on",
                         "summary_due_on", "report_due_on"), datetime.date(2020, 11, 1)),
    )  # fmt: skip
    made = income.save_statement(
        household, purpose="annual", campaign=old, lines={"inc_wage": 7777}, by=caseworker
    )
    income.confirm(made, by=caseworker)
    page = village_client.get(
        reverse("households:income_annual", args=[household.pk])
    ).content.decode()
    assert "7,777.00" in page


def test_the_form_is_submitted_and_reviewed_in_the_browser(
    village_client, township, household, caseworker
):
    tab = reverse("households:collection", args=[household.pk])
    assert "收入测算表尚未填写并确认" in village_client.get(tab).content.decode()
    act = reverse("households:collection_act", args=[household.pk, "submit"])
    assert "收入测算表尚未填写并确认" in village_client.post(act, follow=True).content.decode()
    made = income.save_statement(
        household, purpose="annual", campaign=Campaign.objects.get(), lines={}, by=caseworker
    )
    income.confirm(made, by=caseworker)
    village_client.post(act)
    assert Collection.objects.get().state == "checked"
    batch = reverse("households:collection_batch", args=["review"])
    answer = client_of(township).post(
        batch, {"ids": [household.pk], "next": reverse("households:list")}, follow=True
    )
    assert "已办理1户" in answer.content.decode()
    assert Collection.objects.get().state == "reviewed"


def test_a_refused_step_of_the_form_keeps_what_was_typed(village_client, township, household):
    """The county signs while the explanation is being written; nobody may return a form twice."""
    CountyLock.objects.create(
        campaign=Campaign.objects.get(is_current=True), county_code="620421",
        locked_at=timezone.now(), locked_by=township,
    )  # fmt: skip
    for client, act, name in (
        (village_client, "submit", "explanation"), (client_of(township), "return", "note"),
    ):  # fmt: skip
        url = reverse("households:collection_act", args=[household.pk, act])
        answer = client.post(url, {name: "逐条核实过，已与户主见面"})
        assert answer.status_code == 422
        assert "逐条核实过，已与户主见面" in answer.content.decode()
        assert "已县级闭合锁定" in answer.content.decode()


def test_progress_counts_by_division_and_every_number_opens_its_list(county, household, caseworker):
    register.household(caseworker)
    client = client_of(county)
    page = client.get(reverse("households:progress"), {"division": "620421"})
    text = page.content.decode()
    assert "北湾镇" in text
    assert "?division=620421100&amp;collection=todo" in text
    below = client.get(reverse("households:progress"), {"division": "620421100"}).content.decode()
    assert "泰和村" in below


def test_the_workbench_compares_the_places_below_ones_own(county, household, caseworker):
    """A county sees its townships side by side, not one bar of itself."""
    page = client_of(county).get(reverse("workbench")).content.decode()
    assert "北湾镇（0/1户）" in page
    assert "靖远县（0/1户）" not in page


def test_a_full_number_is_shown_only_with_a_reason_and_recorded(county, village_client, household):
    head = household.members.get(relation="02")
    url = reverse("households:member_unmask", args=[head.pk])
    assert village_client.get(url).status_code == 403
    client = client_of(county)
    assert (
        head.id_no
        not in client.get(reverse("households:members", args=[household.pk])).content.decode()
    )
    assert client.post(url, {"reason": ""}).status_code == 422
    answer = client.post(url, {"reason": "核对身份证复印件"})
    assert head.id_no in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert AuditEntry.objects.get(verb="member.number_shown").note == "核对身份证复印件"


def test_history_never_shows_a_whole_number(village_client, household, caseworker):
    child = household.members.get(name="王小明")
    number = register.id_number(datetime.date(2009, 4, 2))
    members.edit(child, fields={"id_no": number}, by=caseworker)
    page = village_client.get(reverse("households:changes", args=[household.pk])).content.decode()
    assert number not in page
    assert number[-4:] in page


def test_the_work_board_leads_only_to_places_of_ones_own(client, county, household):
    client.force_login(county)
    board = reverse("households:progress")
    page = client.get(board, {"division": register.TOWNSHIP}).content.decode()
    crumbs = page.partition('aria-label="所在位置"')[2].partition("</nav>")[0]
    assert "?division=620421" in crumbs
    assert "甘肃省" not in crumbs, "the province's board would not be found"
    for code in re.findall(r"\?division=(\d+)", crumbs):
        assert client.get(board, {"division": code}).status_code == 200
