"""成员逻辑: what one person's answers say about each other (R-MEM-01 … R-MEM-39; R-MEM-40 stands
with the measures)."""

import polars as pl

from fanpin.rules import has, lit_in, parameter
from households.rules.declaring import Group
from households.rules.preparing import NO_LABOUR, PRESCHOOL

c = pl.col
ABLE = ("ordinary", "skilled")
HIGH_SCHOOL = ("sh1", "sh2", "sh3", "voc1", "voc2", "voc3")
COLLEGE = (
    "hvc1", "hvc2", "hvc3", "tech1", "tech2", "tech3", "tech4", "ug1", "ug2", "ug3", "ug4", "ug5",
)  # fmt: skip
HEALTHY = c("health") == "healthy"
IN_SCHOOL = c("school_status").is_not_null()
OUT_OF_SCHOOL = c("school_status").is_null()
WORKS = c("work_months") > 0
IN_POST = c("public_post").is_not_null()
CERTIFIED = c("id_no").str.len_chars() > 18
UNINSURED = ~c("ins_med_resident") & ~c("ins_med_employee")
ON_TEKUN = c("tekun_status") != "none"
ON_DIBAO = c("dibao_status") != "none"
AGE = c("age_survey")
SCHOOL_AGE = c("age_school")
SEVERE = c("disability_level").is_in(["1", "2"])

BORN_2010 = {"birth_date": "2010-03-01", "education": None, "labour": "none", "work_months": None}
PUPIL = BORN_2010 | {"school_status": "primary"}
CERT = {"id_type": "disability_cert", "health": "disabled", "disability_level": "1"}

m = Group("member", "成员·教育")

m.error(
    "R-MEM-01", "文化程度与在校生状况同时填写", c("education").is_not_null() & IN_SCHOOL,
    "在校生不填文化程度",
    fields="education school_status", remedy="在校的清空文化程度，已毕业的清空在校生状况。",
    departments="education", failing={"school_status": "ug1"},
    passing={"education": None, "school_status": "ug1"},
)  # fmt: skip
m.error(
    "R-MEM-12", "7岁以上健康人员仍为学龄前儿童或学前教育",
    (SCHOOL_AGE >= 7) & HEALTHY & lit_in("school_status", PRESCHOOL), "8月31日已满7周岁",
    fields="school_status", shows="age_school school_status",
    remedy="请核实是否已入学，填写所在年级。",
    departments="education", failing=PUPIL | {"school_status": "preschool"}, passing=PUPIL,
)  # fmt: skip
m.warn(
    "R-MEM-13", "小学生年龄异常", (c("school_status") == "primary") & ~SCHOOL_AGE.is_between(6, 14),
    "小学在校但小于6岁或大于14岁",
    fields="school_status", shows="age_school", remedy="请核实年级和出生日期。",
    departments="education",
    failing=PUPIL | {"birth_date": "2004-01-01"}, passing=PUPIL,
)  # fmt: skip
m.warn(
    "R-MEM-14", "初中生年龄异常",
    lit_in("school_status", ("g7", "g8", "g9")) & ~SCHOOL_AGE.is_between(12, 17),
    "七至九年级但小于12岁或大于17岁",
    fields="school_status", shows="age_school school_status", remedy="请核实年级和出生日期。",
    departments="education", failing=PUPIL | {"school_status": "g8"},
    passing=PUPIL | {"school_status": "g8", "birth_date": "2007-09-01"},
)  # fmt: skip
m.warn(
    "R-MEM-15", "高中、中职生年龄异常",
    lit_in("school_status", HIGH_SCHOOL) & ~SCHOOL_AGE.is_between(15, 20),
    "小于15岁或大于20岁",
    fields="school_status", shows="age_school school_status", remedy="请核实年级和出生日期。",
    departments="education", failing=PUPIL | {"school_status": "sh2"},
    passing=PUPIL | {"school_status": "sh2", "birth_date": "2005-03-01"},
)  # fmt: skip
m.warn(
    "R-MEM-16", "高职、技师、本科生小于18岁", lit_in("school_status", COLLEGE) & (SCHOOL_AGE < 18),
    "小于18岁",
    fields="school_status", shows="age_school school_status",
    remedy="请核实学段，17岁入学的请说明。",
    departments="education", failing=PUPIL | {"school_status": "ug1"},
    passing=PUPIL | {"school_status": "ug1", "birth_date": "2003-01-01"},
)  # fmt: skip
m.warn(
    "R-MEM-17", "硕士及以上小于20岁", (c("school_status") == "master") & (SCHOOL_AGE < 20),
    "小于20岁",
    fields="school_status", shows="age_school", remedy="请核实学段和出生日期。",
    departments="education",
    failing=PUPIL | {"school_status": "master"},
    passing=PUPIL | {"school_status": "master", "birth_date": "1998-01-01"},
)  # fmt: skip
m.warn(
    "R-MEM-18", "16至22岁文化程度为小学及以下",
    SCHOOL_AGE.is_between(16, 22) & lit_in("education", ("illiterate", "primary")),
    "疑似未完成义务教育",
    fields="education", shows="age_school education", remedy="请核实学历，属实的请说明原因。",
    departments="education", failing={"birth_date": "2003-01-01", "education": "primary"},
    passing={"birth_date": "2003-01-01"},
)  # fmt: skip
m.error(
    "R-MEM-19", "6周岁以下填写文化程度", (AGE < 6) & c("education").is_not_null(),
    "不满6周岁而文化程度不为空",
    fields="education", shows="age_survey education",
    remedy="请清空文化程度，在校生状况选学龄前儿童或学前教育。",
    departments="education", failing={"birth_date": "2017-01-01"}, passing=PUPIL,
)  # fmt: skip
m.error(
    "R-MEM-20", "失学原因因病因残但健康状况为健康",
    lit_in("dropout_reason", ("illness", "disability")) & HEALTHY, "原因与健康状况矛盾",
    fields="dropout_reason health", remedy="请核实失学原因或健康状况。",
    departments="education health",
    failing={"dropout_reason": "illness"}, passing={"dropout_reason": "illness", "health": "major"},
)  # fmt: skip

m.name = "成员·健康与劳动力"
m.error(
    "R-MEM-02", "健康与患病、残疾同时勾选", has("health", "healthy") & ~HEALTHY,
    "健康状况含健康且含其他项",
    fields="health", remedy="请去掉健康，或去掉患病、残疾。", departments="health",
    failing={"health": "healthy,chronic"}, passing={"health": "chronic,disabled"},
)  # fmt: skip
m.error(
    "R-MEM-03", "健康状况为残疾但证件类型非残疾人证",
    has("health", "disabled") & (c("id_type") != "disability_cert"), "残疾须填20或22位残疾人证号",
    fields="id_type id_no health", shows="health id_type",
    remedy="有证的改填残疾人证号，未办证的协助评残办证。", departments="disabled_federation",
    failing={"health": "disabled"}, passing=CERT,
)  # fmt: skip
m.error(
    "R-MEM-04", "填残疾证号但健康状况未勾残疾", CERTIFIED & ~has("health", "disabled"),
    "20或22位证号而健康状况不含残疾",
    fields="health id_no", shows="health id_type",
    remedy="请在健康状况中勾选残疾，或改回身份证号。",
    departments="disabled_federation", failing={"id_no": "62042119680312991343"},
    passing=CERT | {"id_no": "62042119680312991343"},
)  # fmt: skip
m.error(
    "R-MEM-05", "16岁以下劳动技能不是无劳动力", (AGE < 16) & (c("labour") != "none"),
    "收入周期末不满16周岁",
    fields="labour", shows="age_survey labour", remedy="请改为无劳动力。", departments="hr_social",
    failing=PUPIL | {"labour": "ordinary"}, passing=PUPIL,
)  # fmt: skip
m.error(
    "R-MEM-06", "在校生劳动技能不是无劳动力",
    IN_SCHOOL & ~c("school_status").is_in(PRESCHOOL) & (c("labour") != "none"),
    "在校（学龄前除外）而有劳动力",
    fields="labour school_status", shows="school_status labour",
    remedy="请改为无劳动力，或核实是否已离校。",
    departments="education", failing=PUPIL | {"labour": "weak_half"}, passing=PUPIL,
)  # fmt: skip
m.warn(
    "R-MEM-07", "60岁及以上为普通或技能劳动力", (AGE >= 60) & lit_in("labour", ABLE),
    "收入周期末已满60周岁",
    fields="labour", shows="age_survey labour", remedy="请核实劳动能力，属实的请说明。",
    departments="hr_social",
    failing={"birth_date": "1955-01-01"},
)  # fmt: skip
m.warn(
    "R-MEM-08", "16至59岁健康非在校生为无、丧失或弱劳动力",
    AGE.is_between(16, 59) & HEALTHY & OUT_OF_SCHOOL & lit_in("labour", ("none", "lost", "weak_half")),
    "应为普通或技能劳动力",
    fields="labour health", shows="age_survey labour", remedy="请核实劳动能力或健康状况。",
    departments="hr_social", failing={"labour": "weak_half"},
)  # fmt: skip
m.warn(
    "R-MEM-09", "16至59岁患大病或残疾人员为普通、技能劳动力",
    AGE.is_between(16, 59) & has("health", "major", "disabled") & lit_in("labour", ABLE),
    "患大病或残疾仍填普通或技能劳动力",
    fields="labour health", shows="health labour", remedy="请核实劳动能力，确有能力的请说明。",
    departments="health disabled_federation", failing={"health": "major"},
    passing={"health": "major", "labour": "weak_half"},
)  # fmt: skip
m.error(
    "R-MEM-10", "一二级肢体残疾为普通或技能劳动力",
    (c("disability_type") == "4") & SEVERE & lit_in("labour", ABLE), "残疾证末两位为41、42",
    fields="labour id_no", shows="disability_type disability_level labour",
    remedy="请改为弱、丧失或无劳动力。",
    departments="disabled_federation", failing=CERT | {"disability_type": "4"},
    passing=CERT | {"disability_type": "4", "labour": "lost"},
)  # fmt: skip
m.error(
    "R-MEM-11", "一二级智力、精神、多重残疾为普通或技能劳动力",
    lit_in("disability_type", ("5", "6", "7")) & SEVERE & lit_in("labour", ABLE),
    "残疾类别5、6、7且等级1、2",
    fields="labour id_no", shows="disability_type disability_level labour",
    remedy="请改为弱、丧失或无劳动力。",
    departments="disabled_federation", failing=CERT | {"disability_type": "6"},
    passing=CERT | {"disability_type": "6", "labour": "none"},
)  # fmt: skip

m.name = "成员·保障"
m.error(
    "R-MEM-21", "居民医保与职工医保同时为是", c("ins_med_resident") & c("ins_med_employee"),
    "重复参保",
    fields="ins_med_resident ins_med_employee", remedy="请按实际参保险种保留一项。",
    departments="medical_insurance", failing={"ins_med_employee": True},
)  # fmt: skip
m.error(
    "R-MEM-22", "居民医保与职工医保均为否且无未参保原因",
    UNINSURED & c("uninsured_reason").is_null(),
    "未参保须注明原因",
    fields="ins_med_resident ins_med_employee uninsured_reason",
    remedy="请动员参保，或填写未参保原因。",
    departments="medical_insurance", failing={"ins_med_resident": False},
    passing={"ins_med_resident": False, "uninsured_reason": "military"},
)  # fmt: skip
m.warn(
    "R-MEM-23", "参加居民医保但未参加大病保险", c("ins_med_resident") & ~c("ins_critical"),
    "居民大病保险随居民医保",
    fields="ins_critical", shows="ins_med_resident ins_critical", remedy="请改为已参加大病保险。",
    departments="medical_insurance", failing={"ins_critical": False},
)  # fmt: skip
m.error(
    "R-MEM-24", "未参加基本医保却接受医疗救助", UNINSURED & c("got_medical_aid"),
    "两项医保均否但医疗救助为是",
    fields="got_medical_aid ins_med_resident", remedy="请核实参保情况和救助记录。",
    departments="medical_insurance", failing={"ins_med_resident": False, "got_medical_aid": True},
    passing={"got_medical_aid": True},
)  # fmt: skip
m.error(
    "R-MEM-25", "低保与特困同时享受", ON_DIBAO & ON_TEKUN, "两项政策互斥",
    fields="dibao_status tekun_status", remedy="请按民政部门名册保留一项。",
    departments="civil_affairs",
    failing={"dibao_status": "rural", "tekun_status": "rural_dispersed"},
    passing={"dibao_status": "rural"},
)  # fmt: skip
m.warn(
    "R-MEM-26", "18至59岁健康非在校人员享受特困供养",
    ON_TEKUN & AGE.is_between(18, 59) & HEALTHY & OUT_OF_SCHOOL, "不符合特困条件的疑点",
    fields="tekun_status health", shows="age_survey tekun_status",
    remedy="请与民政部门核实特困认定。",
    departments="civil_affairs", failing={"tekun_status": "rural_dispersed"},
    passing={"tekun_status": "rural_dispersed", "health": "disabled"},
)  # fmt: skip
m.warn(
    "R-MEM-39", "60岁以上参保人员户内无养老金收入",
    (AGE >= 60)
    & (c("ins_pension_resident") | c("ins_pension_employee"))
    & c("h_has_statement")
    & (c("h_inc_pension").fill_null(0) == 0),
    "已满60周岁、参加养老保险，而户养老保险金为0",
    fields="ins_pension_resident", shows="age_survey h_inc_pension",
    remedy="请核实是否领取养老金，漏填的补入转移性收入。",
    departments="hr_social", failing={"birth_date": "1955-01-01"},
    passing={"birth_date": "1955-01-01", "h": {"inc_pension": 1320.0}},
)  # fmt: skip

m.name = "成员·就业与身份"
m.error(
    "R-MEM-27", "16岁以下有务工登记", WORKS & (AGE < 16), "务工时不满16周岁",
    fields="work_months", shows="age_survey work_months",
    remedy="请核实，不得登记童工；误填的请清空务工信息。",
    departments="hr_social", failing={"birth_date": "2008-01-01"}, passing=PUPIL,
)  # fmt: skip
m.error(
    "R-MEM-28", "在校生有务工登记", IN_SCHOOL & WORKS, "在校生状况不为空且务工月数大于0",
    fields="work_months school_status", remedy="请清空务工信息，假期务工请说明。",
    departments="education hr_social", failing={"education": None, "school_status": "ug2"},
    passing=PUPIL,
)  # fmt: skip
m.error(
    "R-MEM-29", "无劳动力或丧失劳动力人员有务工登记", lit_in("labour", NO_LABOUR) & WORKS,
    "劳动技能为无或丧失劳动力而务工月数大于0",
    fields="labour work_months", remedy="请核实劳动能力或务工情况。", departments="hr_social",
    failing={"labour": "lost"},
)  # fmt: skip
m.warn(
    "R-MEM-30", "特困供养人员外出务工", ON_TEKUN & WORKS, "享受特困供养且务工月数大于0",
    fields="tekun_status work_months", remedy="请与民政部门核实特困认定。",
    departments="civil_affairs",
    failing={"tekun_status": "rural_dispersed"},
    passing={"tekun_status": "rural_dispersed", "work_months": None},
)  # fmt: skip
m.error(
    "R-MEM-31", "务工地点与务工月数未成对填写",
    (c("work_county").is_null() & ~c("works_abroad").fill_null(False)) & WORKS
    | (c("work_county").is_not_null() | c("works_abroad")) & (c("work_months").fill_null(0) == 0),
    "务工地点和务工月数只填了其中一项",
    fields="work_county work_months", remedy="请同时填写务工所在县和务工月数，未务工的都清空。",
    departments="hr_social", failing={"work_months": 0},
    passing={"work_months": None, "work_county": None},
)  # fmt: skip
m.error(
    "R-MEM-32", "县外务工却填公益岗位或帮扶车间",
    (c("work_county") != c("h_county_code")) & has("work_channel", "public_post", "workshop"),
    "务工县不是本县而就业渠道含公益岗或帮扶车间",
    fields="work_county work_channel", remedy="请核实务工地点或就业渠道。", departments="hr_social",
    failing={"work_channel": "workshop"},
    passing={"work_channel": "workshop", "work_county": "620421"},
)  # fmt: skip
m.error(
    "R-MEM-33", "16岁以下或70岁以上聘用公益性岗位", IN_POST & ((AGE < 16) | (AGE >= 70)),
    "不满16周岁或已满70周岁",
    fields="public_post", shows="age_survey public_post", remedy="请按岗位管理规定清退或更正。",
    departments="hr_social", failing={"public_post": "cleaner", "birth_date": "1948-01-01"},
    passing={"public_post": "cleaner"},
)  # fmt: skip
m.error(
    "R-MEM-34", "无劳动力或丧失劳动力人员聘用公益性岗位", IN_POST & lit_in("labour", NO_LABOUR),
    "劳动技能为无或丧失劳动力",
    fields="public_post labour", remedy="请核实劳动能力，不能履职的应调整岗位。",
    departments="hr_social",
    failing={"public_post": "forest", "labour": "none"},
    passing={"public_post": "forest", "labour": "weak_half"},
)  # fmt: skip
m.warn(
    "R-MEM-35", "一人登记3种及以上公益性岗位", c("public_post").str.count_matches(",") >= 2,
    "岗位种类达到3种",
    fields="public_post", remedy="请核实实际岗位，多填的删除。", departments="hr_social",
    failing={"public_post": "forest,water,road"}, passing={"public_post": "forest,water"},
)  # fmt: skip
m.error(
    "R-MEM-36", "未满18岁为党员或未满14岁为团员",
    (lit_in("political_status", ("01", "02")) & (AGE < 18)) | ((c("political_status") == "03") & (AGE < 14)),
    "政治面貌与年龄矛盾",
    fields="political_status", shows="age_survey political_status",
    remedy="请核实政治面貌或出生日期。",
    departments="organization", failing=PUPIL | {"political_status": "03"},
    passing={"political_status": "01"},
)  # fmt: skip
m.warn(
    "R-MEM-37", "28周岁以上仍为共青团员", (c("political_status") == "03") & (AGE > 28), "超龄团员",
    fields="political_status", shows="age_survey", remedy="请改为群众或核实党员身份。",
    departments="organization",
    failing={"political_status": "03"},
    passing={"political_status": "03", "birth_date": "1996-01-01"},
)  # fmt: skip
m.warn(
    "R-MEM-38", "技能劳动力或大专以上毕业生未就业",
    parameter("later_fields")
    & ((c("labour") == "skilled") | lit_in("education", ("college", "bachelor")))
    & (c("work_months").fill_null(0) == 0)
    & c("public_post").is_null()
    & c("grad_unemployed_reason").is_null(),
    "没有务工、没有公益性岗位，也没有填未就业原因（启用该指标的县）",
    fields="grad_unemployed_reason work_months public_post", shows="labour education",
    remedy="请核实就业情况：已就业的补填务工信息，未就业的选择原因。", departments="hr_social",
    needs="later_fields", failing={"labour": "skilled", "work_months": None, "work_county": None},
    passing={"labour": "skilled", "work_months": None, "work_county": None,
             "grad_unemployed_reason": "seeking"},
)  # fmt: skip

RULES = tuple(m.rules)
