"""Papers that prove an explanation."""

from django.db import models

from counties.models.findings import Finding
from fanpin.files.models import StoredFile
from fanpin.regions.scope import ScopedQuerySet


class FindingEvidence(StoredFile):
    """A photo or scan added to the explanation of a finding."""

    PERSONAL = ("file", "original_name")
    scope_path = "finding__division_path"

    finding = models.ForeignKey(
        Finding, verbose_name="疑点", on_delete=models.PROTECT, related_name="evidence"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "疑点佐证"
        ordering = ["pk"]
