"""Step "spam": referrers that are there to be seen in reports."""

from collections.abc import Callable

from collector.pipeline import Draft, Step
from schemas.drop_reasons import DropReason


def spam_step(is_spam: Callable[[str], bool]) -> Step:
    """`is_spam` tells of a referrer's host without `www.`."""

    def find_spam(draft: Draft) -> Draft:
        if draft.left_out or not draft.visit["referrer"] or draft.exclusions.count_referrer_spam:
            return draft
        if is_spam(draft.visit["referrer"].partition("/")[0]):
            draft.left_out = DropReason.REFERRER_SPAM.value
        return draft

    return find_spam
