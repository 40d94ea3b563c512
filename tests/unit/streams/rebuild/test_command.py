"""What a rebuild keeps of erasures, and what it refuses for their sake."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from aggregates.clickhouse.generations import Generation
from schemas.rules import NO_RULES, Rules, SiteRules, encode_rules, erase
from streams.rebuild import command
from streams.rebuild.crew import RebuildFailed

ERASED = erase(Rules(SiteRules(session_gap_s=600)), 7)


def generation(number: int, rules: Rules) -> Generation:
    return Generation(number, encode_rules(rules).decode())


def made(rules: str | None = None) -> Any:
    registry = SimpleNamespace(active=lambda: generation(2, ERASED))
    maker = SimpleNamespace(
        registry=registry, console=None, settings=SimpleNamespace(redis_url="redis://")
    )
    return command._Command(cast(Any, maker), cast(Any, SimpleNamespace(rules=rules)))


def test_a_generation_from_before_an_erasure_is_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[int] = []
    monkeypatch.setattr(command, "switch", lambda _maker, to: served.append(to.number))
    with pytest.raises(RebuildFailed, match="holds what was erased"):
        made()._switch(generation(1, NO_RULES))
    made()._switch(generation(3, erase(ERASED, 8)))
    assert served == [3]


def test_no_rules_bring_back_what_was_erased(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "site_ids", lambda _url: {"a.example": 1})
    path = tmp_path / "rules.toml"
    path.write_text('["a.example"]\nsession_gap = "5m"')
    active = generation(2, ERASED)
    assert made()._rules(active) == ERASED
    assert made("none")._rules(active) == erase(NO_RULES, 7)
    read = made(str(path))._rules(active)
    assert (read.erased, read.of(1).session_gap_s) == (ERASED.erased, 300)
