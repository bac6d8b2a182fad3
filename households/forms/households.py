"""The household sheet, blocks A, B, D and E in the order of the paper form (forms.md §1.1–1.6)."""

from typing import Any

from django import forms

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division, Level
from households.forms.building import ColumnsForm, fill
from households.models import Household

# (title, field names with their width): what the page shows, what the form has.
BLOCKS: tuple[tuple[str, str], ...] = (
    (
        "A. 户标识与位置",
        "national_hh_no natural_village address_detail:2 hukou_address:2 is_hukou_separated phone "
        "longitude latitude coord_system location_at bank_name bank_card_no is_martyr_family in_resettlement_site "
        "resettlement_site filler_name filler_phone filled_on",
    ),
    (
        "B. 户类型",
        "hh_type hh_attribute policy_status poverty_standard first_identified_ym lift_year cause_main "
        "is_no_labour_guaranteed cause_other:4 siyou_flags:2 siyou_exception_note:2",
    ),
    (
        "D. 生产生活条件",
        "land_cultivated land_irrigated land_forest land_returned_forest land_orchard land_pasture land_water "
        "has_prod_power has_life_power has_tv has_internet road_distance_km road_type road_hardened house_area "
        "house_structure is_dangerous_house house_level house_appraised_on house_renovated_year has_sanitary_toilet "
        "toilet_type has_safe_water water_source water_difficult fuel_type:4",
    ),
    (
        "E. 产业、搬迁、信贷",
        "in_cooperative cooperative_uscc has_leading_enterprise has_leader_driven is_resettled resettle_year "
        "resettle_mode old_house_status has_microloan microloan_balance microloan_due_on has_pv_income "
        "industry_support_type:4 special_groups:4",
    ),
)
FIRST_BLOCKS = BLOCKS[:2]


def names(block: str) -> tuple[str, ...]:
    """ "a b:2" → ("a", "b")."""
    return tuple(word.partition(":")[0] for word in block.split())


class HouseholdForm(ColumnsForm):
    """Everything about the household itself."""

    model = Household
    columns = tuple(name for _title, block in BLOCKS for name in names(block))
    blocks = BLOCKS

    def __init__(self, *args: Any, village: Division | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        hamlets = (
            Division.objects.filter(level=Level.HAMLET, parent=village)
            if village
            else Division.objects.none()
        )
        if "natural_village" in self.fields:
            self.fields["natural_village"] = forms.ModelChoiceField(
                hamlets.filter(valid_until__isnull=True),
                label="自然村(村民小组)",
                required=False,
                empty_label="",
                help_text="" if hamlets.exists() else "本村还没有登记自然村",
            )
        self._hints()

    def _hints(self) -> None:
        fill(
            self,
            {
                "phone": {"inputmode": "tel"},
                "filler_phone": {"inputmode": "tel"},
                "location_at": {"placeholder": "不填时按保存时间"},
                "first_identified_ym": {"placeholder": "例如201401", "inputmode": "numeric"},
                "hh_type": {"autofocus": True} if self.columns[0] == "hh_type" else {},
            },
        )


class NewHouseholdForm(HouseholdForm):
    """The first two blocks with the village: enough to get a number; the rest follows on the household's page."""

    columns = tuple(
        name for _title, block in FIRST_BLOCKS for name in names(block) if name != "natural_village"
    )
    blocks = tuple((title, block.replace("natural_village ", "")) for title, block in FIRST_BLOCKS)

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, village=None, **kwargs)
        villages = Division.objects.within(user.scope_for(Permission.EDIT_HOUSEHOLDS))
        villages = villages.filter(level=Level.VILLAGE, valid_until__isnull=True)
        only = list(villages[:2])
        self.fields["village"] = forms.ModelChoiceField(
            villages, label="行政村", initial=only[0] if len(only) == 1 else None, empty_label=""
        )
        self.fields["hh_type"].required = True
