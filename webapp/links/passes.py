"""Passes: what the page of a shared link reads its site with.

A pass is signed, not stored. It names the link, and the slug and password that the link had: a link
that is revoked or changed lets nobody in any more, from the next request on. The page sends it with
each call rather than in a cookie: browsers keep the cookies of a page in a frame of another site
back, and one browser may have several links open beside a log-in.
"""

from typing import Final

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from webapp.links.models import SharedLink

PASS_S: Final = 12 * 3600  # then the page is loaded, and a password asked for, again
PARAMETER: Final = "link"  # of the calls that carry one
_SALT: Final = "webapp.links.passes"


def make_pass(link: SharedLink) -> str:
    """For whoever has the slug, and the password if there is one."""
    return signing.dumps([link.pk, _state(link)], salt=_SALT)


def link_of_pass(text: str) -> SharedLink | None:
    """The link as it is now; None for a pass that is not ours, too old or of a link's past."""
    try:
        link_id, state = signing.loads(text, salt=_SALT, max_age=PASS_S)
    except signing.BadSignature:
        return None
    link = SharedLink.objects.filter(pk=link_id).first()
    return link if link is not None and constant_time_compare(state, _state(link)) else None


def _state(link: SharedLink) -> str:
    """Changes with the slug and the password, and tells neither."""
    return salted_hmac(_SALT, f"{link.slug} {link.password}", algorithm="sha256").hexdigest()
