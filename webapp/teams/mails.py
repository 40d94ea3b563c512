"""The mail to who is invited to a site, sent once."""

import logging
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet

from webapp.mail.sending import is_due, send, send_once
from webapp.rates.limiter import limiter
from webapp.rates.windows import Quota
from webapp.teams.models import Guest, Role

logger = logging.getLogger(__name__)

# To one address, from all teams: who invites, takes it back and invites again fills no mailbox.
TO_ONE_ADDRESS: Final = Quota(requests_max=5, window_s=86_400)
RIGHTS: Final = {
    Role.VIEWER: "see the numbers of {}",
    Role.EDITOR: "see the numbers of {} and change its settings",
}


def tell(guest_id: int) -> bool:
    """Mail an invitation that nobody took yet, unless that was done; whether it was done now.

    Raises what the mail backend raises.
    """
    row = Guest.objects.filter(pk=guest_id, user=None)
    return send_once(row, "mailed_at", lambda: _send(row.select_related("site").get()))


def due_invitations() -> QuerySet[Guest]:
    """Invitations that nobody was told of although it is time."""
    return Guest.objects.filter(is_due("mailed_at", "invited_at"), user=None)


def _send(guest: Guest) -> None:
    spent = limiter().spend("invitation", guest.email, TO_ONE_ADDRESS)
    if spent is not None and not spent.allowed:
        logger.warning("invitation %s not mailed: its address had too many today", guest.pk)
        return
    domain = guest.site.domain
    send(guest.email, f"You are invited to {domain}", "teams/invitation", _context(guest, domain))


def _context(guest: Guest, domain: str) -> dict[str, Any]:
    return {
        "domain": domain,
        "email": guest.email,
        "rights": RIGHTS[Role(guest.role)].format(domain),
        "login_url": f"{settings.BASE_URL}/login/?next=/{domain}/",
    }
