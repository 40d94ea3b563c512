"""The local stack behind `./inv up`: real servers and our processes under one supervisor."""
