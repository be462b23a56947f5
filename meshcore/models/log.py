"""The log of changes, the one place where the mesh is durable."""

from django.db import models


class Counter(models.Model):
    """One row: the index of the last log entry. Who writes holds its lock until the commit."""

    last_index = models.BigIntegerField()

    class Meta:
        db_table = "mesh_counter"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="mesh_counter_has_one_row")
        ]

    def __str__(self) -> str:
        return f"{self.last_index}"


class LogEntry(models.Model):
    """What one action changed: `changes` is JSON, as meshcore.mesh.encoding writes it."""

    index = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField()
    changes = models.TextField()

    class Meta:
        db_table = "mesh_log"

    def __str__(self) -> str:
        return f"{self.index} by {self.actor}"
