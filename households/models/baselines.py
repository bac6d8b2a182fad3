"""What the register said when a campaign was opened: last year's data, shown in grey beside this year's.

Typed rows with the same columns as the register, written by one set-based job and never changed.
"""

from django.db import models

from fanpin.regions.scope import ScopedQuerySet
from households.models.campaigns import Campaign
from households.models.households import Household
from households.models.members import Member
from households.models.person import Condition, Person, Protection, Work
from households.models.sheet import Classification, LivingConditions, Location, SupportLinks


class HouseholdBaseline(Location, Classification, LivingConditions, SupportLinks):
    """One household as `campaign` found it."""

    PERSONAL = (
        "address_detail",
        "hukou_address",
        "longitude",
        "latitude",
        "phone",
        "bank_name",
        "bank_card_no",
        "filler_name",
        "filler_phone",
        "head_name",
    )
    scope_path = "household__division_path"

    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="baselines"
    )
    head_name = models.CharField("户主姓名", max_length=40, blank=True)
    family_size = models.PositiveSmallIntegerField("人口数", default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "农户上年数据"
        ordering = ["household", "-campaign"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "campaign"], name="one_household_baseline_per_campaign"
            )
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.campaign_id}"


class MemberBaseline(Person, Condition, Work, Protection):
    """One person of the household as `campaign` found them; the roster of that day is these rows."""

    PERSONAL = (
        "name",
        "id_no",
        "birth_date",
        "disability_cert_no",
        "health",
        "disease_name",
        "member_phone",
        "employer",
        "national_person_no",
    )
    scope_path = "household__division_path"

    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="member_baselines"
    )
    member = models.ForeignKey(
        Member, verbose_name="家庭成员", on_delete=models.PROTECT, related_name="baselines"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭成员上年数据"
        ordering = ["member", "-campaign"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "campaign"], name="one_member_baseline_per_campaign"
            )
        ]
        indexes = [models.Index(fields=["household", "campaign"], name="member_baseline_home")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.campaign_id}"
