"""Mails: how they look, and how each is sent once."""
