"""Django set up, for a bench with a server in its own process; to be imported before any model."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meshcore.settings")
django.setup()
