from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("meshcore.rest_api.urls")),
    path("ui/", include("dashboard.urls")),
]
