"""`./inv dead`: what could not be folded, looked at and sent again."""
