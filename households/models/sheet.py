"""Columns of the household sheet by block, in the order of the paper form (forms.md §1.1–1.6)."""

from django.db import models

from households.models.fields import (
    AreaField,
    CodeField,
    CodesField,
    OptionalMoneyField,
)


class Location(models.Model):
    """A. 户标识与位置: where the household lives and how to reach it."""

    address_detail = models.CharField("家庭住址(门牌/详细)", max_length=120, blank=True)
    hukou_address = models.CharField("户籍地址", max_length=160, blank=True)
    is_hukou_separated = models.BooleanField("是否人户分离", null=True, blank=True)
    longitude = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=8, decimal_places=6, null=True, blank=True)
    coord_system = CodeField("坐标系", "coord_system")
    location_at = models.DateTimeField("位置采集时间", null=True, blank=True)
    phone = models.CharField("户联系电话", max_length=11, blank=True)
    bank_name = models.CharField("开户银行名称", max_length=60, blank=True)
    bank_card_no = models.CharField("银行卡号(一卡通)", max_length=19, blank=True)
    is_martyr_family = models.BooleanField("是否军烈属", null=True, blank=True)
    in_resettlement_site = models.BooleanField("是否居住易地搬迁集中安置区", null=True, blank=True)
    resettlement_site = models.CharField("安置区名称", max_length=80, blank=True)
    filler_name = models.CharField("填表人", max_length=40, blank=True)
    filler_phone = models.CharField("填表人联系电话", max_length=11, blank=True)
    filled_on = models.DateField("填表日期", null=True, blank=True)

    class Meta:
        abstract = True


class Classification(models.Model):
    """B. 户类型: what kind of household it is in the registers."""

    hh_type = CodeField("户类型", "hh_type")
    hh_attribute = CodeField("户属性", "hh_attribute")
    policy_status = CodeField("脱贫户政策享受状态", "policy_status")
    poverty_standard = CodeField("识别标准", "poverty_standard")
    first_identified_ym = models.CharField("首次识别时间", max_length=6, blank=True)
    lift_year = models.PositiveSmallIntegerField("脱贫年度", null=True, blank=True)
    cause_main = CodeField("主要致贫原因", "poverty_cause")
    cause_other = CodesField("次要致贫原因", "poverty_cause")
    is_no_labour_guaranteed = models.BooleanField("整户无劳动能力兜底保障户", null=True, blank=True)
    siyou_flags = CodesField("四有人员情形", "siyou_type")
    siyou_exception_note = models.TextField("四有例外说明", blank=True)

    class Meta:
        abstract = True


class LivingConditions(models.Model):
    """D. 生产生活条件: land, power, road, house, water."""

    land_cultivated = AreaField("耕地面积")
    land_irrigated = AreaField("有效灌溉面积")
    land_forest = AreaField("林地面积")
    land_returned_forest = AreaField("退耕还林(草)面积")
    land_orchard = AreaField("林果面积")
    land_pasture = AreaField("牧草地面积")
    land_water = AreaField("水面面积")
    has_prod_power = models.BooleanField("是否通生产用电", null=True, blank=True)
    has_life_power = models.BooleanField("是否通生活用电", null=True, blank=True)
    has_tv = models.BooleanField("是否通广播电视", null=True, blank=True)
    has_internet = models.BooleanField("是否通宽带/可用手机上网", null=True, blank=True)
    road_distance_km = models.DecimalField(
        "与村主干路距离", max_digits=5, decimal_places=2, null=True, blank=True
    )
    road_type = CodeField("入户路类型", "road_type")
    road_hardened = models.BooleanField("入户道路是否硬化", null=True, blank=True)
    house_area = models.DecimalField(
        "住房面积", max_digits=7, decimal_places=2, null=True, blank=True
    )
    house_structure = CodeField("房屋结构", "house_structure")
    is_dangerous_house = models.BooleanField("是否危房户", null=True, blank=True)
    house_level = CodeField("住房安全等级/危房级别", "house_level")
    house_appraised_on = models.DateField("住房安全鉴定日期", null=True, blank=True)
    house_renovated_year = models.PositiveSmallIntegerField("危房改造年度", null=True, blank=True)
    has_sanitary_toilet = models.BooleanField("是否有卫生厕所", null=True, blank=True)
    toilet_type = CodeField("厕所类型", "toilet_type")
    fuel_type = CodesField("主要燃料类型", "fuel_type")
    has_safe_water = models.BooleanField("是否解决安全饮用水", null=True, blank=True)
    water_source = CodeField("饮水来源", "water_source")
    water_difficult = models.BooleanField(
        "饮水是否困难(取水距离/季节性缺水)", null=True, blank=True
    )

    class Meta:
        abstract = True


class SupportLinks(models.Model):
    """E. 产业/搬迁/信贷: who carries the household along; the counts are derived from its members."""

    in_cooperative = models.BooleanField("是否加入农民专业合作组织", null=True, blank=True)
    cooperative_uscc = models.CharField("合作社统一社会信用代码", max_length=18, blank=True)
    has_leading_enterprise = models.BooleanField("是否有龙头企业带动", null=True, blank=True)
    has_leader_driven = models.BooleanField("是否有创业致富带头人带动", null=True, blank=True)
    industry_support_type = CodesField("到户产业帮扶类型", "industry_support_type")
    is_resettled = models.BooleanField("是否易地扶贫搬迁户", null=True, blank=True)
    resettle_year = models.PositiveSmallIntegerField("搬迁年度", null=True, blank=True)
    resettle_mode = CodeField("安置方式", "resettle_mode")
    old_house_status = CodeField("旧房拆除状态", "old_house_status")
    has_microloan = models.BooleanField("是否有小额信贷余额", null=True, blank=True)
    microloan_balance = OptionalMoneyField("小额信贷余额")
    microloan_due_on = models.DateField("小额信贷到期日", null=True, blank=True)
    has_pv_income = models.BooleanField("光伏收益户", null=True, blank=True)
    public_post_count = models.PositiveSmallIntegerField(
        "公益性岗位人数", default=0, editable=False
    )
    labour_count = models.PositiveSmallIntegerField("有劳动能力人数", default=0, editable=False)
    migrant_count = models.PositiveSmallIntegerField("务工人数", default=0, editable=False)
    special_groups = CodesField("特殊群体标签", "special_group")

    class Meta:
        abstract = True
