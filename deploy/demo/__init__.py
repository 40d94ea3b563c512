"""Demo traffic: an access log drawn from a seed or given, and the player that sends it.

generate   seed -> access.log
access_log log -> requests (deploy.importing reads them)
plan       pageviews -> history (shifted in time) and live traffic, in play order
play       plan -> collector, over HTTP; manifest and journal remember what was sent
"""
