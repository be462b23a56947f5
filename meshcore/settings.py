"""Django's settings, all from the configuration; to import them makes no file."""

import os
from pathlib import Path

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
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
ROOT_URLCONF = "meshcore.urls"
# `/v1` and `/api` are called by whatever name a client knows this server by, and no answer of
# ours is built from the Host header.
ALLOWED_HOSTS = ["*"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent.parent / "templates"],
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.csrf"],
            "builtins": ["dashboard.templatetags.dashboard"],
        },
    }
]

DATABASES = {"default": database.entry(CONFIGURATION.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
