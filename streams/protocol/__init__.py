"""The exactness protocol, free of Faust: fold the next record, hold, checkpoint, acknowledge.

These are the steps a worker runs. What they need of the world they take as small protocols
(`ports.py`), so that the simulation in tests/simulation drives this very code.
"""
