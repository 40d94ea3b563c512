"""The stats API of Panelbear: POST /v1/stats/{aggregation,timeseries,breakdown}.

After its documentation (panelbear.com/docs/api-stats). What that names, has the same name and
meaning here; metrics and dimensions it does not name, have our own names.
"""
