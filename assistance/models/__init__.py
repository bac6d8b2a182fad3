"""Plans, measures, help in advance, the household's folder."""

from assistance.models.advance import AdvanceEvidence, AdvanceHelp
from assistance.models.filing import HouseholdFile, HouseholdFileItem
from assistance.models.measures import Measure, MeasureEvidence
from assistance.models.plans import Plan, PlanDocument, PlanDuty, PlanItem, PlanRisk

__all__ = [
    "AdvanceEvidence",
    "AdvanceHelp",
    "HouseholdFile",
    "HouseholdFileItem",
    "Measure",
    "MeasureEvidence",
    "Plan",
    "PlanDocument",
    "PlanDuty",
    "PlanItem",
    "PlanRisk",
]
