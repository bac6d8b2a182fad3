"""What is kept of every uploaded file. Apps subclass it next to the thing the file proves."""

from django.conf import settings
from django.db import models


def place(instance: models.Model, filename: str) -> str:
    """Folder by model and day; the stored name says nothing about the person."""
    return f"{instance._meta.model_name}/{filename}"


class StoredFile(models.Model):
    """An upload outside the web root: original name, type by content, size and checksum."""

    file = models.FileField("文件", upload_to=place, max_length=200)
    original_name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=80)
    size = models.PositiveBigIntegerField("大小")
    sha256 = models.CharField("校验值", max_length=64)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="上传人",
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.original_name
