"""What Django answers under `/ui/`; the pages themselves are a table of ours (routes.py)."""

from django.urls import URLPattern, path, re_path

from dashboard import login_views, palette, text_views, views
from dashboard.access import views as access_views
from dashboard.config_entries import views as config_views
from dashboard.graph import views as graph_views
from dashboard.intentions import exporting, importing_views
from dashboard.intentions import views as intention_views

urlpatterns: list[URLPattern] = [
    path("login", login_views.log_in),
    path("logout", login_views.log_out),
    path("link", login_views.link),
    path("do/<str:verb>", views.do),
    path("enter/<str:code>", login_views.enter),
    path("check-text", text_views.check),
    path("palette.json", palette.view),
    path("access/check-rules", access_views.check_rules),
    path("access/draft/<str:what>", access_views.draft),
    path("config/draft", config_views.draft),
    path("graph/content", graph_views.content),
    path("intentions/draft", intention_views.draft),
    path("intentions/bring", importing_views.bring),
    path("intentions/export", exporting.export),
    re_path("", views.page),
]
