"""What goes wrong for a reason a person can act on."""


class StackError(Exception):
    """Shown to the person as it is, without a traceback; `./inv` then exits 1."""


class Interrupted(Exception):
    """Ctrl-C, SIGTERM or a closed terminal asked to stop."""
