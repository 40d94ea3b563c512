"""The ASGI application that Granian serves."""

from django.core.asgi import get_asgi_application

from webapp.config.env import name_settings_module

name_settings_module()
application = get_asgi_application()
