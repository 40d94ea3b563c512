"""`./inv import-log`: access logs into a Pawprint, through its collector's batch endpoint only.

files     paths -> bytes -> raw lines, growing and rotated files too
lines     raw values -> a request, the same for every format
templates, objects, extended, detecting   a raw line of each format -> a request
pages     a request -> a pageview, or why it is none
ordering  nearly sorted -> sorted
reading   all of that: files -> batches of events, each with the place to go on from
state     what was acknowledged, on disk
resuming  files named and states -> which import, and where it goes on
sending   batches -> collector, through front_door, which asks until it answers
showing   progress and report
command   the command line
"""
