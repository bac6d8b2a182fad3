"""The screen kernel: what tags write, how lists filter, sort and page, error pages, CSP."""

import datetime
import logging
import re
from decimal import Decimal
from pathlib import Path

import django_filters
import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.template import engines
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.web import formats, lists, views
from fanpin.web.components import Bulk, problems_of
from fanpin.web.lists import Column, paginate, render_list


def rendered(source: str, **context: object) -> str:
    """The text of a template that loads the tags."""
    return engines["django"].from_string("{% load ui %}" + source).render(context)


def asked(query: str = "", user: object = None):
    request = RequestFactory().get("/list/" + query)
    request.user = user or AnonymousUser()
    request.session = {}
    return request


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("money", Decimal("12345.6"), "12,345.60"),
        ("money", None, ""),
        ("int1000", 1234567, "1,234,567"),
        ("ymd", "20211108", "2021-11-08"),
        ("ymd", datetime.date(2021, 11, 8), "2021-11-08"),
        ("ym", "202111", "2021-11"),
        ("mask_id", "620421198503129913", "620421********9913"),
        ("mask_id", "1234567", "*******"),
        ("mask_phone", "13812345678", "138****5678"),
        ("mask_name", "王强", "王*"),
        ("mask_name", "欧阳秀兰", "欧**兰"),
        ("tone", "overdue", "red"),
        ("tone", "never heard of", "grey"),
        ("display", True, "是"),
        ("display", None, "—"),
        ("display", Decimal("6812.5"), "6,812.50"),
    ],
)
def test_values_are_written_as_a_clerk_expects(name, value, text):
    assert getattr(formats, name)(value) == text


def test_a_date_time_is_shown_in_chinese_time():
    moment = datetime.datetime(2021, 11, 7, 16, 30, tzinfo=datetime.UTC)
    assert formats.ymdhm(moment) == "2021-11-08 00:30"


def test_a_chip_carries_tone_icon_and_word():
    html = rendered('{% chip "办理中" "blue" %}')
    assert "tone-blue" in html
    assert "#i-blue" in html
    assert "办理中" in html


def test_text_from_data_is_escaped_in_components():
    html = rendered("{% chip text 'red' %}{% facts pairs %}{% problems text %}", text="<b>",
                    pairs=[("<i>", "<u>")])  # fmt: skip
    assert not re.search(r"<b>|<i>|<u>", html.replace("<b>×", ""))


def test_an_action_refused_by_its_verdict_is_off_with_its_reasons():
    verdict = Verdict(reasons=(Reason("公示未满5天", clause="通知三（一）"),))
    html = rendered('{% action "提交" "/x/" method="post" disabled=verdict %}', verdict=verdict)
    assert "disabled" in html
    assert "公示未满5天" in html
    assert "通知三（一）" in html
    assert "<form" not in html


def test_an_allowed_post_action_is_a_form_with_its_token():
    html = rendered('{% action "提交" "/x/" method="post" disabled=verdict step="2" %}',
                    verdict=Verdict.yes(), csrf_token="token")  # fmt: skip
    assert 'action="/x/"' in html
    assert 'value="token"' in html
    assert 'name="step" value="2"' in html


class Sheet(forms.Form):
    units = {"area": "亩"}
    previous = {"area": Decimal("3.50"), "road": "cement"}

    area = forms.DecimalField(label="耕地面积")
    road = forms.ChoiceField(label="入户路类型", choices=[("", "---"), ("cement", "水泥路")])
    joined_on = forms.DateField(label="日期", required=False)

    def clean_area(self):
        if self.cleaned_data["area"] > 100:
            raise ValidationError("面积过大。", params={"remedy": "请核对单位是否为亩"})
        return self.cleaned_data["area"]


def test_a_field_shows_unit_last_year_error_and_remedy():
    html = rendered("{% field form.area %}", form=Sheet({"area": "450", "road": "cement"}))
    assert ">亩<" in html
    assert "上年：3.50亩" in html
    assert "面积过大。" in html
    assert "请核对单位是否为亩" in html
    assert 'aria-invalid="true"' in html
    assert 'value="450"' in html


def test_a_select_answers_to_pinyin_and_names_last_years_label():
    html = rendered("{% field form.road %}", form=Sheet())
    assert 'data-pinyin="snl"' in html
    assert "上年：水泥路" in html
    assert "请选择" in html


def test_a_date_does_not_depend_on_the_language_of_the_browser():
    form = Sheet(initial={"joined_on": datetime.date(2021, 11, 8)})
    html = rendered("{% field form.joined_on %}", form=form)
    assert 'type="text"' in html
    assert 'value="2021-11-08"' in html


def test_problems_jump_to_their_fields():
    form = Sheet({"area": "450"})
    html = rendered("{% problems form %}", form=form)
    assert 'href="#id_area"' in html
    assert 'href="#id_road"' in html


def test_warnings_stand_apart_from_errors():
    html = rendered("{% problems found %}", found=[
        {"text": "甲", "severity": "error"}, {"text": "乙", "severity": "warn"}])  # fmt: skip
    assert html.index("tone-red") < html.index("甲") < html.index("tone-amber") < html.index("乙")


def test_a_forbidden_verdict_is_a_problem_too():
    assert [p.text for p in problems_of(Verdict(forbidden="不能审核自己提交的事项"))] == [
        "不能审核自己提交的事项"
    ]


def test_a_share_fills_its_share_of_the_width():
    html = rendered('{% bars rows unit="%" %}', rows=[("甲县", 63), ("乙县", 20)])
    assert 'width="63.00%"' in html
    assert 'width="20.00%"' in html


def test_bars_begin_at_zero_and_are_links():
    html = rendered("{% bars rows %}", rows=[("完成", 50, "/a/"), ("逾期", 25, "/b/", "red")])
    assert 'width="100.00%"' in html
    assert 'width="50.00%"' in html
    assert 'href="/b/"' in html


def test_templates_hold_no_inline_style_or_script():
    """The policy of the browser would drop them without a word."""
    inline = re.compile(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:")
    found = [
        path.name
        for path in Path(settings.BASE_DIR, "templates").rglob("*.html")
        if inline.search(path.read_text())
    ]
    assert found == []


def test_a_stylesheet_asks_nothing_of_browsers_newer_than_chrome_109():
    for path in Path(settings.BASE_DIR, "static/fanpin").glob("*.css"):
        assert not re.search(r":has\(|oklch\(|color-mix\(", path.read_text()), path.name


# Lists

COLUMNS = [
    Column("name", "姓名", url=lambda user: f"/users/{user.pk}/", sort=True),
    Column("username", "用户名", sort="username"),
    Column("phone", "电话", value=lambda user: formats.mask_phone(user.phone), hidden=True),
]


class UserFilter(django_filters.FilterSet):
    is_active = django_filters.BooleanFilter(label="启用")
    username = django_filters.CharFilter(label="用户名", lookup_expr="startswith")

    class Meta:
        model = User
        fields: list[str] = []


@pytest.fixture
def users(db):
    User.objects.bulk_create(
        User(username=f"u{n:03d}", name=f"用户{n:03d}", is_active=n % 2 == 0) for n in range(120)
    )
    return User.objects.order_by("username")


def listed(users, query: str = "", **options: object) -> str:
    options = {"columns": COLUMNS, "filters": UserFilter, "search": ["name"], **options}
    return render_list(asked(query), title="用户", queryset=users, **options).content.decode()


def test_a_list_shows_fifty_rows_and_the_count(users):
    html = listed(users)
    assert html.count("<tr data-row>") == 50
    assert "120 条" in html
    assert "第 1–50 条" in html


def test_the_last_page_has_the_rest_and_a_page_too_far_is_the_last(users):
    assert listed(users, "?page=3").count("<tr data-row>") == 20
    assert listed(users, "?page=99").count("<tr data-row>") == 20
    assert listed(users, "?page=x").count("<tr data-row>") == 50


def test_a_filter_stays_in_the_address_and_its_chip_takes_it_off(users):
    html = listed(users, "?username=u00&is_active=true&sort=-name")
    assert html.count("<tr data-row>") == 5
    assert "用户名：u00" in html
    assert "?is_active=true&amp;sort=-name" in html


def test_a_click_on_a_head_sorts_and_a_second_turns_round(users):
    html = listed(users, "?sort=-username")
    assert html.index("u119") < html.index("u118")
    assert 'aria-sort="descending"' in html
    assert "?sort=-name" in listed(users, "?sort=name")


def test_a_head_that_is_not_sortable_cannot_be_forced_by_address(users):
    html = listed(users, "?sort=password")
    assert html.index("u000") < html.index("u001")


def test_search_narrows_and_an_empty_list_says_what_to_do(users):
    assert listed(users, "?q=用户007").count("<tr data-row>") == 1
    html = listed(users, "?q=没有这个人", empty="没有用户。")
    assert "没有用户。" in html
    assert "清除全部条件" in html


def test_the_number_of_queries_does_not_grow_with_the_rows(users):
    counts = []
    for query in ("?username=u000", ""):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            listed(users, query)
        counts.append(len(seen))
    assert counts == [1, 2]  # a list that ends on its first page is counted by its rows


def test_columns_are_chosen_by_the_reader_and_kept(users):
    answer = render_list(asked("?cols=name&cols=phone&q=用"), title="用户", queryset=users,
                         columns=COLUMNS)  # fmt: skip
    assert answer.status_code == 302
    assert "cols" not in answer["Location"]
    request = asked()
    request.COOKIES = {key: morsel.value for key, morsel in answer.cookies.items()}
    html = render_list(request, title="用户", queryset=users, columns=COLUMNS).content.decode()
    assert 'data-label="电话"' in html
    assert 'data-label="用户名"' not in html


def test_bulk_actions_post_the_ticked_rows(users):
    html = listed(users, bulk=[Bulk("停用", "/stop/")])
    assert html.count('name="ids"') == 50
    assert 'formaction="/stop/"' in html
    assert 'name="ids"' not in listed(users)


def test_the_print_view_has_sheets_with_numbers_and_signatures(users):
    html = listed(users, "?print=1&page=2")
    assert "第 1 页，共 5 页" in html
    assert "u000" in html
    assert "审核人" in html
    assert "fp-menu" not in html


def test_a_count_beyond_the_limit_is_called_more_than(users, monkeypatch):
    monkeypatch.setattr(lists, "COUNT_LIMIT", 100)
    page = paginate(users, 2)
    assert page.count_text == "超过100"
    assert page.has_next
    page = paginate(users, 3)
    assert (page.count_text, page.last_row, page.has_next) == ("120", 120, False)


def test_a_page_beyond_the_end_shows_the_last(users):
    assert paginate(users, 9).number == paginate(users, 3).number == 3
    assert paginate(users.none(), 9).number == 1


def test_empty_values_come_last_whichever_way_a_sequence_is_sorted():
    rows = [{"n": None}, {"n": 2}, {"n": 1}]
    for sort, expected in (("n", [1, 2, None]), ("-n", [2, 1, None])):
        found, _ = lists._sorted(rows, [Column("n", "数", sort=True)], sort)
        assert [row["n"] for row in found] == expected


# Pages


@pytest.fixture
def reader(client, db):
    user = User.objects.create(username="reader", name="王秀兰", must_change_password=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_gallery_needs_a_login(client, db):
    assert client.get(reverse("web:gallery")).status_code == 302


def test_the_gallery_shows_every_component_under_a_strict_policy(reader):
    answer = reader.get(reverse("web:gallery"))
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_refused_form_answers_422_and_keeps_what_was_typed(reader):
    answer = reader.post(
        reverse("web:gallery"), {"id_no": "123", "name": "张三", "note": "写了很久"}
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="张三"' in html
    assert "写了很久" in html
    assert "证件号码应为18、20或22位，现为3位。" in html
    assert "请对照证件重新填写" in html


@pytest.mark.parametrize(
    ("view", "status", "exception", "words"),
    [
        (views.bad_request, 400, ValueError("bad"), "请求无法处理"),
        (views.forbidden, 403, PermissionDenied("只能查看本村农户"), "只能查看本村农户"),
        (views.forbidden, 403, PermissionDenied("nope"), "您的岗位没有办理这项业务的权限"),
        (views.not_found, 404, Exception("No User matches"), "不在您的管辖范围内"),
    ],
)
def test_an_error_page_says_what_to_do_and_its_number_finds_the_log_line(
    view, status, exception, words, caplog
):
    with caplog.at_level(logging.WARNING, "fanpin.errors"):
        answer = view(asked(), exception)
    html = answer.content.decode()
    number = re.search(r"编号 <b>(\w+)</b>", html).group(1)
    assert answer.status_code == status
    assert words in html
    assert "No User" not in html
    assert number in caplog.text


def test_a_crash_is_logged_with_its_trace_under_the_number_shown(caplog):
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        answer = views.server_error(asked())
    number = re.search(r"编号 <b>(\w+)</b>", answer.content.decode()).group(1)
    record = next(r for r in caplog.records if number in r.getMessage())
    assert "RuntimeError: broken" in (record.exc_text or caplog.text)
    assert answer.status_code == 500
    assert "broken" not in answer.content.decode()
