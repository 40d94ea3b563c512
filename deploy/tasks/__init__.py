"""The tasks of `./inv`, run by Invoke."""
