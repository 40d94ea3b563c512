"""Step "given": dimensions a batch names stand instead of derived ones."""

from collector.pipeline import Draft

# A given name must not keep the version that was derived for another.
_VERSIONS = {"browser": "browser_version", "os": "os_version"}


def apply_given(draft: Draft) -> Draft:
    for name, version in _VERSIONS.items():
        if name in draft.given and draft.given[name] != draft.visit.get(name):
            draft.visit.pop(version, None)
    draft.visit |= draft.given
    return draft
