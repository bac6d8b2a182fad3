"""The register: who they are, how they changed, what they earn, this year's collection."""

from households.models.baselines import HouseholdBaseline, MemberBaseline
from households.models.batches import FormBatch, FormBatchLine
from households.models.campaigns import Campaign, Collection, CountyLock
from households.models.disputes import Dispute
from households.models.helping import Helper, Helping
from households.models.households import Household
from households.models.imports import CellError, ImportBatch, ImportRow
from households.models.income import IncomeStatement
from households.models.members import Member, MemberChange, MemberChangeDocument
from households.models.parameters import Parameter, PolicyItem
from households.models.receipts import Receipt
from households.models.reorganising import (
    Reorganisation,
    ReorganisationDocument,
    ReorganisedPerson,
    SplitCheck,
)
from households.models.snapshots import HouseholdSnapshot
from households.models.visits import Visit, VisitPaper

__all__ = [
    "Campaign",
    "CellError",
    "Collection",
    "CountyLock",
    "Dispute",
    "FormBatch",
    "FormBatchLine",
    "Helper",
    "Helping",
    "Household",
    "HouseholdBaseline",
    "HouseholdSnapshot",
    "ImportBatch",
    "ImportRow",
    "IncomeStatement",
    "Member",
    "MemberBaseline",
    "MemberChange",
    "MemberChangeDocument",
    "Parameter",
    "PolicyItem",
    "Receipt",
    "Reorganisation",
    "ReorganisationDocument",
    "ReorganisedPerson",
    "SplitCheck",
    "Visit",
    "VisitPaper",
]
