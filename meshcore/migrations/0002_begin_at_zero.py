from django.db import migrations


def begin(apps, schema_editor):
    alias = schema_editor.connection.alias
    for name in ("Counter", "Checkpoint"):
        apps.get_model("meshcore", name).objects.using(alias).create(id=1, last_index=0)


class Migration(migrations.Migration):
    dependencies = [("meshcore", "0001_log_and_checkpoint")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
