"""Tulle's own API, under `/api/`."""

from django.urls import URLPattern, path

from meshcore.rest_api.apply import apply

urlpatterns: list[URLPattern] = [path("apply", apply)]
