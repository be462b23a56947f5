from django.apps import AppConfig


class MeshcoreConfig(AppConfig):
    name = "meshcore"
    verbose_name = "Tulle"
