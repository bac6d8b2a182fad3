"""Parameters in the admin: Chinese heads, export and import of one file, values held to their kind, all recorded."""

import pytest
import tablib
from django.urls import reverse

from fanpin.accounts.models import User
from fanpin.audit.models import AuditEntry
from households.admin import ParameterResource
from households.models import Parameter
from tests.factories import register

HEADS = ["参数", "适用区划", "取值", "生效日期", "失效日期", "依据"]


@pytest.fixture
def keeper(tree) -> User:
    user = register.user("admin", "62", name="管理员")
    user.is_staff = user.is_superuser = True
    user.save()
    return user


def book(*rows) -> tablib.Dataset:
    return tablib.Dataset(*rows, headers=HEADS)


def load(data, by):
    return ParameterResource().import_data(data, user=by, dry_run=False)


@pytest.mark.parametrize("page", ["changelist", "import", "export"])
def test_the_pages_open_in_chinese(keeper, client, page):
    client.force_login(keeper)
    answer = client.get(reverse(f"admin:households_parameter_{page}"))
    assert answer.status_code == 200
    assert "生效日期" in answer.content.decode()


def test_what_was_exported_is_imported_without_a_change(keeper):
    exported = ParameterResource().export()
    assert exported.headers == HEADS
    entries = AuditEntry.objects.count()
    result = load(exported, keeper)
    assert not result.has_errors()
    assert result.totals["skip"] == Parameter.objects.count()
    assert AuditEntry.objects.count() == entries


def test_a_new_value_is_written_and_recorded(keeper):
    result = load(
        book(("monitoring_line", "62", "7000", "2022-01-01", "2022-12-31", "省定")), keeper
    )
    assert not result.has_errors()
    assert Parameter.objects.get(key="monitoring_line", effective_from="2022-01-01").value == "7000"
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.actor) == ("parameter.set", keeper)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [("monitoring_line", "六千", "不能作为"), ("no_such", "1", "没有参数")],
)
def test_a_wrong_value_or_key_is_refused(keeper, key, value, said):
    result = load(book((key, "62", value, "2030-01-01", "", "")), keeper)
    assert said in str(result.invalid_rows[0].error_dict)
    assert not Parameter.objects.filter(effective_from="2030-01-01").exists()
