"""The steps of the pipeline, in their order."""

from collections.abc import Callable

from collector.pipeline import Step
from collector.steps.address import find_address
from collector.steps.agents import Agent, agent_step
from collector.steps.geo import locate
from collector.steps.given import apply_given
from collector.steps.identity import SaltSource, identity_step
from collector.steps.parse import parse
from collector.steps.site import site_step
from collector.steps.source import attribute
from collector.steps.time import stamp
from schemas.sites import SiteSettings


def make_steps(
    sites: Callable[[str], SiteSettings | None],
    classify: Callable[[str], Agent],
    salts: SaltSource,
    route_secret: bytes,
) -> tuple[tuple[str, Step], ...]:
    """Cheap refusals first; the address is used by "identity" and "geo" alone."""
    return (
        ("parse", parse),
        ("site", site_step(sites)),
        ("time", stamp),
        ("address", find_address),
        ("agent", agent_step(classify)),
        ("identity", identity_step(salts, route_secret)),
        ("geo", locate),
        ("source", attribute),
        ("given", apply_given),
    )
