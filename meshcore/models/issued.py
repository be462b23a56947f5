"""Every certificate that was issued: what an auditor asks for when a key is lost."""

from django.db import models


class IssuedCertificate(models.Model):
    """Nothing secret, and not the certificate itself. `index` is of the log entry, 0 for none.

    `node` and `instance` say to which proxy it went; both are empty for one fetched over HTTP.
    """

    serial = models.TextField(primary_key=True)  # hex with colons
    kind = models.TextField()  # leaf, root, voucher or server
    spiffe_id = models.TextField()
    service = models.TextField()
    issuer = models.TextField()  # id of the root that signed it
    node = models.TextField()
    instance = models.TextField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    index = models.BigIntegerField()

    class Meta:
        db_table = "mesh_issued_certificate"
        indexes = [
            models.Index(fields=["not_after"], name="mesh_issued_by_end"),
            models.Index(fields=["service", "not_after"], name="mesh_issued_by_service"),
        ]

    def __str__(self) -> str:
        return f"{self.spiffe_id} {self.serial}"
