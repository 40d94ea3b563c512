"""Sessions in plain Python: the rollup rows they make, and the right answer to any question.

Shares no code with the read path: metrics are counted session by session from their definitions,
buckets are found by walking back through zoneinfo minute by minute.
"""

from tests.contract.aggregates.oracle.answers import answer
from tests.contract.aggregates.oracle.rows import make_rows, stale
from tests.contract.aggregates.oracle.sessions import OracleHit, OracleSession

__all__ = ["OracleHit", "OracleSession", "answer", "make_rows", "stale"]
