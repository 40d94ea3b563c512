"""Rules as the bytes a generation keeps them in."""

from schemas.drop_reasons import DropReason
from schemas.rules import LeaveOut, Match, Rules, SiteRules, decode_rules, encode_rules

ADMIN = SiteRules(count=(DropReason.BOT,), leave_out=(LeaveOut((Match("path", "/admin/**"),)),))


def test_equal_rules_are_equal_bytes() -> None:
    one, two = SiteRules(session_gap_s=60), ADMIN
    rules = Rules(sites={10: one, 9: two})
    assert decode_rules(encode_rules(rules)) == rules
    assert encode_rules(rules) == encode_rules(Rules(sites={9: two, 10: one}))
