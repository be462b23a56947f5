"""Tulle's own API, under `/api/`."""

from django.urls import URLPattern, path

from meshcore.rest_api.apply import apply
from meshcore.rest_api.graph import explain, graph

urlpatterns: list[URLPattern] = [
    path("apply", apply),
    path("explain", explain),
    path("graph", graph),
]
