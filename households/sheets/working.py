"""A checked sheet while it is compared with the register: rows are refused by naming a cell."""

from collections.abc import Iterable

import polars as pl

from fanpin.sheets.checking import Checked, dtype_of, problem_lines
from fanpin.sheets.columns import Sheet
from fanpin.sheets.problems import Problems
from fanpin.sheets.reading import ROW


class Work:
    """One sheet's typed rows with every declared column present, and its growing list of problems.

    A sheet that the file does not have is an empty one.
    """

    def __init__(self, sheet: Sheet, checked: Checked | None) -> None:
        self.sheet = sheet
        self.read = checked.read if checked else None
        self.problems = checked.problems if checked else Problems()
        frame = checked.frame if checked else pl.DataFrame(schema={ROW: pl.Int64})
        self.frame = frame.with_columns(
            pl.lit(None, dtype=dtype_of(column)).alias(column.key)
            for column in sheet.columns
            if column.key not in frame.columns
        )

    def refuse(
        self,
        wrong: pl.Expr,
        key: str,
        message: pl.Expr | str,
        remedy: str,
        *,
        whole_row: bool = False,
    ) -> None:
        """Every row for which `wrong` is true gets a problem at its cell of column `key`.

        With `whole_row` another cell there would not help: the problem names no column to mend.
        """
        if self.read is None:
            return
        text = message if isinstance(message, pl.Expr) else pl.lit(message)
        # A key column the file does not have can still be named, without a cell.
        value = pl.col(key).cast(pl.String) if key in self.frame.columns else pl.lit("")
        rows = self.frame.filter(wrong.fill_null(False)).select(
            pl.col(ROW).alias("row"), value=value, message=text
        )
        column = self.sheet.by_key[key]
        lines = problem_lines(self.read, rows, column, pl.col("message"), remedy)
        self.problems.add(lines.with_columns(key=pl.lit("")) if whole_row else lines)

    @property
    def name(self) -> str:
        """The sheet's own name in the file."""
        return self.read.name if self.read else self.sheet.title

    def narrow(self, *names: str) -> pl.DataFrame:
        """Some columns with `_row`: joins on a few columns, not on a hundred."""
        return self.frame.select(ROW, *names)

    def attach(self, narrow: pl.DataFrame, *names: str) -> None:
        """Take columns found on `narrow`, which still has every row in its order."""
        self.frame = self.frame.with_columns(narrow.select(names).get_columns())

    @property
    def wrong_rows(self) -> pl.Series:
        return self.problems.frame().get_column("row").unique()

    def good(self) -> pl.DataFrame:
        """The rows without any problem."""
        return self.frame.filter(~pl.col(ROW).is_in(self.wrong_rows.implode()))


def doubled(keys: Iterable[str]) -> list[pl.Expr]:
    """For each key: the row where the same value stands first, null for that row itself."""
    return [
        pl.when(pl.col(key).is_not_null() & (pl.col(ROW) > pl.col(ROW).min().over(key)))
        .then(pl.col(ROW).min().over(key))
        .alias(f"first_{key}")
        for key in keys
    ]
