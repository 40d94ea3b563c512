"""The notifier on a topic of the test's own: `python -m ...notifier BROKER TOPIC GROUP`."""

import asyncio
import sys

import django

from webapp.config.env import name_settings_module

if __name__ == "__main__":
    name_settings_module()
    django.setup()

    from webapp.alerts.notifier import run

    asyncio.run(run(*sys.argv[1:]))
