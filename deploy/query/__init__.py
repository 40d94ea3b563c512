"""`./inv query`: a question in a few words, put to the HTTP API, shown in a terminal."""
