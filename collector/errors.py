"""The two kinds of failure: bad data is `Rejected`, infrastructure that fails is `Unavailable`."""

from schemas.drop_reasons import DropReason


class Rejected(Exception):
    """An event that is turned away. `field` and `message` tell the client what to change."""

    def __init__(self, reason: DropReason, field: str, message: str) -> None:
        super().__init__(reason.value, field, message)
        self.reason = reason
        self.field = field
        self.message = message


class Throttled(Rejected):
    """An address that sends too much; it may try again in `wait_s` seconds."""

    def __init__(self, field: str, message: str, wait_s: float) -> None:
        super().__init__(DropReason.RATE_LIMITED, field, message)
        self.wait_s = wait_s


class Unavailable(Exception):
    """Nothing may be taken as stored: the client is to try again. `reason` is a metric tag."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def malformed(field: str, message: str) -> Rejected:
    return Rejected(DropReason.MALFORMED, field, message)


def over_limit(field: str, message: str) -> Rejected:
    return Rejected(DropReason.OVER_LIMIT, field, message)
