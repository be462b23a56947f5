"""Django's settings, all from the configuration; to import them makes no file."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.functional import SimpleLazyObject

from meshcore.configuration import database, secret_key
from meshcore.configuration.load import load

LOADED = load(os.environ)
CONFIGURATION = LOADED.configuration


def own_key() -> str:
    key = secret_key.read_or_create(CONFIGURATION)
    return secret_key.derive(key, purpose="django").hex()


# On first use: who only imports the settings (mypy, a migration check) needs no data dir.
SECRET_KEY = SimpleLazyObject(own_key)

INSTALLED_APPS = ["meshcore", "dashboard", "rest_framework"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "meshcore.urls"
# The dashboard looks at the Host header itself (dashboard/hosts.py); `/v1` and `/api` are called by
# whatever name a client knows this server by, and no answer of theirs is built from it.
ALLOWED_HOSTS = ["*"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent.parent / "templates"],
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.csrf"],
            "builtins": [
                "dashboard.templatetags.components",
                "dashboard.templatetags.dashboard",
            ],
        },
    }
]

DATABASES = {"default": database.entry(CONFIGURATION.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CSRF_COOKIE_NAME = "tulle_csrf"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True  # pages hand the token to scripts themselves
CSRF_FAILURE_VIEW = "dashboard.errors.without_csrf"
X_FRAME_OPTIONS = "DENY"

EXTERNAL = urlsplit(CONFIGURATION.external_url or "")
CSRF_TRUSTED_ORIGINS = [CONFIGURATION.external_url] if CONFIGURATION.external_url else []
if EXTERNAL.scheme == "https":
    CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_SSL_HOST = EXTERNAL.netloc
    SECURE_REDIRECT_EXEMPT = [r"^api/", r"^ui/link$"]  # for programs, also on this machine
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
# What HSTS says is said for this name: the other names of its domain are not ours to speak for.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False

# Without django.contrib.auth there is no AnonymousUser for REST framework to import.
REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "meshcore.rest_api.errors.answer",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}
# Logging is set up by the server, once, for Django and all else.
LOGGING_CONFIG = None
