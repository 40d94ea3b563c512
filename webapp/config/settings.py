"""Django's settings, derived from `webapp.config.env`."""

from pathlib import Path
from typing import Any

import dj_database_url

from webapp.config.env import env

WEBAPP = Path(__file__).resolve().parents[1]

SECRET_KEY = env.secret_key
DEBUG = False
ALLOWED_HOSTS = list(env.allowed_hosts)
ROOT_URLCONF = "webapp.config.urls"
ASGI_APPLICATION = "webapp.config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_vite",
    "webapp.accounts",
    "webapp.teams",
    "webapp.sites",
    "webapp.goals",
    "webapp.segments",
    "webapp.links",
    "webapp.annotations",
    "webapp.stats",
    "webapp.live",
    "webapp.alerts",
    "webapp.apidocs",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "webapp.config.middleware.static_files",
    "webapp.config.middleware.content_security_policy",
    "webapp.api.middleware.rate_limit_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Last: the others' headers are on its 304 as well. Streams have no ETag.
    "django.middleware.http.ConditionalGetMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEBAPP / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]

# ---- What the apps need of the environment

BASE_URL = env.base_url
COLLECTOR_URL = env.collector_url
REDIS_URL = env.redis_url
CLICKHOUSE_URL = env.clickhouse_url
CURRENCY_RATES = dict(env.currency_rates)
KAFKA_BROKER = env.kafka_broker
PARTITIONS = env.partitions
TRUSTED_PROXIES = env.trusted_proxies
API_REQUESTS_PER_HOUR = env.api_requests_per_hour
API_PERSON_REQUESTS_PER_HOUR = env.api_person_requests_per_hour
API_ADDRESS_REQUESTS_PER_HOUR = env.api_address_requests_per_hour

# ---- Stores


def _database(url: str) -> Any:
    """Django's settings of the database at `url`."""
    config = dj_database_url.parse(url, conn_health_checks=True)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # WAL: readers never wait for the writer. IMMEDIATE: a transaction takes the write lock
        # when it begins and waits for it (5 s), where a deferred one fails as it upgrades.
        config["OPTIONS"] = {
            "timeout": 5,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        }
    return config


DATABASES = {"default": _database(env.database_url)}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "pawprint:cache",
        # A cache that does not answer must not hold a request up for long.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}

# ---- People and their sessions

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
# Names of our own: cookies are shared by all ports of a host, so "sessionid" would be fought over.
SESSION_COOKIE_NAME = "pawprint_session"
CSRF_COOKIE_NAME = "pawprint_csrf"
SESSION_COOKIE_SECURE = env.is_https
CSRF_COOKIE_SECURE = env.is_https
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [env.base_url]
SECURE_HSTS_SECONDS = 365 * 86_400 if env.is_https else 0
# TLS ends at a proxy, which has to overwrite this header.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.is_https else None
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "webapp.dashboard.views.forbidden"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # bytes; nothing is uploaded here

# ---- Language and time

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# ---- Static files: served from where they lie, there is no collecting step

STATIC_URL = "/static/"
FRONTEND_DIST = WEBAPP / "frontend" / "dist"
STATICFILES_DIRS = [path for path in (WEBAPP / "static", FRONTEND_DIST) if path.is_dir()]
WHITENOISE_USE_FINDERS = True
DJANGO_VITE = {
    "default": {"dev_mode": False, "manifest_path": FRONTEND_DIST / ".vite" / "manifest.json"}
}

# ---- The API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "webapp.api.authentication.ApiKeyAuthentication",
        "webapp.api.authentication.LinkAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["webapp.api.permissions.MayCall"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["webapp.api.parsers.JsonParser"],
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS says nothing that the OpenAPI page does not
    "DEFAULT_SCHEMA_CLASS": "webapp.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "webapp.api.handler.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Pawprint API",
    "DESCRIPTION": "Numbers of your sites. Every call needs `Authorization: Bearer KEY`, or the "
    'session of a team member. Errors are `{"error": "..."}`. Every answer says in '
    "`RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` how many requests an hour are "
    "allowed, how many are left, and in how many seconds there are more; 429 has `Retry-After`.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {"PanelbearDimension": "webapp.panelbear.names.DIMENSION_NAMES"},
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    # The pass of a shared link is for the page that it was made for.
    "AUTHENTICATION_WHITELIST": [
        "webapp.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "webapp.live.documentation.add_live_stream",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# ---- Work in the background

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": "pawprint:celery:",
    "socket_connect_timeout": 2,
}
# Who orders a task has other work: what is not ordered is found by a scheduled task later.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.2}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # a killed worker's task is run again; each is safe to repeat
CELERY_TASK_TIME_LIMIT = 120  # seconds
CELERY_WORKER_CONCURRENCY = 2
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(env.data_dir / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "publish-sites": {"task": "sites.publish_sites", "schedule": 60.0},
    "send-due-alert-mails": {"task": "alerts.send_due_alert_mails", "schedule": 60.0},
    "send-due-invitations": {"task": "teams.send_due_invitations", "schedule": 60.0},
}

# ---- Mail

DEFAULT_FROM_EMAIL = env.mail_from
if env.postmark_token:
    EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    ANYMAIL = {"POSTMARK_SERVER_TOKEN": env.postmark_token}
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = env.data_dir / "mail"

# ---- Logs: no addresses, no user agents; Django's own loggers name paths only

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.log_level},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},  # what is the caller's fault fills no disk of ours
    },
}
