"""Migrations that stand for several older ones: an installation that ran those runs nothing again."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

pytestmark = pytest.mark.django_db

APPS = ("households", "monitoring", "assistance", "counties")


@pytest.fixture
def recorder():
    return MigrationRecorder(connection)


def first(app: str):
    return MigrationExecutor(connection).loader.disk_migrations[(app, "0001_first_release")]


@pytest.mark.parametrize("app", APPS)
def test_an_older_installation_runs_nothing_again(app: str, recorder) -> None:
    migration = first(app)
    recorder.record_unapplied(app, migration.name)
    for replaced in migration.replaces:
        recorder.record_applied(*replaced)

    executor = MigrationExecutor(connection)

    executor.loader.check_consistent_history(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
