"""The independent audit of a plan: every limit and every dollar, recomputed from the case."""

from planner.audit.audit import audit
from planner.audit.report import AuditReport, Check

__all__ = ["AuditReport", "Check", "audit"]
