"""Django's settings, all from the configuration; to import them makes no file."""

import os
from urllib.parse import urlsplit

from django.utils.functional import SimpleLazyObject

from dashboard import shipped
from meshcore.configuration import database, secret_key
from meshcore.configuration.load import load

LOADED = load(os.environ)
CONFIGURATION = LOADED.configuration


def own_key() -> str:
    key = secret_key.read_or_create(CONFIGURATION)
    return secret_key.derive(key, purpose="django").hex()


# On first use: who only imports the settings (mypy, a migration check) needs no data dir.
SECRET_KEY = SimpleLazyObject(own_key)

INSTALLED_APPS = ["meshcore", "dashboard", "rest_framework", "drf_spectacular"]
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
        "DIRS": [shipped.folder("templates")],
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

# A form of all intentions toward a service that thousands call has a field for each of them.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

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
    "DEFAULT_AUTHENTICATION_CLASSES": ["meshcore.rest_api.authentication.Presented"],
    "DEFAULT_PERMISSION_CLASSES": [],  # each view asks the caller for what it needs
    "DEFAULT_RENDERER_CLASSES": [
        "meshcore.rest_api.renderers.Json",
        "meshcore.rest_api.renderers.Html",
    ],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
    "DEFAULT_VERSION": "1",
    "ALLOWED_VERSIONS": ["1"],
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tulle",
    "DESCRIPTION": "What the dashboard shows and does, for programs. docs/api.md has examples.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["meshcore.rest_api.documented.with_components"],
}
# Logging is set up by the server, once, for Django and all else.
LOGGING_CONFIG = None
