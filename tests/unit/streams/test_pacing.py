"""Work and rest."""

import pytest

from streams.protocol.pacing import rest_s


@pytest.mark.parametrize(
    ("took_s", "rest"),
    [(0.0, 1.0), (0.1, 1.0), (1.0, 4.0), (2.0, 8.0), (60.0, 10.0)],
)
def test_the_rest_grows_with_the_work_between_its_bounds(took_s: float, rest: float) -> None:
    assert rest_s(took_s, share=0.2, least_s=1.0, most_s=10.0) == pytest.approx(rest)


def test_a_setting_above_the_bound_is_kept() -> None:
    assert rest_s(0.0, share=0.2, least_s=30.0, most_s=10.0) == 30.0
