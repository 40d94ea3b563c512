"""Step "given": dimensions a batch names stand instead of derived ones."""

from collector.pipeline import Draft

# A given name must not keep what was derived for another.
_DEPENDENT = {
    "browser": ("browser_version",),
    "os": ("os_version",),
    "region": ("city",),
}


def apply_given(draft: Draft) -> Draft:
    if not draft.given:
        return draft
    for name, dependent in _DEPENDENT.items():
        if name in draft.given and draft.given[name] != draft.visit.get(name):
            for other in dependent:
                draft.visit.pop(other, None)
    draft.visit |= draft.given
    return draft
