"""Who is under monitoring and since when, read from the marks on the object (policy.md §12.2 T1).

A mark moves a household in (标注, 再标注, 回退), out (消除, 整户减少, 识别不准), or back to where it was (恢复).
"""

# spells: each mark that can move, with whether the household is under monitoring after it and was before it.
SPELLS = """marks AS (
    SELECT f.id, f.object_id, f.action, f.set_at, f.set_on, f.persons, f.category, f.method,
           f.is_four_haves,
           lag(f.action, 2) OVER w AS before_closing
    FROM monitoring_riskflag f
    WHERE f.county_code = ANY(%(counties)s) AND f.action <> 'category'
    WINDOW w AS (PARTITION BY f.object_id ORDER BY f.set_at, f.id)
), moves AS (
    SELECT m.*, CASE WHEN m.action IN ('identify', 'relabel', 'rollback') THEN true
        WHEN m.action = 'reopen' THEN m.before_closing IN ('identify', 'relabel', 'rollback')
        ELSE false END AS is_in
    FROM marks m
), spells AS (
    SELECT v.*, coalesce(lag(v.is_in) OVER (PARTITION BY v.object_id ORDER BY v.set_at, v.id),
        false) AS was_in
    FROM moves v
)"""
