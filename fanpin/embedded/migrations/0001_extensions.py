"""PostgreSQL extensions that every app's indexes and constraints may use, so before any of them."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    run_before = [
        ("regions", "__first__"),
        ("clock", "__first__"),
        ("audit", "__first__"),
        ("jobs", "__first__"),
        ("accounts", "__first__"),
        ("households", "__first__"),
        ("assistance", "__first__"),
        ("monitoring", "__first__"),
        ("counties", "__first__"),
    ]
    operations = [BtreeGistExtension(), TrigramExtension()]
