"""Folders that the planner writes: what they hold by their manifest, and how one is replaced without any loss."""

from planner.system.folders.manifest import (
    MANIFEST_FILE,
    Differences,
    Manifest,
    changed_names,
    differences,
    manifest_of,
    read_manifest,
)
from planner.system.folders.target import Target, examine
from planner.system.folders.write import write_folder

__all__ = [
    "MANIFEST_FILE",
    "Differences",
    "Manifest",
    "Target",
    "changed_names",
    "differences",
    "examine",
    "manifest_of",
    "read_manifest",
    "write_folder",
]
