"""How long a loop rests, so that what it does takes no more than its share of the time."""


def rest_s(took_s: float, *, share: float, least_s: float, most_s: float) -> float:
    """The pause in seconds after work of `took_s`: at least `least_s`, at most `most_s`.

    `share` is of the time, work and rest together. `most_s` bounds how old the work may become
    when even that is more than its share.
    """
    return max(least_s, min(most_s, took_s * (1 - share) / share))
