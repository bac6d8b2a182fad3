"""What a ledger is and what is compared with it. Conditions are SQL, because a county is compared in the database.

In every condition `m` is the active member and `l` the ledger's row of the same citizen number, all columns null when
there is none; `h` is the household, for words only: a condition that names it is judged after it was looked up.
`%(name)s` are the values of `parameters` and of the campaign.
"""

from dataclasses import dataclass, field
from typing import Literal

from fanpin.sheets.columns import Book, Check, Column, Sheet
from households.rules import identity

Direction = Literal["register→ledger", "ledger→register", "both"]
ACTIVE = "m.status IN ('active', 'pending_out')"


@dataclass(frozen=True)
class Source:
    """The rows a difference looks at: one pass over `tables` serves all differences of the source."""

    tables: str
    where: str


WANTED = "(%(households)s::bigint[] IS NULL OR m.household_id = ANY(%(households)s::bigint[]))"
# The household of what disagrees, looked up last: OFFSET 0 keeps the planner from joining it for everybody.
HOUSEHOLD = """CROSS JOIN LATERAL (SELECT id, division_path FROM households_household
    WHERE id = m.household_id AND ended_on IS NULL OFFSET 0) h"""
MEMBERS = Source(
    tables=f"""households_member m
        LEFT JOIN counties_ledgerrow l ON l.batch_id = %(batch)s AND l.id18 = m.id18
        {HOUSEHOLD}""",
    where=f"m.county_code = %(county)s AND {ACTIVE} AND m.id18 IS NOT NULL AND {WANTED}",
)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One way in which the two books can disagree, and the work order it becomes.

    `when` is asked of every row and looks at nothing else, so that several processes can ask it; `unless` are the
    exceptions to look up for what disagrees.
    """

    code: str
    title: str
    severity: Literal["error", "warn"]
    direction: Direction
    when: str
    detail: str
    remedy: str
    unless: str = ""
    fields: tuple[str, ...] = ()
    owner_level: str = "village"
    tolerance: str = ""
    source: Source = MEMBERS
    subject: str = "'member:' || m.id"
    member: str = "m.id"
    row: str = "l.id"

    @property
    def holds(self) -> str:
        """The whole condition, exceptions taken off."""
        return f"({self.when}) AND NOT ({self.unless})" if self.unless else f"({self.when})"


@dataclass(frozen=True, kw_only=True)
class LedgerSpec:
    """A department's ledger: columns declared once, how they are stored, what is compared."""

    key: str
    title: str
    department: str
    columns: tuple[Column, ...]
    differences: tuple[Difference, ...]
    stored: dict[str, str] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    note: str = ""
    # Income line by the kind of a row that pays monthly: offered to the household's 收支明细.
    pays: dict[str, str] = field(default_factory=dict)
    # A ledger that warns of people: which of its rows reach the thresholds, and what a row says, in SQL.
    code: str = ""
    warns: str = ""
    says: str = ""

    @property
    def sheet(self) -> Sheet:
        return Sheet(title=self.title, columns=self.columns, note=self.note)

    @property
    def book(self) -> Book:
        return Book(title=f"{self.title}台账", sheets=(self.sheet,))

    @property
    def needed(self) -> dict[str, list[str]]:
        return {self.title: [column.key for column in self.columns if column.required]}

    @property
    def codes(self) -> list[str]:
        return [difference.code for difference in self.differences]


ID_NUMBER = Column(
    "id_no",
    "身份证号",
    "id_number",
    required=True,
    aliases=("公民身份号码", "证件号码", "居民身份证号", "残疾人证号"),
    example="620421196803129913",
    help="18位身份证号；残疾人可填20或22位残疾人证号，按前18位匹配",
    checks=(
        Check(
            wrong=lambda number: ~identity.checksum_holds(number.str.slice(0, 18)),
            explain="身份证号不对（位数、出生日期或校验码）",
            remedy="请对照身份证核对18位号码",
        ),
    ),
)
NAME = Column("name", "姓名", required=True, max_length=40, example="王建国")


def choice(key: str, label: str, codes: tuple[tuple[str, str], ...], **options: object) -> Column:
    """A column with its own short list."""
    return Column(key, label, "choice", codes=codes, **options)  # type: ignore[arg-type]


def label_sql(column: str, codes: tuple[tuple[str, str], ...]) -> str:
    """SQL that shows the label of a stored code, for the sentence of a finding."""
    cases = " ".join(f"WHEN '{code}' THEN '{label}'" for code, label in codes)
    return f"CASE {column} {cases} ELSE coalesce(nullif({column}, ''), '未填') END"
