"""Step "given": dimensions a batch names stand instead of derived ones."""

from collector.pipeline import Draft

# A given name must not keep what was derived for another.
_DEPENDENT = {"browser": "browser_version", "os": "os_version", "region": "city"}


def apply_given(draft: Draft) -> Draft:
    for name, dependent in _DEPENDENT.items() if draft.given else ():
        if name in draft.given and draft.given[name] != draft.visit.get(name):
            draft.visit.pop(dependent, None)
    draft.visit |= draft.given
    return draft
