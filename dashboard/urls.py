"""What Django answers under `/ui/`; the pages themselves are a table of ours (routes.py)."""

from django.urls import URLPattern, re_path

from dashboard import views

urlpatterns: list[URLPattern] = [re_path("", views.page)]
