"""Sites and what belongs to them, with asyncio. `sites.py` is made from this by `generate.py`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Union

from pawprint_client import things, wire
from pawprint_client.calls_aio import AsyncCalls
from pawprint_client.parameters import given
from pawprint_client.wire import Call

Day = Union[str, dt.date]
Clock = Union[str, dt.time]


class AsyncSites(AsyncCalls):
    """What changes something needs a key with the scope `sites:write`."""

    async def sites(self) -> list[things.Site]:
        """The sites that the key may read, the newest first."""
        return [each async for each in self._paged("/api/v1/sites", {}, "sites", things.site_of)]

    async def site(self, site: str) -> things.WholeSite:
        return await self._send(Call(_path(site), {}, things.whole_site_of))

    async def teams(self) -> list[things.Team]:
        path = "/api/v1/sites/teams"
        return [each async for each in self._paged(path, {}, "teams", things.team_of)]

    async def create_site(
        self, domain: str, *, timezone: str = "", team_id: int | None = None
    ) -> things.WholeSite:
        """A site that is new, in the key's team; its clock is UTC unless `timezone` (IANA) says.

        Not for keys that are limited to some sites.
        """
        body = given(domain=domain, timezone=timezone, team_id=team_id)
        call = Call("/api/v1/sites", {}, things.whole_site_of, "POST", body, is_safe=False)
        return await self._send(call)

    async def change_site(
        self,
        site: str,
        *,
        domain: str = "",
        timezone: str = "",
    ) -> things.WholeSite:
        """Another domain, timezone or both; the old domain leads to it for 72 hours."""
        body = given(domain=domain, timezone=timezone)
        return await self._send(Call(_path(site), {}, things.whole_site_of, "PUT", body))

    async def delete_site(self, site: str) -> None:
        """With all that belongs to it, for good. Not tried again, as all that can be done once."""
        await self._send(Call(_path(site), {}, wire.nothing_of, "DELETE", is_safe=False))

    # ---- Custom properties

    async def custom_props(self, site: str) -> list[str]:
        """The names of the properties of events that may be shown."""
        path, params = "/api/v1/sites/custom-props", {"site_id": site}
        return await self._send(Call(path, params, things.custom_props_of))

    async def create_custom_prop(self, site: str, name: str) -> None:
        """Let a property be shown; one that is shown already stays so."""
        body = {"site_id": site, "property": name}
        await self._send(Call("/api/v1/sites/custom-props", {}, wire.nothing_of, "PUT", body))

    async def delete_custom_prop(self, site: str, name: str) -> None:
        """Stop showing a property; what was counted stays."""
        path, params = f"/api/v1/sites/custom-props/{wire.path_part(name)}", {"site_id": site}
        await self._send(Call(path, params, wire.nothing_of, "DELETE"))

    # ---- Guests

    async def guests(self, site: str) -> list[things.Guest]:
        """Who may see this one site, and who is invited to, the newest first."""
        path, params = "/api/v1/sites/guests", {"site_id": site}
        return [each async for each in self._paged(path, params, "guests", things.guest_of)]

    async def invite_guest(self, site: str, email: str, role: str = "viewer") -> things.Guest:
        """Find or invite one, a `viewer` or an `editor`; who is there already keeps the role."""
        body = {"site_id": site, "email": email, "role": role}
        return await self._send(Call("/api/v1/sites/guests", {}, things.guest_of, "PUT", body))

    async def remove_guest(self, site: str, email: str) -> None:
        """Let a guest go, or take an invitation back; nothing happens where there is neither."""
        path, params = f"/api/v1/sites/guests/{wire.path_part(email)}", {"site_id": site}
        await self._send(Call(path, params, wire.nothing_of, "DELETE"))

    # ---- Goals

    async def goals(self, site: str) -> list[things.Goal]:
        """The newest first."""
        path = "/api/v1/sites/goals"
        params = {"site_id": site}
        return [each async for each in self._paged(path, params, "goals", things.goal_of)]

    async def create_goal(
        self,
        site: str,
        goal_type: str,
        *,
        event_name: str = "",
        custom_props: Mapping[str, str] | None = None,
        currency: str = "",
        page_path: str = "",
        scroll_threshold: int | None = None,
        display_name: str = "",
    ) -> things.Goal:
        """Find or make one: an `event`, a `page` or a `scroll` (percent of a page)."""
        body = given(
            site_id=site,
            goal_type=goal_type,
            event_name=event_name,
            custom_props=custom_props,
            currency=currency,
            page_path=page_path,
            scroll_threshold=scroll_threshold,
            display_name=display_name,
        )
        return await self._send(Call("/api/v1/sites/goals", {}, things.goal_of, "PUT", body))

    async def delete_goal(self, site: str, goal_id: int) -> None:
        await self._delete("/api/v1/sites/goals", site, goal_id)

    # ---- Segments

    async def segments(self, site: str) -> list[things.Segment]:
        """Those of the site, the newest first."""
        params = {"site_id": site}
        return await self._send(Call("/api/v1/segments", params, things.segments_of))

    async def create_segment(
        self, site: str, name: str, filters: Sequence[Any], *, kind: str = "site"
    ) -> things.Segment:
        """Keep filters, as in `query`, under a name."""
        body = {"name": name, "filters": list(filters), "kind": kind}
        path, params = "/api/v1/segments", {"site_id": site}
        return await self._send(Call(path, params, things.segment_of, "POST", body, is_safe=False))

    async def change_segment(
        self, site: str, segment_id: int, name: str, filters: Sequence[Any]
    ) -> things.Segment:
        body = {"name": name, "filters": list(filters)}
        path, params = f"/api/v1/segments/{segment_id:d}", {"site_id": site}
        return await self._send(Call(path, params, things.segment_of, "PUT", body))

    async def delete_segment(self, site: str, segment_id: int) -> None:
        await self._delete("/api/v1/segments", site, segment_id)

    # ---- Annotations

    async def annotations(
        self, site: str, *, date_from: Day = "", date_to: Day = ""
    ) -> list[things.Annotation]:
        """Those of these days, both included, the newest day first."""
        params = {
            name: str(value)
            for name, value in given(site_id=site, date_from=date_from, date_to=date_to).items()
        }
        return await self._send(Call("/api/v1/annotations", params, things.annotations_of))

    async def create_annotation(
        self, site: str, date: Day, text: str, *, time: Clock = ""
    ) -> things.Annotation:
        """Note what happened, on the site's calendar and clock."""
        body = given(date=str(date), time=str(time), text=text)
        path, params = "/api/v1/annotations", {"site_id": site}
        call = Call(path, params, things.annotation_of, "POST", body, is_safe=False)
        return await self._send(call)

    async def change_annotation(
        self, site: str, annotation_id: int, date: Day, text: str, *, time: Clock = ""
    ) -> things.Annotation:
        body = given(date=str(date), time=str(time), text=text)
        path, params = f"/api/v1/annotations/{annotation_id:d}", {"site_id": site}
        return await self._send(Call(path, params, things.annotation_of, "PUT", body))

    async def delete_annotation(self, site: str, annotation_id: int) -> None:
        await self._delete("/api/v1/annotations", site, annotation_id)

    # ---- Shared links

    async def shared_links(self, site: str) -> list[things.SharedLink]:
        """The newest first. Needs the scope that making them needs: who has a link may use it."""
        path, params = "/api/v1/sites/shared-links", {"site_id": site}
        read = things.shared_link_of
        return [each async for each in self._paged(path, params, "shared_links", read)]

    async def create_shared_link(self, site: str, name: str, *, password: str = "") -> str:
        """Find or make one by its name; its address. One that is there keeps its password."""
        body = given(site_id=site, name=name, password=password)
        return await self._send(Call("/api/v1/sites/shared-links", {}, things.url_of, "PUT", body))

    async def revoke_shared_link(self, site: str, link_id: int) -> None:
        await self._delete("/api/v1/sites/shared-links", site, link_id)

    async def _delete(self, path: str, site: str, its_id: int) -> None:
        """Not tried again: what is gone already would be answered as not there."""
        params = {"site_id": site}
        call = Call(f"{path}/{its_id:d}", params, wire.nothing_of, "DELETE", is_safe=False)
        await self._send(call)


def _path(site: str) -> str:
    return f"/api/v1/sites/{wire.path_part(site)}"
