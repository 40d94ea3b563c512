"""The pure fold: no clock, no I/O, no async, no logging. Standard library and `schemas` only."""
