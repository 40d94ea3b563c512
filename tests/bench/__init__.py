"""`./inv bench`: speeds on real servers, held against a baseline measured in the same run."""
