"""What only the database can say before a county's real system starts."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import Error, Tags, register
from django.db import connections


@register(Tags.database)
def no_demo_accounts_in_production(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[Error]:
    """Their password is printed on the login page of every demonstration."""
    users = get_user_model()
    if not (settings.PRODUCTION and databases and _table_exists(users._meta.db_table)):
        return []
    if not users._default_manager.filter(is_demo=True, is_active=True).exists():
        return []
    return [
        Error(
            "正式环境的数据库里有可登录的演示账号。",
            hint="请使用新建的数据库，或在“用户与岗位”中停用全部演示账号。",
            id="fanpin.E001",
        )
    ]


def _table_exists(name: str) -> bool:
    """Before the first migration there is nobody to check."""
    connection = connections["default"]
    with connection.cursor() as cursor:
        return name in connection.introspection.table_names(cursor)
