"""Who may call an operation at all; which sites they see there is up to the operation."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from webapp.api import limits
from webapp.api.errors import NoAccess, PersonsOnly
from webapp.api.scopes import Scopes, opens_to_links, required_scope
from webapp.links.models import SharedLink
from webapp.sites.models import ApiKey


class MayCall(BasePermission):
    """A key with the scope that the view asks for, a shared link where the view is open to links,
    or a person who is logged in.

    The limit comes first: who asks for too much is told so, whatever they may do. A method that
    the view does not have (OPTIONS is none of ours) is left to DRF, which says so.
    """

    def has_permission(self, request: Request, view: object) -> bool:
        link = request.auth if isinstance(request.auth, SharedLink) else None
        key = request.auth if isinstance(request.auth, ApiKey) else None
        limits.spend(request.META, request.user, key or link)
        if link is not None:
            if not opens_to_links(view):
                raise NoAccess
            return True
        method = str(request.method)
        if key is not None and method != "OPTIONS" and hasattr(view, method.lower()):
            check_scope(key, required_scope(view, method))
        return key is not None or request.user.is_authenticated


def check_scope(key: ApiKey, scope: Scopes | None) -> None:
    """Raises `NoAccess` for a key without the scope, `PersonsOnly` where no key is let in."""
    if scope is None:
        raise PersonsOnly
    if not any(key.allows(each) for each in (scope if isinstance(scope, tuple) else (scope,))):
        raise NoAccess
