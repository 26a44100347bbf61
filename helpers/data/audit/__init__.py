"""What makes an image folder go wrong, found before the training does: chapter 1."""

from helpers.data.audit.findings import Audit, Finding
from helpers.data.audit.scan import audit

__all__ = ["Audit", "Finding", "audit"]
