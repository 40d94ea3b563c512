"""Who may call the API at all; which sites they may read is up to each operation."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class IsKnown(BasePermission):
    """A valid API key, or a person who is logged in."""

    def has_permission(self, request: Request, view: object) -> bool:
        return request.auth is not None or request.user.is_authenticated
