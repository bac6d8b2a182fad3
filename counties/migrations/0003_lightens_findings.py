"""A finding is written with fewer indexes: one of a column with a single value, one of who acted, one for LIKE."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("counties", "0002_village_natural_village_and_county_sheets"),
        ("households", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameField(
            model_name="finding", old_name="last_seen_at", new_name="refreshed_at"
        ),
        migrations.AlterField(
            model_name="finding",
            name="refreshed_at",
            field=models.DateTimeField(verbose_name="最近更新"),
        ),
        migrations.AlterField(
            model_name="finding",
            name="campaign",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="findings",
                to="households.campaign",
                verbose_name="年度",
            ),
        ),
        migrations.AlterField(
            model_name="finding",
            name="dispatched_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="派发人",
            ),
        ),
        migrations.AlterField(
            model_name="finding",
            name="fingerprint",
            field=models.CharField(max_length=120, verbose_name="指纹"),
        ),
        migrations.AlterField(
            model_name="findingaction",
            name="done_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="经办人",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(
                fields=("fingerprint",), name="finding_stands_once"
            ),
        ),
    ]
