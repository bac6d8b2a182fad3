"""Every indicator of the sheets is declared once, has a column, a code list that exists, and words."""

import pytest
from django.apps import apps

from households.choices import lists
from households.forms.households import HouseholdForm
from households.forms.income import IncomeForm
from households.forms.members import MemberForm
from households.indicators import ERAS, indicators, later_fields, of_model

every = pytest.mark.parametrize("indicator", indicators(), ids=lambda each: each.code)
# Blocks of the sheets with the number of fields each has (forms.md §8).
BLOCKS = {"A": 30, "B": 12, "C": 39, "D": 26, "E": 18, "F": 7, "G": 33, "H": 20, "I": 13, "J": 8,
          "K": 5, "L": 55, "M": 8}  # fmt: skip


@every
def test_an_indicator_is_a_column_of_the_model_it_names(indicator):
    model, _, field = indicator.column.rpartition(".")
    column = apps.get_model(model)._meta.get_field(field)
    code_list = getattr(column, "code_list", "")
    assert not code_list or code_list in lists()


@every
def test_an_indicator_is_explained_in_plain_words(indicator):
    assert indicator.era in ERAS
    assert indicator.label
    assert indicator.explanation.endswith("。")
    assert "_" not in indicator.help


def test_the_blocks_have_as_many_fields_as_the_sheets():
    counted: dict[str, int] = {}
    for each in indicators():
        counted[each.block[0]] = counted.get(each.block[0], 0) + 1
    assert counted == BLOCKS
    assert len({each.code for each in indicators()}) == sum(BLOCKS.values())


@pytest.mark.parametrize("form", [HouseholdForm, MemberForm, IncomeForm])
def test_every_field_of_a_form_has_its_explanation(form):
    known = of_model(form.model._meta.label)
    assert set(form.columns) <= set(known)


def test_what_only_later_sheets_have_is_told():
    assert later_fields("households.Household") == {"road_hardened"}
    assert "work_monthly_income" in later_fields("households.Member")
    assert "inc_wage_public_post" in later_fields("households.IncomeStatement")
