"""Who may call what, as data: one line a route and method. `test_tenancy.py` holds it to be true.

A new route or method gets a line in ROWS: the rule that says who is let in, and what a good call of
it looks like. In a call `{site}` and the like stand for things of the place that is called: see
`test_tenancy.py: world`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

KEYS: Final = (
    "wrong key",
    "expired key",
    "ingest key",  # without any scope of the API
    "reading key",  # stats:read and sites:read
    "writing key",  # sites:write alone
    "key",  # all scopes
    "key to another site",  # all scopes, limited to another site of the team
    "stranger's key",  # all scopes, of another team
)
# Of the team; guests of the one site; of another team; of the team, but switched off.
MEMBERS: Final = ("owner", "admin", "editor", "viewer")
GUESTS: Final = ("guest editor", "guest")
PERSONS: Final = (*MEMBERS, *GUESTS, "stranger", "inactive")
LINKS: Final = (  # to the one site, by what the page of a shared link has for its calls
    "shared link",
    "link, not unlocked",  # it has a password; its holder has the slug alone
    "link, password changed",  # since the page was loaded
    "revoked link",
    "stranger's link",  # to a site of another team
)
CALLERS: Final = ("nobody", "basic auth", *KEYS, *LINKS, *PERSONS)

Rule = dict[str, int]  # caller -> status


def _rule(otherwise: int, **groups: tuple[str, ...]) -> Rule:
    """`s200=("owner",)`: these callers get 200, all others `otherwise`."""
    named = {caller: int(status[1:]) for status, those in groups.items() for caller in those}
    assert named.keys() <= set(CALLERS)
    return {caller: named.get(caller, otherwise) for caller in CALLERS}


_LOGGED_IN: Final = (*MEMBERS, *GUESTS, "stranger")
_MEMBERS: Final = (*MEMBERS, *GUESTS)  # who see the site
_KEYS_THAT_READ: Final = ("reading key", "key")
_EDIT: Final = ("owner", "admin", "editor", "guest editor")  # who change it
_ONLY_SEE: Final = ("viewer", "guest")
_GOOD_KEYS: Final = tuple(key for key in KEYS if key not in ("wrong key", "expired key"))

ANYBODY: Final = _rule(200)
LOG_IN: Final = _rule(200, s302=_LOGGED_IN)  # who is logged in moves on
TO_LOG_IN: Final = _rule(302)
PAGE: Final = _rule(302, s200=_MEMBERS, s404=("stranger",))
READS_SITE: Final = _rule(401, s200=(*_MEMBERS, *_KEYS_THAT_READ))
# What the dashboard shows, also to who came by a shared link.
SHOWS_SITE: Final = READS_SITE | {"shared link": 200}
WRITES_SITE: Final = _rule(401, s200=(*_EDIT, "writing key", "key"), s403=_ONLY_SEE)
# What everybody sees is their own.
READS_OWN: Final = _rule(
    401, s200=(*_LOGGED_IN, *_KEYS_THAT_READ, "key to another site", "stranger's key")
)
# People only, and only who manages a team; a key is told that it is none.
MANAGES: Final = _rule(
    401, s200=("owner", "admin", "stranger"), s403=("editor", "viewer", *GUESTS, *_GOOD_KEYS)
)
MANAGES_ONE: Final = MANAGES | {"stranger": 404}


# The Sites API: a 404 for a site that is not the caller's.
_NOT_THEIRS: Final = ("stranger", "stranger's key", "key to another site")
_KEYS_THAT_WRITE: Final = ("writing key", "key")
READS_NAMED: Final = _rule(401, s200=(*_MEMBERS, *_KEYS_THAT_READ), s404=_NOT_THEIRS)
CHANGES_NAMED: Final = _rule(
    401, s200=(*_EDIT, *_KEYS_THAT_WRITE), s403=_ONLY_SEE, s404=_NOT_THEIRS
)
MANAGES_NAMED: Final = CHANGES_NAMED | {"editor": 403, "guest editor": 403}
OWNS_NAMED: Final = MANAGES_NAMED | {"admin": 403}
MAKES_SITES: Final = _rule(
    401,
    s200=("owner", "admin", "editor", "stranger", *_KEYS_THAT_WRITE, "stranger's key"),
    s403=("viewer", *GUESTS, "key to another site"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A good call, and who gets which status; `ok` is what the call is answered with for 200."""

    rule: Rule
    query: str = ""
    body: Any = None  # JSON; of strings `{name}` is filled in
    path: Mapping[str, str] = field(default_factory=dict)  # the route's arguments
    ok: int = 200
    # It names something of a team: what is another team's is answered as what does not exist.
    names_a_place: bool = True

    def expected(self, caller: str) -> int:
        status = self.rule[caller]
        return self.ok if status == 200 else status


SITE: Final = "site_id={site}"
PANELBEAR: Final = {"site_id": "{site}", "aggregate": ["session_count"]}
ANNOTATION: Final = {"date": "2026-11-23", "text": "A release"}
SEGMENT: Final = {"name": "Germany", "filters": [["is", "visit:country", ["DE"]]]}
NAMED: Final = "limit=9&site_id={site}"  # whose error does not begin with the parameter's name
KEY: Final = {"name": "new", "scopes": ["stats:read"], "sites": ["{site}"]}

ROWS: Final[Mapping[tuple[str, str], Row]] = {
    ("healthz", "GET"): Row(ANYBODY, names_a_place=False),
    ("schema", "GET"): Row(ANYBODY, names_a_place=False),
    ("docs", "GET"): Row(ANYBODY, names_a_place=False),
    ("try", "GET"): Row(ANYBODY, names_a_place=False),
    ("login", "GET"): Row(LOG_IN, names_a_place=False),
    ("login", "POST"): Row(LOG_IN, names_a_place=False),
    ("login", "PUT"): Row(LOG_IN, names_a_place=False),
    ("logout", "POST"): Row(TO_LOG_IN, names_a_place=False),
    ("home", "GET"): Row(TO_LOG_IN, names_a_place=False),
    ("dashboard", "GET"): Row(PAGE, path={"domain": "{site}"}),
    # Whoever has the slug is let in; what is no link is looked at in test_shared_links.py.
    ("share", "GET"): Row(ANYBODY, "auth={slug}", path={"domain": "{site}"}, names_a_place=False),
    ("share", "POST"): Row(
        ANYBODY, "auth={slug}", path={"domain": "{site}"}, ok=302, names_a_place=False
    ),
    ("realtime", "GET"): Row(SHOWS_SITE, SITE),
    ("realtime-visitors", "GET"): Row(SHOWS_SITE, SITE),
    ("aggregate", "GET"): Row(SHOWS_SITE, SITE),
    ("timeseries", "GET"): Row(SHOWS_SITE, SITE),
    ("breakdown", "GET"): Row(SHOWS_SITE, SITE + "&property=event:page"),
    ("v2-query", "POST"): Row(
        READS_SITE, body={"site_id": "{site}", "metrics": ["visitors"], "date_range": "day"}
    ),
    ("ledger", "GET"): Row(SHOWS_SITE, SITE),
    ("panelbear-aggregation", "POST"): Row(READS_SITE, body=PANELBEAR),
    ("panelbear-timeseries", "POST"): Row(READS_SITE, body=PANELBEAR),
    ("panelbear-breakdown", "POST"): Row(READS_SITE, body=PANELBEAR | {"group_by": "path"}),
    ("funnel", "GET"): Row(READS_SITE, SITE + "&step=event:page==/&step=event:page==/a"),
    ("journeys", "GET"): Row(READS_SITE, SITE + "&start=event:page==/"),
    ("retention", "GET"): Row(READS_SITE, SITE + "&period=day"),
    ("exports", "GET"): Row(READS_SITE, SITE + "&period=day"),
    ("alerts", "GET"): Row(READS_SITE, SITE),
    ("live-stream", "GET"): Row(SHOWS_SITE, SITE),
    ("sites", "GET"): Row(READS_OWN, names_a_place=False),
    ("sites", "POST"): Row(MAKES_SITES, body={"domain": "new.example"}, names_a_place=False),
    ("teams", "GET"): Row(READS_OWN, names_a_place=False),
    ("site", "GET"): Row(READS_NAMED, path={"domain": "{site}"}),
    ("site", "PUT"): Row(CHANGES_NAMED, body={"timezone": "UTC"}, path={"domain": "{site}"}),
    ("site", "DELETE"): Row(OWNS_NAMED, path={"domain": "{site}"}),
    ("goals", "GET"): Row(READS_NAMED, NAMED),
    ("goals", "PUT"): Row(CHANGES_NAMED, NAMED, {"goal_type": "page", "page_path": "/"}),
    ("goal", "DELETE"): Row(CHANGES_NAMED, NAMED, path={"goal_id": "{goal}"}),
    ("custom-props", "GET"): Row(READS_NAMED, NAMED),
    ("custom-props", "PUT"): Row(CHANGES_NAMED, NAMED, {"property": "plan"}),
    ("custom-prop", "DELETE"): Row(CHANGES_NAMED, NAMED, path={"property": "plan"}),
    ("shared-links", "GET"): Row(CHANGES_NAMED, NAMED),
    ("shared-links", "PUT"): Row(CHANGES_NAMED, NAMED, {"name": "Press"}),
    ("shared-link", "DELETE"): Row(CHANGES_NAMED, NAMED, path={"link_id": "{link}"}),
    ("guests", "GET"): Row(READS_NAMED, NAMED),
    ("guests", "PUT"): Row(MANAGES_NAMED, NAMED, {"email": "a@b.example", "role": "viewer"}),
    ("guest", "DELETE"): Row(MANAGES_NAMED, NAMED, path={"email": "a@b.example"}),
    ("annotations", "GET"): Row(READS_SITE, SITE),
    ("annotations", "POST"): Row(WRITES_SITE, SITE, ANNOTATION, ok=201),
    ("annotation", "PUT"): Row(WRITES_SITE, SITE, ANNOTATION, {"annotation_id": "{annotation}"}),
    ("annotation", "DELETE"): Row(
        WRITES_SITE, SITE, path={"annotation_id": "{annotation}"}, ok=204
    ),
    ("segments", "GET"): Row(READS_SITE, SITE),
    ("segments", "POST"): Row(WRITES_SITE, SITE, SEGMENT, ok=201),
    ("segment", "PUT"): Row(WRITES_SITE, SITE, SEGMENT, {"segment_id": "{segment}"}),
    ("segment", "DELETE"): Row(WRITES_SITE, SITE, path={"segment_id": "{segment}"}, ok=204),
    ("keys", "GET"): Row(MANAGES, names_a_place=False),
    ("keys", "POST"): Row(MANAGES | {"stranger": 400}, body=KEY, ok=201),
    ("key", "DELETE"): Row(MANAGES_ONE, path={"key_id": "{key}"}, ok=204),
}
