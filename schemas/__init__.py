"""The contracts between Pawprint's processes: what travels through Kafka and Redis, and its limits.

Imports nothing of ours, so every other folder may import it.
"""
