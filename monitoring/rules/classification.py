"""Which of the three categories a household falls into (policy.md §3.2). Pure.

Per-capita figures are exact fractions; “低于” is strict: exactly the line is not below it.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from households.rules.windows import is_below, shown

UNSTABLE, MARGINAL, SUDDEN, NONE = "unstable", "marginal", "sudden", ""
LIFTED, GENERAL = "lifted", "general"
LABELS = {UNSTABLE: "脱贫不稳定户", MARGINAL: "边缘易致贫户", SUDDEN: "突发严重困难户"}
MIN_REASON = 10


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What the category rests on. `hard` is the meeting's judgement; `defect` a gap in 三保障 or water."""

    hh_type: str
    per_capita: Fraction
    line: Decimal
    risks: int
    shock: bool
    hard: bool
    four_haves: bool = False
    defect: bool = False
    reference: Fraction | None = None

    @property
    def below(self) -> bool:
        return is_below(self.per_capita, self.line)

    @property
    def figures(self) -> str:
        side = "低于" if self.below else "不低于"
        return f"人均纯收入{shown(self.per_capita):,}元，{side}监测范围{self.line:,}元"


@dataclass(frozen=True)
class Suggestion:
    """`category` is empty when none fits; `undetermined` asks the county (a defect above the line)."""

    category: str
    text: str
    undetermined: bool = False

    @property
    def label(self) -> str:
        return LABELS.get(self.category, "不纳入")


def classify(s: Situation) -> Suggestion:
    """The category of the table; exhaustive and exclusive on type, line, risk, shock and hardship."""
    if s.risks == 0:
        return Suggestion(NONE, "未登记返贫致贫风险，不符合纳入条件，请作“核查不纳入”结论")
    sudden = s.shock and s.hard
    if s.four_haves:
        if sudden:
            return Suggestion(SUDDEN, "四有人员因灾因意外事故等致困，仅可按突发严重困难户纳入")
        return Suggestion(NONE, "四有人员且无突发严重困难，不符合纳入条件")
    if s.below:
        category = UNSTABLE if s.hh_type == LIFTED else MARGINAL
        return Suggestion(category, f"{s.figures}，有{s.risks}项风险")
    if sudden:
        return Suggestion(SUDDEN, f"{s.figures}，因突发事件基本生活出现严重困难")
    if s.defect:
        return Suggestion(
            NONE,
            f"{s.figures}，但“三保障”或饮水安全存在问题，类别须由县级书面认定",
            undetermined=True,
        )
    return Suggestion(NONE, f"{s.figures}，且无突发严重困难，不符合纳入条件")


def refusals(chosen: str, s: Situation, *, allow_defect: bool, reason: str = "") -> list[str]:
    """Every reason why the chosen category cannot stand; empty when it can."""
    if chosen not in LABELS:
        return ["请选择监测对象类别"]
    found = []
    if s.risks == 0:
        found.append("未登记返贫致贫风险，不能纳入监测")
    if s.four_haves and chosen != SUDDEN:
        found.append("四有人员仅可按突发严重困难户纳入")
        return found
    if chosen == UNSTABLE and s.hh_type != LIFTED:
        found.append("该户为一般农户，不能认定为脱贫不稳定户")
    if chosen == MARGINAL and s.hh_type == LIFTED:
        found.append("该户为脱贫户，不能认定为边缘易致贫户")
    if chosen in (UNSTABLE, MARGINAL) and not s.below:
        found.append(f"{s.figures}，不能认定为{LABELS[chosen]}")
    if chosen == SUDDEN:
        found += _sudden_refusals(s, allow_defect=allow_defect, reason=reason)
    return found


def _sudden_refusals(s: Situation, *, allow_defect: bool, reason: str) -> list[str]:
    found = []
    if s.below and not s.four_haves:
        found.append(f"{s.figures}，应认定为{classify(s).label}，不能认定为突发严重困难户")
        return found
    if s.shock and s.hard:
        return found
    if s.defect and not s.four_haves and allow_defect:
        if len(reason.strip()) < MIN_REASON:
            found.append(
                f"仅因“三保障”或饮水安全问题按突发严重困难户纳入，须写明理由（不少于{MIN_REASON}字）"
            )
        return found
    if not s.shock:
        found.append("缺少突发事件及刚性支出/收入骤减佐证")
    if not s.hard:
        found.append("评议未认定基本生活出现严重困难，不能认定为突发严重困难户")
    return found


def rigid_support(s: Situation) -> str:
    """The helper of §3.2: above the line, but below it once rigid expense is taken off. Deliberation decides."""
    if s.reference is None or s.below or not is_below(s.reference, s.line):
        return ""
    return f"扣除合规自付支出后人均{shown(s.reference):,}元，低于监测范围{s.line:,}元，刚性支出支持突发"


def collapse_support(previous: Fraction | None, current: Fraction, percent: Decimal) -> str:
    """Income fell by at least `percent` against the window before."""
    if previous is None or previous <= 0:
        return ""
    drop = (previous - current) / previous * 100
    if drop < Fraction(percent):
        return ""
    return f"人均纯收入由{shown(previous):,}元降至{shown(current):,}元，下降{shown(drop)}%，收入骤减支持突发"
