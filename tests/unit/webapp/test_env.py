"""The settings of the processes, from their environment."""

from pathlib import Path

import pytest

from schemas.environment import BadSetting
from webapp.config.env import read


def test_a_laptop_needs_nothing_but_a_secret() -> None:
    env = read({"DJANGO_SECRET_KEY": "s"})
    assert env.database_url == f"sqlite:///{env.data_dir}/webapp.sqlite3"
    assert env.allowed_hosts == ("127.0.0.1", "localhost", "[::1]")
    assert not env.is_https
    assert env.clickhouse_url.endswith("/pawprint")


def test_production_says_everything() -> None:
    env = read(
        {
            "PAWPRINT_BASE_URL": "https://stats.example.org/",
            "CLICKHOUSE_URL": "clickhouse://writer@ch/p",
            "CLICKHOUSE_READ_URL": "clickhouse://reader@ch/p",
            "PAWPRINT_DATA_DIR": "/var/lib/pawprint",
            "PAWPRINT_TRUSTED_PROXIES": "10.0.0.0/8",
        }
    )
    assert env.is_https
    assert env.base_url == "https://stats.example.org"
    assert "stats.example.org" in env.allowed_hosts
    assert env.clickhouse_url == "clickhouse://reader@ch/p"
    assert env.data_dir == Path("/var/lib/pawprint")


def test_hosts_can_be_named() -> None:
    assert read({"PAWPRINT_ALLOWED_HOSTS": "a.example, b.example"}).allowed_hosts == (
        "a.example",
        "b.example",
    )


@pytest.mark.parametrize(
    "variables", [{"PAWPRINT_WEBAPP_PORT": "http"}, {"PAWPRINT_TRUSTED_PROXIES": "everybody"}]
)
def test_nonsense_is_refused(variables: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="PAWPRINT_"):
        read(variables)


def test_currency_rates() -> None:
    env = read({"PAWPRINT_CURRENCY_RATES": '{"USD": 1, "EUR": 1.08}'})
    assert env.currency_rates == (("USD", 1.0), ("EUR", 1.08))
    assert read({}).currency_rates == ()


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"usd": 1}', '{"USD": 0}', '{"USD": NaN}', '{"USD": "1"}', '{"USD": true}'],
)
def test_bad_currency_rates_are_named(text: str) -> None:
    with pytest.raises(BadSetting, match=r"^PAWPRINT_CURRENCY_RATES: "):
        read({"PAWPRINT_CURRENCY_RATES": text})
