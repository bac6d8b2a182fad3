"""The case and the object: clue → identification → monitored → eliminated → rolled back or re-labelled."""

from monitoring.models.applications import Application
from monitoring.models.cases import Case, CaseDocument, CaseStep, Clue, NumberSeries
from monitoring.models.checks import (
    Analysis,
    Authorization,
    CheckPerson,
    CheckRisk,
    ComparisonAnswer,
    HouseholdCheck,
)
from monitoring.models.decisions import (
    Deliberation,
    NationalEntry,
    Objection,
    PublicNotice,
    Review,
)
from monitoring.models.evaluations import Evaluation, EvaluationRisk
from monitoring.models.meetings import Meeting
from monitoring.models.objects import Episode, EpisodeRisk, MonitoringObject, RiskFlag
from monitoring.models.outlooks import Outlook
from monitoring.models.prompts import Prompt

__all__ = [
    "Analysis",
    "Application",
    "Authorization",
    "Case",
    "CaseDocument",
    "CaseStep",
    "CheckPerson",
    "CheckRisk",
    "Clue",
    "ComparisonAnswer",
    "Deliberation",
    "Episode",
    "EpisodeRisk",
    "Evaluation",
    "EvaluationRisk",
    "HouseholdCheck",
    "Meeting",
    "MonitoringObject",
    "NationalEntry",
    "NumberSeries",
    "Objection",
    "Outlook",
    "Prompt",
    "PublicNotice",
    "Review",
    "RiskFlag",
]
