"""HTTP in, Kafka out: turns requests into hits that carry no address and no user agent.

The way of a request, as file names: `app` (routes) -> `http` (bounded reading) -> `events` or
`batches` (what the endpoint means) -> `pipeline` and `steps/` (one hit) -> `outbox` and `batcher`
(records) -> `kafka` (the acknowledged log).
"""
