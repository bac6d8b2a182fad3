"""Column kinds of the national forms: a code, several codes, an amount of money, an area."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from households.choices import choices


class CodeField(models.CharField):
    """One code of a list of `choices`; empty means not yet filled in."""

    def __init__(self, verbose_name: str = "", code_list: str = "", **kwargs: Any):
        self.code_list = code_list
        kwargs.setdefault("max_length", 30)
        kwargs.setdefault("blank", True)
        if code_list:
            kwargs["choices"] = choices(code_list)
        super().__init__(verbose_name, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        return name, "django.db.models.CharField", args, kwargs


class CodesField(ArrayField):
    """Several codes of one list, as a text array; an empty array means not yet filled in."""

    def __init__(self, verbose_name: str = "", code_list: str = "", **kwargs: Any):
        self.code_list = code_list
        kwargs.setdefault("base_field", models.CharField(max_length=30))
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(verbose_name=verbose_name, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.contrib.postgres.fields.ArrayField", args, kwargs


class MoneyField(models.DecimalField):
    """元, two decimals."""

    def __init__(self, verbose_name: str = "", **kwargs: Any):
        kwargs.setdefault("max_digits", 12)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(verbose_name, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DecimalField", args, kwargs


class OptionalMoneyField(MoneyField):
    """元, two decimals; empty means the breakdown was not filled in."""

    def __init__(self, verbose_name: str = "", **kwargs: Any):
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        super().__init__(verbose_name, **kwargs)


class AreaField(models.DecimalField):
    """亩, two decimals."""

    def __init__(self, verbose_name: str = "", **kwargs: Any):
        kwargs.setdefault("max_digits", 8)
        kwargs.setdefault("decimal_places", 2)
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        super().__init__(verbose_name, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DecimalField", args, kwargs
