"""The web application: accounts, sites, the stats API, dashboards and alerts.

Imports `aggregates` and `schemas` only; what it knows of the collector and the streams travels
through Redis, ClickHouse and Kafka as data.
"""
