"""Is a household's folder complete, as a condition for whole counties; `coverage.file_completeness` says it of one.

COMPLETE speaks of `h` (households_household) and the day %(until)s; a test holds it against the other.
"""

IN_FORCE = """p.effective_from <= %(until)s AND coalesce(p.effective_to, %(until)s) >= %(until)s
    AND position('/' || p.division_id || '/' IN h.division_path) > 0"""
_WANTED = """p.flags && CASE h.monitoring_state
    WHEN 'eliminating' THEN ARRAY['monitored', 'eliminating']
    WHEN 'eliminated' THEN ARRAY['monitored', 'eliminating', 'eliminated']
    WHEN 'rolling_back' THEN ARRAY['monitored', 'eliminating', 'eliminated']
    WHEN 'relabelling' THEN ARRAY['monitored', 'eliminating', 'eliminated']
    ELSE ARRAY['monitored'] END::varchar[]"""
_NEAREST = """NOT EXISTS (SELECT FROM households_policyitem q
    WHERE q.list_key = p.list_key AND q.code = p.code AND length(q.division_id) > length(p.division_id)
      AND q.effective_from <= %(until)s AND coalesce(q.effective_to, %(until)s) >= %(until)s
      AND position('/' || q.division_id || '/' IN h.division_path) > 0)"""
_HELD = """CASE p.code
    WHEN 'f11' THEN EXISTS (SELECT FROM households_incomestatement s WHERE s.household_id = h.id
        AND s.purpose = 'identify' AND s.state = 'confirmed')
    WHEN 'f12' THEN EXISTS (SELECT FROM assistance_plan x WHERE x.household_id = h.id
        AND x.state = 'approved')
    WHEN 'f13' THEN EXISTS (SELECT FROM assistance_measure x WHERE x.household_id = h.id
            AND x.status IN ('done', 'verified'))
        AND NOT EXISTS (SELECT FROM assistance_measure x WHERE x.household_id = h.id
            AND x.status IN ('done', 'verified')
            AND NOT EXISTS (SELECT FROM assistance_measureevidence e WHERE e.measure_id = x.id))
    WHEN 'f16' THEN EXISTS (SELECT FROM households_memberchangedocument d
        JOIN households_memberchange x ON x.id = d.change_id WHERE x.household_id = h.id)
    WHEN 'f20' THEN EXISTS (SELECT FROM households_collection x WHERE x.household_id = h.id
        AND x.state = 'reviewed')
    ELSE false END"""
COMPLETE = f"""NOT EXISTS (
    SELECT FROM households_policyitem p
    WHERE p.list_key = 'file_checklist' AND p.active AND {IN_FORCE} AND {_WANTED} AND {_NEAREST}
      AND NOT EXISTS (SELECT FROM assistance_householdfileitem i
        WHERE i.household_id = h.id AND i.code = p.code AND i.is_present)
      AND NOT ({_HELD}))"""
