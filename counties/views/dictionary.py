"""数据字典: every indicator explained, on a page and as a workbook."""

import polars as pl
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from counties.forms.dictionary import DictionaryFilter, Entries
from counties.selectors import dictionary
from fanpin import clock
from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission
from fanpin.rules import registry
from fanpin.sheets.writing import Table, xlsx_bytes
from fanpin.web.components import Action, Crumb, Fact, Figure
from fanpin.web.lists import Column, render_list
from households.choices import lists
from households.indicators import ERAS, LATER

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOTE = "填表说明由本系统整理，供填报参考；以上级下发的指标解释为准。"
TITLES = ("标识", "指标", "官方指标、代码", "表块", "类型", "单位", "代码表", "代码", "何时填", "范围",
          "填表说明", "表式", "填报", "核对部门", "用于", "质量规则")  # fmt: skip


def entry_url(row: dictionary.Row) -> str:
    return reverse("counties:dictionary_entry", args=[row.pk])


COLUMNS = (
    Column("label", "指标", "indicator.label", url=entry_url),
    Column("block", "表块", "indicator.block", sort=True, hidden=True),
    Column("kind", "类型"),
    Column("unit", "单位"),
    Column("required", "何时填", "indicator.required_when"),
    Column("range", "范围", "indicator.range"),
    Column("explanation", "填表说明", "indicator.explanation"),
    Column("era", "表式", sort=True),
    Column("code", "标识", "indicator.code", hidden=True),
    Column("official", "官方指标、代码", "indicator.official", hidden=True),
    Column("used_in", "用于", hidden=True),
    Column("rule_codes", "质量规则", hidden=True),
)


@requires(Permission.VIEW_RULES)
@require_GET
def dictionary_list(request: HttpRequest) -> HttpResponse:
    rows = Entries(dictionary.rows())
    here = reverse("counties:dictionary")
    later = sum(row.indicator.era == LATER for row in rows)
    return render_list(
        request,
        title="数据字典",
        queryset=rows,
        columns=COLUMNS,
        filters=DictionaryFilter,
        search=search,  # type: ignore[arg-type]
        search_label="指标、官方指标或标识",
        empty="没有符合条件的指标，请放宽筛选条件。",
        figures=[Figure(ERAS[LATER], later, f"{here}?era={LATER.replace('+', '%2B')}", "项")],
        actions=[Action("下载XLSX", reverse("counties:dictionary_workbook"), tone="primary")],
    )


def search(rows: Entries, text: str) -> Entries:
    return Entries(
        row
        for row in rows
        if text in row.indicator.label
        or text in row.indicator.official
        or text.lower() in row.indicator.code
    )


@requires(Permission.VIEW_RULES)
@require_GET
def dictionary_entry(request: HttpRequest, code: str) -> HttpResponse:
    row = next((row for row in dictionary.rows() if row.pk == code), None)
    if row is None:
        raise Http404
    each = row.indicator
    context = {
        "title": each.label,
        "row": row,
        "note": NOTE,
        "codes": lists()[row.code_list].items() if row.code_list else (),
        "rules": [registry[name] for name in row.rules],
        "breadcrumb": [Crumb("数据字典", reverse("counties:dictionary"))],
        "facts": [
            Fact("表块", each.block), Fact("类型", row.kind, unit=row.unit),
            Fact("何时填", each.required_when), Fact("范围", each.range),
            Fact("表式", row.era), Fact("填报", row.filled_by),
            Fact("核对部门", row.ledgers), Fact("用于", row.used_in),
            Fact("官方指标、代码", each.official), Fact("标识", each.code),
        ],
    }  # fmt: skip
    return render(request, "counties/dictionary_entry.html", context)


@requires(Permission.VIEW_RULES)
@require_GET
def dictionary_workbook(request: HttpRequest) -> HttpResponse:
    """Two sheets: the indicators, and every code list with its entries."""
    day = clock.today()
    response = HttpResponse(xlsx_bytes(_indicators(f"{day}　{NOTE}"), _codes()), content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename=dictionary-{day:%Y%m%d}.xlsx"
    return response


def _indicators(caption: str) -> Table:
    lines = [
        (row.pk, row.indicator.label, row.indicator.official, row.indicator.block, row.kind,
         row.unit, row.code_list, row.entries, row.indicator.required_when, row.indicator.range,
         row.indicator.explanation, row.era, row.filled_by, row.ledgers, row.used_in, row.rule_codes)
        for row in dictionary.rows()
    ]  # fmt: skip
    frame = pl.DataFrame(lines, schema=dict.fromkeys(TITLES, pl.String), orient="row")
    return Table(
        "指标", TITLES, frame, f"数据字典　{caption}", (18, 22, 18, 16, 12, 8, 14, 30, 18, 22, 50)
    )


def _codes() -> Table:
    heads = ("代码表", "代码", "名称")
    used = sorted({row.code_list for row in dictionary.rows() if row.code_list})
    lines = [(name, code, label) for name in used for code, label in lists()[name].items()]
    frame = pl.DataFrame(lines, schema=dict.fromkeys(heads, pl.String), orient="row")
    return Table("代码表", heads, frame, "", (24, 20, 40))
