"""What an operation asks of the key it is called with.

A view says so by its attribute `required_scope`: a scope, or several of which one will do; or that
for each method, by the method's name in capitals; or None, which keeps keys out: then only a person
who is logged in may call it.
Without the attribute reading needs `stats:read` and anything else `sites:write`.

What the dashboard shows to everybody who has a shared link says `is_open_to_links = True`.
"""

from collections.abc import Mapping

from rest_framework.permissions import SAFE_METHODS

from webapp.sites.models import Scope

Scopes = Scope | tuple[Scope, ...]
Required = Scopes | Mapping[str, Scopes] | None


def required_scope(view: object, method: str) -> Scopes | None:
    """What `method` of `view` needs, of several one; None if no key may call it."""
    default = Scope.STATS_READ if method in SAFE_METHODS else Scope.SITES_WRITE
    declared: Required = getattr(view, "required_scope", default)
    if isinstance(declared, Mapping):
        # HEAD is answered by what answers GET.
        return declared.get("GET" if method == "HEAD" else method, default)
    return declared


def opens_to_links(view: object) -> bool:
    """Whether a shared link may read `view`: only where it says so."""
    return getattr(view, "is_open_to_links", False) is True
