"""Load timings and web vitals: the numbers a page can report about itself, in one order for ever.

A hit carries (index into TIMINGS, value) pairs, so a name may only ever be appended.
"""

from typing import Annotated, Final

from msgspec import Meta

TIMINGS: Final[tuple[str, ...]] = (
    # Web vitals (web.dev/articles/vitals): milliseconds, "cls" in thousandths.
    "lcp", "inp", "cls", "fcp", "ttfb",
    # Phases of loading the document (W3C Navigation Timing), milliseconds.
    "dns", "connect", "ssl", "download", "dom_content_loaded", "render", "page_load",
    # Bytes of the document over the network.
    "transfer_size",
)  # fmt: skip
CLS: Final = "cls"
CLS_UNIT: Final = 1_000  # what one of the page's own layout shift score is here
VALUE_MAX: Final = 2**32 - 1

Timing = tuple[Annotated[int, Meta(ge=0, lt=len(TIMINGS))], Annotated[int, Meta(ge=0, lt=2**32)]]
