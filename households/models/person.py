"""Columns of the member sheet, in the order of the paper form (forms.md §1.13)."""

from django.db import models

from households.models.fields import CodeField, CodesField, OptionalMoneyField


class Person(models.Model):
    """L. 家庭成员表: who the person is."""

    national_person_no = models.CharField("人编号(国家系统)", max_length=32, blank=True)
    name = models.CharField("姓名", max_length=40, blank=True)
    id_type = CodeField("证件类型", "id_type")
    id_no = models.CharField("证件号码", max_length=22, blank=True)
    relation = CodeField("与户主关系", "relation_to_head")
    ethnicity = CodeField("民族", "ethnicity")
    political_status = CodeField("政治面貌", "political_status")
    school_status = CodeField("在校生状况", "school_status")
    dropout_reason = CodeField("失学或辍学原因", "dropout_reason")
    disease_name = models.CharField("大病病种", max_length=60, blank=True)
    work_province = models.CharField("务工所在地(省)", max_length=2, blank=True)
    sex = CodeField("性别", "sex", editable=False)
    birth_date = models.DateField("出生日期", null=True, blank=True)

    class Meta:
        abstract = True


class Condition(models.Model):
    """Schooling, health and labour of a person."""

    education = CodeField("文化程度", "education")
    school_status = CodeField("在校生状况", "school_status")
    dropout_reason = CodeField("失学或辍学原因", "dropout_reason")
    health = CodesField("健康状况", "health")
    disease_name = models.CharField("大病病种", max_length=60, blank=True)
    disability_cert_year = models.PositiveSmallIntegerField("残疾证办证年度", null=True, blank=True)
    labour = CodeField("劳动技能(劳动能力)", "labour")
    speaks_mandarin = models.BooleanField("是否会讲普通话", null=True, blank=True)
    disability_cert_no = models.CharField("残疾证号", max_length=22, blank=True, editable=False)
    disability_type = CodeField("残疾类别", "disability_type", editable=False)
    disability_level = CodeField("残疾等级", "disability_level", editable=False)

    class Meta:
        abstract = True


class Work(models.Model):
    """Where the person works away from home, and the public-benefit post held."""

    work_province = models.CharField("务工所在地(省)", max_length=2, blank=True)
    work_city = models.CharField("务工所在地(市)", max_length=4, blank=True)
    work_county = models.CharField("务工所在地(县)", max_length=6, blank=True)
    work_township = models.CharField("务工所在地(乡)", max_length=9, blank=True)
    work_region = CodeField("务工区域", "work_region", editable=False)
    work_months = models.PositiveSmallIntegerField("务工时间", null=True, blank=True)
    employer = models.CharField("务工企业名称", max_length=100, blank=True)
    works_abroad = models.BooleanField("是否国外务工", null=True, blank=True)
    work_industry = CodeField("务工行业", "work_industry")
    work_channel = CodesField("就业渠道", "work_channel")
    work_monthly_income = OptionalMoneyField("务工月收入", max_digits=9)
    work_start_ym = models.CharField("务工开始月", max_length=6, blank=True)
    work_end_ym = models.CharField("务工结束月", max_length=6, blank=True)
    public_post = CodesField("公益性岗位类型", "public_post_type")
    public_post_months = models.PositiveSmallIntegerField("公益性岗位月数", null=True, blank=True)

    class Meta:
        abstract = True


class Protection(models.Model):
    """Insurance, allowances and the groups a person belongs to."""

    ins_med_resident = models.BooleanField("是否参加城乡居民基本医疗保险", null=True, blank=True)
    ins_med_employee = models.BooleanField("是否参加城镇职工基本医疗保险", null=True, blank=True)
    ins_critical = models.BooleanField("是否参加大病保险", null=True, blank=True)
    ins_commercial = models.BooleanField("是否参加商业补充医疗保险", null=True, blank=True)
    uninsured_reason = CodeField("未参保原因", "uninsured_reason")
    ins_accident_subsidy = models.BooleanField("是否享受人身意外保险补贴", null=True, blank=True)
    got_medical_aid = models.BooleanField("是否接受医疗救助", null=True, blank=True)
    got_other_health_aid = models.BooleanField("是否接受其他健康帮扶", null=True, blank=True)
    ins_pension_resident = models.BooleanField(
        "是否参加城乡居民基本养老保险", null=True, blank=True
    )
    ins_pension_employee = models.BooleanField(
        "是否参加城镇职工基本养老保险", null=True, blank=True
    )
    dibao_status = CodeField("享受低保政策情况", "dibao_status")
    tekun_status = CodeField("享受特困供养政策情况", "tekun_status")
    is_orphan = models.BooleanField("是否事实无人抚养儿童/孤儿", null=True, blank=True)
    grad_unemployed_reason = CodeField("大专及以上毕业未就业原因", "grad_unemployed_reason")
    is_resettled_person = models.BooleanField("是否易地扶贫搬迁人口", null=True, blank=True)
    is_active_military = models.BooleanField("是否现役军人", null=True, blank=True)
    member_phone = models.CharField("成员联系电话", max_length=11, blank=True)
    person_groups = CodesField("特殊群体标签", "special_group")

    class Meta:
        abstract = True
