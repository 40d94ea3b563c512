"""The steps of the pipeline, in their order."""

from collections.abc import Callable
from typing import Protocol

from collector.cities import Cities
from collector.pipeline import Step
from collector.steps.address import find_address
from collector.steps.agents import Agent, agent_step
from collector.steps.exclude import exclude, honour
from collector.steps.geo import geo_step
from collector.steps.given import apply_given
from collector.steps.identity import SaltSource, identity_step
from collector.steps.limits import RateLimits, limits_step
from collector.steps.parse import parse
from collector.steps.site import SiteSource, site_step
from collector.steps.source import attribute
from collector.steps.spam import spam_step
from collector.steps.time import stamp


class Lists(Protocol):
    """What the operator supplies, as it is now."""

    def in_data_centre(self, packed_address: bytes) -> bool: ...
    def is_spammer(self, host: str) -> bool: ...
    def cities(self) -> Cities | None: ...


def make_steps(
    sites: SiteSource,
    classify: Callable[[str], Agent],
    salts: SaltSource,
    route_secret: bytes,
    limits: RateLimits,
    lists: Lists,
) -> tuple[tuple[str, Step], ...]:
    """Cheap refusals first. The address goes no further than "identity"."""
    return (
        ("parse", parse),
        ("site", site_step(sites)),
        ("consent", honour),
        ("time", stamp),
        ("address", find_address),
        ("limits", limits_step(limits)),
        ("geo", geo_step(lists.cities)),
        ("exclude", exclude),
        ("agent", agent_step(classify, lists.in_data_centre)),
        ("identity", identity_step(salts, route_secret)),
        ("source", attribute),
        ("spam", spam_step(lists.is_spammer)),
        ("given", apply_given),
    )
