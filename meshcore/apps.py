from importlib import import_module

from django.apps import AppConfig


class MeshcoreConfig(AppConfig):
    name = "meshcore"
    verbose_name = "Tulle"

    def ready(self) -> None:
        # Django takes models from the package's __init__, which is empty here as everywhere.
        import_module("meshcore.models.checkpoint")
        import_module("meshcore.models.issued")
        import_module("meshcore.models.log")
