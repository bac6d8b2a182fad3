"""The limit of everything that writes rows: a bare COPY of the same rows into the same indexes."""

from collections.abc import Iterable
from io import BytesIO

from django.db import connection, models, transaction

from benchmarks.metering import Spent, now


def copied_in(written: Iterable[type[models.Model]], where: str = "TRUE") -> Spent:
    """COPY of the rows of these tables into twins of them, indexes and all, in one transaction."""
    data = []
    with connection.cursor() as cursor:
        for model in written:
            table = model._meta.db_table
            cursor.execute(f"DROP TABLE IF EXISTS bench_{table}")
            cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
            buffer = BytesIO()
            rows = f"(SELECT * FROM {table} WHERE {where})"
            cursor.cursor.copy_expert(f"COPY {rows} TO STDOUT (FORMAT csv)", buffer)
            buffer.seek(0)
            data.append((f"bench_{table}", buffer))
    start = now()
    with transaction.atomic(), connection.cursor() as cursor:
        for table, buffer in data:
            cursor.cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv)", buffer)
    spent = now() - start
    with connection.cursor() as cursor:
        for table, _ in data:
            cursor.execute(f"DROP TABLE {table}")
    return spent
