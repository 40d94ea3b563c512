"""Rules as a person writes them, by domain; what is wrong is named with its remedy."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.drop_reasons import DropReason
from schemas.rules import NO_RULES, ChannelRule, LeaveOut, Match, Rules, SiteRules, erase
from streams.rebuild.rules_file import BadRules, describe, read_rules

SITES = {"example.com": 3, "shop.example.com": 4}
EXAMPLE = """
[default]
session_gap = "45m"
count = ["bot"]

["example.com"]
session_gap = "1h30m"
leave_out = [
  { when = { path = "/admin/**", hostname = "www.*" } },
  { when = [{ field = "browser", pattern = "Old*" }], reason = "bot" },
]
channels = [{ when = { utm_source = "news*" }, channel = "Newsletter" }]
"""


def read(folder: Path, text: str) -> Rules:
    path = folder / "rules.toml"
    path.write_text(text)
    return read_rules(path, SITES)


def test_every_rule_in_both_forms(tmp_path: Path) -> None:
    rules = read(tmp_path, EXAMPLE)
    assert rules.default == SiteRules(session_gap_s=2_700, count=(DropReason.BOT,))
    assert rules.of(4) == rules.default
    assert rules.of(3) == SiteRules(
        session_gap_s=5_400,
        count=(DropReason.BOT,),  # what its table does not say is as in [default]
        leave_out=(
            LeaveOut((Match("path", "/admin/**"), Match("hostname", "www.*"))),
            LeaveOut((Match("browser", "Old*"),), "bot"),
        ),
        channels=(ChannelRule((Match("utm_source", "news*"),), "Newsletter"),),
    )


def test_an_empty_file_is_no_rules(tmp_path: Path) -> None:
    assert read(tmp_path, "") == NO_RULES


@pytest.mark.parametrize(("text", "seconds"), [("20m", 1_200), ("90s", 90), ("2h1s", 7_201)])
def test_durations(tmp_path: Path, text: str, seconds: int) -> None:
    assert read(tmp_path, f'[default]\nsession_gap = "{text}"').default.session_gap_s == seconds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[default", "Expected ']'"),
        ('["exampel.com"]', r'\["exampel.com"\].*did you mean example.com\?'),
        ('["other.org"]', "registered are example.com, shop.example.com"),
        ("default = 3", "write a table"),
        ('[default]\nsession_gap = "20 minutes"', r'\[default\] session_gap.*write "20m"'),
        ("[default]\nsession_gap = 20", 'is no duration; write "20m"'),
        ('[default]\nsession_gap = "1s"', r"session_gap \(in seconds\)"),
        ('[default]\nsession = "20m"', "unknown field `session`; there are: session_gap, count"),
        ('[default]\ncount = ["robots"]', r"'robots' - at `\$.count"),
        ('["example.com"]\nleave_out = [{ when = { page = "/" } }]', "'page' is none of name"),
        ('["example.com"]\nleave_out = [{ when = {} }]', "leave_out.*when"),
        ('["example.com"]\nchannels = [{ when = { path = "/" } }]', "missing.*channel"),
        ('[default]\nleave_out = "/admin"', r"Expected `array`.*at `\$.leave_out`"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadRules) as refused:
        read(tmp_path, text)
    assert "rules.toml" in str(refused.value)
    assert re.search(said, str(refused.value)), str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadRules, match=r"nowhere\.toml"):
        read_rules(tmp_path / "nowhere.toml", SITES)


matches = st.lists(
    st.builds(Match, st.sampled_from(["path", "source", "name"]), st.text(max_size=20).map(
        lambda text: text.replace("*", "")
    )),
    min_size=1, max_size=3,
).map(tuple)  # fmt: skip
site_rules = st.builds(
    SiteRules,
    session_gap_s=st.integers(60, 86_400),
    count=st.lists(st.sampled_from(list(DropReason)), max_size=2).map(tuple),
    leave_out=st.lists(
        st.builds(LeaveOut, matches, st.sampled_from(["excluded", "bot"])), max_size=2
    ).map(tuple),
    channels=st.lists(
        st.builds(ChannelRule, matches, st.text("ab é\"'\\", min_size=1, max_size=9)), max_size=2
    ).map(tuple),
)


@given(rules=st.builds(Rules, site_rules, st.dictionaries(st.sampled_from([3, 4]), site_rules)))
def test_what_is_described_can_be_read_back(
    tmp_path_factory: pytest.TempPathFactory, rules: Rules
) -> None:
    if rules == NO_RULES:
        return
    again = read(tmp_path_factory.mktemp("rules"), describe(rules, SITES))
    for site in (3, 4, 5):
        assert again.of(site) == (rules.of(site))


def test_erasures_are_told_and_cannot_be_written(tmp_path: Path) -> None:
    erased = erase(erase(read(tmp_path, EXAMPLE), 4), 9, 2**63)
    told = describe(erased, SITES)
    assert "# erased: shop.example.com, all of it" in told
    assert "# erased: site 9, 1 visitors' days" in told
    assert str(2**63) not in told
    assert read(tmp_path, told) == read(tmp_path, EXAMPLE), "they are comments"
    assert describe(erase(NO_RULES, 4), SITES).startswith("none: ")
    with pytest.raises(BadRules, match="unknown field"):
        read(tmp_path, '["example.com"]\nerased = true')
