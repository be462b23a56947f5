"""Tulle's own API, under `/api/`."""

from django.urls import URLPattern, path

from meshcore.rest_api.apply import apply
from meshcore.rest_api.certificate_history import certificate_timeline, issued_certificates
from meshcore.rest_api.certificates import certificates
from meshcore.rest_api.changes import changes
from meshcore.rest_api.graph import explain, graph
from meshcore.rest_api.matrix import matrix
from meshcore.rest_api.places import places
from meshcore.rest_api.root import root, schema
from meshcore.rest_api.rotation import rotate
from meshcore.rest_api.services import service, services
from meshcore.rest_api.traffic import edge_traffic, service_traffic
from meshcore.rest_api.undoing import undo

urlpatterns: list[URLPattern] = [
    path("", root),
    path("apply", apply),
    path("certificates", certificates),
    path("certificates/issued", issued_certificates),
    path("certificates/rotate", rotate),
    path("certificates/timeline", certificate_timeline),
    path("changes", changes),
    path("changes/<int:index>/undo", undo),
    path("explain", explain),
    path("graph", graph),
    path("intentions/matrix", matrix),
    path("places", places),
    path("schema", schema),
    path("services", services),
    path("services/<str:name>", service),
    path("traffic/edges", edge_traffic),
    path("traffic/services/<str:name>", service_traffic),
]
