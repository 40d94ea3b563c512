"""Simulation by seed: the core and the protocol under faults that no test would think of.

deploy/docs/simulation.md says what is modelled and how to read a failure.
"""
