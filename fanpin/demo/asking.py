"""What stands open in the demonstration's first village: a question after a death or a departure, and a person whom
two villages have.
"""

import datetime
from collections import Counter

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from fanpin.accounts.models import User
from fanpin.clock.days import pretend
from fanpin.demo.pictures import picture
from fanpin.demo.situations import Team
from households.forms.members import MemberForm
from households.models import Household, Member, MemberChange
from households.selectors.parameters import policy_items
from households.services import changes, deciding
from monitoring.services import prompts

D = datetime.date
LEFT_ON, PASSED_ON, CLAIMED_ON = D(2021, 10, 29), D(2021, 11, 3), D(2021, 11, 4)
PARENTS = ("51", "52")
HEAD = "02"


def labourer_of(household: Household) -> Member | None:
    """Somebody besides the head who works."""
    return _active(household).filter(labour="ordinary").exclude(relation=HEAD).first()


def parent_of(household: Household) -> Member | None:
    """The head's father or mother."""
    return _active(household).filter(relation__in=PARENTS).first()


def _active(household: Household) -> QuerySet[Member]:
    return Member.objects.filter(household=household, status="active").order_by("pk")


def a_labourer_left(household: Household, team: Team) -> Counter[str]:
    """A monitored household lost a labourer: the system asks whether the plan still fits, and nobody has answered."""
    member = labourer_of(household)
    assert member is not None
    with pretend(LEFT_ON):
        change = changes.decrease(
            member, reason="dec_hukou_out", changed_on=LEFT_ON, by=team.village,
            documents=_papers(household, "dec_hukou_out"), note="户口迁往外县",
        )  # fmt: skip
    with pretend(PASSED_ON):
        passed = deciding.pass_on(change, by=team.township)
        # Asked on commit already, unless the whole demonstration is one transaction; never twice.
        prompts.ask_about([passed.pk])
    return Counter({"prompts": passed.prompts.count()})


def a_parent_is_claimed(holder: Household, claimant: Household, by: User) -> Counter[str]:
    """Another village registers an old father or mother who stands in the first village: it has to answer."""
    parent = parent_of(holder)
    assert parent is not None
    fields = {name: getattr(parent, name) for name in MemberForm.columns}
    with pretend(CLAIMED_ON):
        change = changes.increase(
            claimant, reason="inc_hukou_in", changed_on=LEFT_ON, fields=fields, by=by,
            documents=_papers(claimant, "inc_hukou_in"), dispute=True,
            note="老人已随本户共同生活，户口迁入手续已办",
        )  # fmt: skip
    return Counter({"disputes": int(change.state == MemberChange.State.CHECKING)})


def _papers(household: Household, reason: str) -> list[tuple[str, UploadedFile]]:
    items = policy_items("change_document", household.division_path, LEFT_ON)
    return [(item.label, picture("证明.png")) for item in items if item.code == reason]
