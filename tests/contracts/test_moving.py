"""A household that moves takes every row along that keeps its place; taking the move back returns all of them."""

import datetime
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db.models import CharField, Model, Q

from counties.services import adjustments, undoing
from fanpin.accounts.models import User
from fanpin.accounts.roles import Role
from fanpin.regions.models import Division
from households.models import Household
from tests.factories import register

pytestmark = pytest.mark.django_db
DEEP = 2


def _path_fields(model: type[Model]) -> list[str]:
    fields = model._meta.concrete_fields
    return [f.name for f in fields if isinstance(f, CharField) and f.name.endswith("path")]


def _household_keys(model: type[Model], prefix: str = "", depth: int = DEEP) -> Iterator[str]:
    """Every chain of foreign keys from the model to a household."""
    for field in model._meta.concrete_fields:
        if field.related_model is Household:
            yield prefix + field.name
        elif field.is_relation and depth and field.related_model is not model:
            yield from _household_keys(field.related_model, f"{prefix}{field.name}__", depth - 1)


KEEPERS = {
    model: (_path_fields(model), list(_household_keys(model)))
    for model in apps.get_models()
    if model is not Household and _path_fields(model) and any(_household_keys(model))
}


def _kept(model: type[Model], households: set[int]) -> dict[int, tuple[str, ...]]:
    """What the rows of these households say of their place."""
    paths, keys = KEEPERS[model]
    condition = Q()
    for key in keys:
        condition |= Q(**{f"{key}__in": households})
    rows = model._default_manager.filter(condition).distinct()
    return {pk: tuple(values) for pk, *values in rows.values_list("pk", *paths)}


def _merged(by: User) -> adjustments.DivisionChange:
    """Everybody of the world's village goes next door."""
    change = adjustments.plan(
        Division.objects.get(pk=register.VILLAGE),
        fields={
            "kind": "merge", "target": Division.objects.get(pk=register.OTHER_VILLAGE),
            "effective_on": datetime.date(2021, 11, 22), "document_no": "甘民函〔2021〕9号",
        },
        by=by,
    )  # fmt: skip
    change = adjustments.start(change, by=by)
    while adjustments.move_next(change, by=by):
        pass
    return adjustments.finish(change, by=by)


def _returned(change: adjustments.DivisionChange, by: User) -> None:
    change = undoing.start(change, by=by)
    while undoing.return_next(change, by=by):
        pass
    undoing.finish(change, by=by)


def test_every_row_with_a_place_of_its_own_follows_the_household_and_comes_back(today):
    old = Division.objects.get(pk=register.VILLAGE).path
    rows = Household.objects.filter(division_path=old, ended_on=None)
    moved = set(rows.values_list("pk", flat=True))
    before = {model: _kept(model, moved) for model in KEEPERS}
    for model, kept in before.items():
        assert any(old in paths for paths in kept.values()), f"the world has no {model.__name__}"
    by = today.inside[Role.COUNTY_REVIEWER]
    adjustments.cancel(today.rows["adjustment"], by=by)
    change = _merged(by)
    assert not Household.objects.filter(pk__in=moved, division_path=old).exists()
    for model in KEEPERS:
        left = [pk for pk, paths in _kept(model, moved).items() if old in paths]
        assert not left, f"{model.__name__}: counties.services.relocating.FOLLOWING forgets it"
    _returned(change, by)
    assert {model: _kept(model, moved) for model in KEEPERS} == before
