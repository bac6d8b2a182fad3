"""Seals what a case looked like after a step: the hash that stands on the CaseStep."""

import hashlib
import json

from monitoring.models import Case
from monitoring.selectors.case_facts import CaseFacts


def seal(case: Case, facts: CaseFacts) -> str:
    """SHA-256 over status, category, roster, figures, votes and papers; the same facts give the same hash."""
    check, meeting = facts.check, facts.deliberation
    statement = check.statement if check else None
    content = [
        case.number,
        case.status,
        case.category,
        case.reference_month,
        facts.roster,
        [str(statement.inc_net), statement.members_count] if statement else None,
        [[r.cause, r.member_id, r.outcome] for r in facts.check_risks],
        [[a.department, a.result, a.four_haves] for a in facts.answers],
        [meeting.votes_for, meeting.votes_against, meeting.category] if meeting else None,
        [facts.notice.posted_on.isoformat(), facts.notice.text] if facts.notice else None,
        [[o.content, o.finding] for o in facts.objections],
        [[r.kind, r.decision, r.number] for r in facts.reviews],
        [[d.kind, d.sha256] for d in facts.documents],
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
