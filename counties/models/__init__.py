"""Compares, checks, closes, reports."""

from counties.models.adjustments import DivisionChange, MovedHousehold, MovedPosting
from counties.models.closures import ClosureResult, ClosureRun, ClosureSignature
from counties.models.evidence import FindingEvidence
from counties.models.findings import Finding, FindingAction, FindingChange
from counties.models.indicators import CountyFigure, Indicator
from counties.models.ledgers import LedgerBatch, LedgerError, LedgerRow
from counties.models.reconciling import (
    NationalFile,
    ReconciledItem,
    ReconciledPart,
    Reconciliation,
)
from counties.models.runs import CheckCount, CheckPart, CheckRun
from counties.models.screening import (
    KeyCheck,
    KeyCheckAction,
    KeyCheckReason,
    RunValue,
    ScreeningRun,
)
from counties.models.sheet_batches import SheetBatch
from counties.models.sheets import CountySheet, HamletSheet, SheetChange, VillageSheet
from counties.models.summaries import CitySummary, SummaryFigure

__all__ = [
    "CheckCount",
    "CheckPart",
    "CheckRun",
    "CitySummary",
    "ClosureResult",
    "ClosureRun",
    "ClosureSignature",
    "CountyFigure",
    "CountySheet",
    "DivisionChange",
    "Finding",
    "FindingAction",
    "FindingChange",
    "FindingEvidence",
    "HamletSheet",
    "Indicator",
    "KeyCheck",
    "KeyCheckAction",
    "KeyCheckReason",
    "LedgerBatch",
    "LedgerError",
    "LedgerRow",
    "MovedHousehold",
    "MovedPosting",
    "NationalFile",
    "ReconciledItem",
    "ReconciledPart",
    "Reconciliation",
    "RunValue",
    "ScreeningRun",
    "SheetBatch",
    "SheetChange",
    "SummaryFigure",
    "VillageSheet",
]
