"""One spec for each department ledger: its columns, its key, what is compared and what a disagreement becomes."""

from counties.comparison.civil import DIBAO_TEKUN
from counties.comparison.disabled import DISABLED
from counties.comparison.insured import INSURED
from counties.comparison.paid import ECO_COMPENSATION, FARMLAND, FOREST_GUARDS, PENSION
from counties.comparison.police import POLICE
from counties.comparison.school import SCHOOL
from counties.comparison.spec import Difference, LedgerSpec
from counties.comparison.warnings import WARNINGS

SPECS: dict[str, LedgerSpec] = {
    spec.key: spec
    for spec in (
        POLICE,
        DIBAO_TEKUN,
        DISABLED,
        INSURED,
        SCHOOL,
        PENSION,
        ECO_COMPENSATION,
        FOREST_GUARDS,
        FARMLAND,
        *WARNINGS,
    )
}
# What stands beside the register; a warning is answered instead.
COMPARED: dict[str, LedgerSpec] = {key: spec for key, spec in SPECS.items() if spec not in WARNINGS}
DIFFERENCES: dict[str, Difference] = {
    difference.code: difference for spec in SPECS.values() for difference in spec.differences
}


def specs_of(department: str) -> list[LedgerSpec]:
    """The ledgers a department hands in."""
    return [spec for spec in SPECS.values() if spec.department == department]


__all__ = ["COMPARED", "DIFFERENCES", "SPECS", "Difference", "LedgerSpec", "specs_of"]
