"""The values of the mesh as rows, so that a start need not replay the whole log."""

from django.db import models


class Checkpoint(models.Model):
    """One row: every change up to `last_index` is in the values; later ones may be."""

    last_index = models.BigIntegerField()

    class Meta:
        db_table = "mesh_checkpoint"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="mesh_checkpoint_has_one_row")
        ]

    def __str__(self) -> str:
        return f"{self.last_index}"


class SavedValue(models.Model):
    """`key` and `value` are JSON, as meshcore.mesh.encoding writes them."""

    pk = models.CompositePrimaryKey("topic", "key")
    topic = models.TextField()
    key = models.TextField()
    value = models.TextField()
    create_index = models.BigIntegerField()
    modify_index = models.BigIntegerField()

    class Meta:
        db_table = "mesh_value"

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"
