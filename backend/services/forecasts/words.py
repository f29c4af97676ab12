"""The word of a stored forecast `p`: its own, or that of the rule that came later (table verdicts)."""

from typing import Final

VERDICT: Final = """
    coalesce(p.verdict,
             (SELECT v.verdict FROM verdicts v WHERE v.prediction_id = p.id ORDER BY v.rule DESC LIMIT 1), 'none')
"""
# The probability that takes no side: the base rate, one half for a rule that knows none.
USUAL: Final = """
    coalesce(p.p_up - (p.explanation ->> 'lean')::float8, (p.explanation ->> 'p0')::float8)
"""
