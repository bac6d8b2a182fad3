"""The demonstration: generated people only, every state, and exactly the planted mistakes and disagreements."""

import io
import json
from collections import Counter
from random import Random

import pytest
from django.core.management import call_command
from stdnum.cn import ric

from counties.models import CountySheet, Finding, VillageSheet
from fanpin.accounts.models import Posting, User
from fanpin.accounts.roles import Role
from fanpin.clock.days import pretend
from fanpin.demo.people import CENTRES, SURVEY_DAY, Maker, Place
from households.models import Household, Member
from households.selectors import disputes
from monitoring.models import Case, MonitoringObject
from monitoring.selectors import prompts
from tests.factories.lasting import lasting

pytestmark = pytest.mark.django_db
COUNTY = "620421"
HOUSEHOLDS = 300
DEPARTMENTS = {
    "police": "public_security",
    "dibao_tekun": "civil_affairs",
    "disabled": "disabled_federation",
    "insured": "medical_insurance",
    "school": "education",
    "pension": "hr_social",
    "eco_comp": "eco_comp",
    "forest_guard": "forest_guard",
    "farmland": "agriculture",
}
MENDERS = (Role.VILLAGE_CASEWORKER, Role.TOWNSHIP_REVIEWER)
STATES = {
    "identifying", "approved", "monitored", "eliminating", "eliminated", "rolling_back",
    "relabelling", "closed", "voided", "not_monitored",
}  # fmt: skip


def _json(name, *args, **options):
    out = io.StringIO()
    call_command(name, *args, **options, json=True, stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    with lasting(django_db_blocker), pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.DATA_DIR", folder, raising=False)
        patch.setattr("django.conf.settings.MEDIA_ROOT", folder / "files", raising=False)
        call_command("load_divisions", stdout=io.StringIO())
        call_command("load_reference", stdout=io.StringIO())
        yield _json("demo", counties=1, households=HOUSEHOLDS)


def test_there_is_one_account_for_each_role(demo):
    roles = Counter(account["role"] for account in demo["accounts"])
    assert set(roles) == set(Role.values)
    assert all(a["username"] and a["password"] and a["division"] for a in demo["accounts"])


def test_objects_stand_in_every_state_and_cases_at_every_step(demo):
    assert set(MonitoringObject.objects.values_list("state", flat=True)) == STATES
    steps = Case.objects.filter(kind="identify", ended_on=None).values_list("status", flat=True)
    assert {"clue", "checked", "noticed", "township_passed", "announced"} <= set(steps)


def test_every_number_is_valid_in_form_and_kept_apart_from_real_people(demo):
    for number in Member.objects.values_list("id18", flat=True):
        assert "990" <= number[14:17] <= "999"
        assert ric.calc_check_digit(number) == number[17]


def test_the_rules_find_exactly_what_was_planted(demo):
    planted = demo["planted"][COUNTY]["quality"]
    assert any(code.startswith("R-MON") for code in planted)
    with pretend(SURVEY_DAY):
        found = _json("check_quality", county=COUNTY)["hits"]
    # Open findings and unfinished collection are the county's own doing, not planted mistakes.
    unfinished = ("R-VIL-18", "R-CTY-11", "R-CTY-12")
    assert {code: n for code, n in found.items() if not code.startswith(unfinished)} == planted


def test_a_reconciliation_with_the_exports_finds_exactly_what_was_planted(demo):
    planted = demo["planted"][COUNTY]["national"]
    with pretend(SURVEY_DAY):
        parts = _json("reconcile", *planted["files"].values(), county=COUNTY)["parts"]
    assert [part["kind"] for part in parts] == list(planted["files"])
    nothing = {"differs": 0, "ours": 0, "theirs": 0}
    for part in parts:
        found = {state: part[state] for state in nothing}
        assert found == planted["found"].get(part["kind"], nothing), part


def test_a_prompt_and_a_dispute_wait_for_the_village_with_an_account(demo):
    caseworker = User.objects.get(username="cun")
    with pretend(SURVEY_DAY):
        found = {
            "prompts": prompts.waiting_for(caseworker).count(),
            "disputes": disputes.to_answer(caseworker).count(),
        }
    assert found == demo["planted"][COUNTY]["waiting"]
    assert all(found.values())


def hand_in(files):
    """The departments report what the demonstration wrote for them."""
    for key, department in DEPARTMENTS.items():
        received = _json("receive_ledger", department, files[key], county=COUNTY)
        assert (received["wrong"], received["errors"]) == (0, [])


def compare():
    """The findings of a comparison of all ledgers, by code."""
    found = Counter()
    for run in _json("compare", county=COUNTY)["runs"]:
        found.update(run["findings"])
    return dict(found)


def test_the_comparison_finds_exactly_what_was_planted_and_twice_the_same(demo):
    planted = demo["planted"][COUNTY]
    hand_in(planted["ledgers"])
    for _ in range(2):
        assert compare() == planted["findings"]
    live = Finding.objects.live().filter(origin="comparison").count()
    assert live == sum(planted["findings"].values())


def test_an_account_can_answer_for_everything_that_is_planted(demo):
    """Nothing is left that only the county could wave through, and no closure check fails beside it."""
    posts = Posting.objects.filter(user__is_demo=True, user__is_active=True, role__in=MENDERS)
    reach = [post.division.path for post in posts.select_related("division")]
    with pretend(SURVEY_DAY):
        hand_in(demo["planted"][COUNTY]["ledgers"])
        compare()
        checks = _json("closure", county=COUNTY)["checks"]
        # What the county's own sheet says of open findings (R-CTY-11, 12) goes away with them.
        live = Finding.objects.live().filter(county_code=COUNTY).exclude(code__startswith="R-CTY")
        assert {"quality", "comparison"} <= set(live.values_list("origin", flat=True))
        beyond = [f for f in live if not any(f.division_path.startswith(path) for path in reach)]
        assert beyond == []
    assert {check["code"] for check in checks if check["violations"]} == {"CC-02", "CC-08"}


def test_the_corrected_ledgers_settle_the_comparison(demo):
    planted = demo["planted"][COUNTY]
    with pretend(SURVEY_DAY):
        hand_in(planted["ledgers"])
        assert compare()
        hand_in(planted["corrected"])
        assert compare() == {}
    assert not Finding.objects.live().filter(origin="comparison").exists()


def test_people_have_names_and_not_the_names_of_their_posts(demo):
    names = set(User.objects.filter(is_demo=True).values_list("name", flat=True))
    labels = set(Role.labels)
    assert not [name for name in names if any(label in name for label in labels) or len(name) > 3]


def test_the_summary_of_the_demonstration_adds_up(demo, tmp_path):
    made = _json("city_summary", city="6204", out=str(tmp_path / "T.xlsx"), draft=True)
    assert made["broken"] == []
    county = next(r for r in made["tables"]["T1"]["rows"] if r["county"] == COUNTY)
    assert (county["relabel.households"], county["rollback.households"]) == (1, 1)
    assert county["closed.households"] == county["voided.households"] == 1


def test_village_and_county_sheets_are_partly_done_and_add_up(demo):
    states = set(VillageSheet.objects.filter(campaign=2021).values_list("state", flat=True))
    assert {"reviewed", "checked", "collected"} >= states
    assert VillageSheet.objects.filter(campaign=2020, state="closed").count() == 5
    assert 0 < VillageSheet.objects.filter(campaign=2021).count() < 5
    assert CountySheet.objects.get().state == "collected"


def test_the_audit_of_the_demonstration_holds(demo):
    assert _json("verify_audit")["ok"]


def test_the_demonstration_is_only_made_in_an_empty_database(demo):
    before = Household.objects.count()
    with pytest.raises(Exception, match="只能装入空库"):
        call_command("demo", counties=1, households=60)
    assert Household.objects.count() == before


def test_the_same_seed_makes_the_same_people():
    place = Place("620421101201", "/62/6204/620421/620421101/620421101201/", "某村", ("x",))
    first, second = (
        [Maker(Random(7), list(CENTRES)).household(place).members for _ in range(1)]
        for _ in range(2)
    )
    assert first == second
