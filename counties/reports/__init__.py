"""The city summary: declared tables, numbers from SQL, identities, workbook (policy.md §12.2)."""

from counties.reports.adjustment import T1, T2
from counties.reports.population import T4
from counties.reports.progress import T5
from counties.reports.table import Table

TABLES: dict[str, Table] = {table.code: table for table in (T1, T2, T4, T5)}

__all__ = ["TABLES", "Table"]
