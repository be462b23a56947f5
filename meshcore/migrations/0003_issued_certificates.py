from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meshcore", "0002_begin_at_zero")]

    operations = [
        migrations.CreateModel(
            name="IssuedCertificate",
            fields=[
                ("serial", models.TextField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("spiffe_id", models.TextField()),
                ("service", models.TextField()),
                ("issuer", models.TextField()),
                ("node", models.TextField()),
                ("instance", models.TextField()),
                ("not_before", models.DateTimeField()),
                ("not_after", models.DateTimeField()),
                ("index", models.BigIntegerField()),
            ],
            options={
                "db_table": "mesh_issued_certificate",
                "indexes": [
                    models.Index(fields=["not_after"], name="mesh_issued_by_end"),
                    models.Index(fields=["service", "not_after"], name="mesh_issued_by_service"),
                ],
            },
        ),
    ]
