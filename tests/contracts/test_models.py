"""Every model says what is personal in it, where its rows lie, and who did what at which time."""

import pytest
from django.apps import apps
from django.db import models

from fanpin.files.models import StoredFile
from fanpin.regions.scope import Scope, ScopedQuerySet

OURS = ("fanpin.", "households", "assistance", "monitoring", "counties")
MODELS = [
    m for m in apps.get_models() if apps.get_app_config(m._meta.app_label).name.startswith(OURS)
]
# JSON holds what was received and not shaped by us, the parameters of a job, and the record of what
# a row was like (any field of any model) before and after an act.
JSON_ALLOWED = {
    "audit.AuditEntry.before",
    "audit.AuditEntry.after",
    "households.MemberChange.before",
    "households.MemberChange.after",
    "households.ImportRow.before",
    "households.ImportRow.after",
    "households.ImportRow.mended",
    "counties.SheetChange.before",
    "counties.SheetChange.after",
    "monitoring.Case.parameters_used",
    "jobs.Job.params",
}


def fields_of(model) -> dict[str, models.Field]:
    return {f.name: f for f in model._meta.get_fields() if isinstance(f, models.Field)}


def has_place(model) -> bool:
    """It lies somewhere: by a path of its own, or by its owner's path."""
    return "division_path" in fields_of(model) or hasattr(model, "scope_path")


def each(chosen):
    return pytest.mark.parametrize("model", chosen, ids=lambda m: m._meta.label)


every_model = each(MODELS)


@every_model
def test_personal_fields_are_named_and_exist(model):
    declared = model.__dict__.get("PERSONAL")
    assert isinstance(declared, tuple), f"{model._meta.label} 未声明 PERSONAL"
    assert set(declared) <= set(fields_of(model))


SURELY_PERSONAL = {
    "id_no", "id18", "phone", "head_id_no", "head_name", "bank_card_no", "disability_cert_no",
    "member_phone", "contact_phone", "filler_phone", "longitude", "latitude",
}  # fmt: skip


@every_model
def test_what_names_or_finds_a_person_is_declared_personal(model):
    present = SURELY_PERSONAL & set(fields_of(model))
    assert present - set(model.PERSONAL) == set()


@every_model
def test_a_papers_file_and_its_name_are_personal(model):
    if issubclass(model, StoredFile):
        assert {"file", "original_name"} <= set(model.PERSONAL)


@each([m for m in MODELS if has_place(m)])
def test_a_model_that_lies_somewhere_can_be_cut_to_a_scope(model):
    """A path of its own, or the path of its owner named in scope_path; the default is nothing."""
    manager = model._default_manager
    if not hasattr(manager, "within"):
        assert hasattr(manager.all(), "visible_to"), "neither within(scope) nor visible_to(user)"
        return
    queryset = manager.all()
    assert isinstance(queryset, ScopedQuerySet)
    assert queryset.within(Scope.none()).query.is_empty()
    str(queryset.within(Scope.of(["/62/6204/"])).query)


@every_model
def test_names_are_chinese(model):
    assert not model._meta.verbose_name.isascii(), "verbose_name"
    for field in model._meta.local_fields:
        if field.auto_created or field.name in ("id", "password", "last_login"):
            continue
        if field.related_model is None or field.verbose_name != field.name.replace("_", " "):
            label = str(field.verbose_name)
            assert not label.isascii() or field.model is not model, f"{field.name}: {label}"


@every_model
def test_a_time_and_its_actor_come_together(model):
    """`x_at` with `x_by`, where the time may be empty, are a pair held by a constraint.

    Where only the person may be empty, it was the system.
    """
    fields = fields_of(model)
    texts = [str(getattr(c, "condition", "")) for c in model._meta.constraints]
    for name, at in fields.items():
        if not name.endswith(("_at", "_on")):
            continue
        by = fields.get(name[:-3] + "_by")
        if by is None or not at.null:
            # Always timed; without a person it was the system.
            continue
        assert any(name in t and by.name in t for t in texts), f"{name} / {by.name}"


@every_model
def test_times_are_named_at_and_days_on(model):
    for name, field in fields_of(model).items():
        if field.model is not model or name in ("last_login", "date_joined"):
            continue
        if type(field) is models.DateTimeField:
            assert name == "at" or name.endswith(("_at", "_until", "_from")), name
        if type(field) is models.DateField and not field.auto_created:
            assert not name.endswith("_at"), name


@every_model
def test_json_is_for_what_was_received_only(model):
    found = {
        f"{model._meta.label}.{name}"
        for name, field in fields_of(model).items()
        if isinstance(field, models.JSONField)
    }
    received = {name for name in found if name.rpartition(".")[2].startswith(("raw", "received"))}
    assert found - received - JSON_ALLOWED == set()


@every_model
def test_no_key_to_just_anything(model):
    assert not {f.name for f in model._meta.private_fields}


@every_model
def test_nothing_is_deleted_along(model):
    """An ended row has its end; a cascade would take history with it."""
    for field in model._meta.local_fields:
        if field.remote_field is not None and field.model is model:
            assert field.remote_field.on_delete is not models.SET_DEFAULT
            if field.remote_field.on_delete is models.CASCADE:
                assert model._meta.label in CASCADES, f"{field.name}: CASCADE"


# Rows that are a part of another one and die with it: staging and counts, not records.
CASCADES = {
    "households.ImportRow",
    "households.CellError",
    "counties.CheckCount",
}


@every_model
def test_a_row_can_be_named(model):
    assert model.__str__ is not models.Model.__str__
