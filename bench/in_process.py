"""Django set up on a fresh folder, for a bench that has a store in its own process.

To be imported before anything that imports models.
"""

import os
import tempfile

import django

FOLDER = tempfile.TemporaryDirectory(prefix="tulle-bench-")

os.environ["TULLE_DATA_DIR"] = FOLDER.name
os.environ["DJANGO_SETTINGS_MODULE"] = "meshcore.settings"
django.setup()
