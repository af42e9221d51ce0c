"""The manifest of a folder: every file that the planner put there, with its size and its SHA-256.

::

    {
      "format": 1,
      "kind": "plan",
      "written_by": "gigaplan 0.2.0",
      "files": {"summary.json": {"bytes": 1804, "sha256": "..."}, ...}
    }

By it the planner distinguishes its own files from the user's: what the manifest does not name, or names with other
content, is the user's, and is neither deleted nor overwritten.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

MANIFEST_FILE = "manifest.json"
FORMAT = 1
MOST_BYTES = 16 * 2**20
"""No manifest is larger."""
CHUNK = 2**20


class ManifestError(ValueError):
    """A manifest that cannot be read, or that the planner did not write so."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a manifest: its size in bytes and the SHA-256 (hex) of its content."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the planner put into a folder.

    Attributes
    ----------
    kind : str
        ``plan`` or ``failure``.
    written_by : str
        Program and version.
    files : mapping of str to Entry
        By path within the folder, parts separated by ``/``; the manifest itself is not among them.
    """

    kind: str
    written_by: str
    files: Mapping[str, Entry]

    def text(self) -> str:
        """The manifest as it stands in its file, always in the same layout."""
        files = {name: {"bytes": e.bytes, "sha256": e.sha256} for name, e in sorted(self.files.items())}
        content = {"format": FORMAT, "kind": self.kind, "written_by": self.written_by, "files": files}
        return json.dumps(content, indent=2) + "\n"

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the manifest: two folders with the same one hold the same."""
        return hashlib.sha256(self.text().encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Differences:
    """How a folder differs from its manifest: files with another content, missing ones, and what it does not name."""

    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    @property
    def users(self) -> tuple[str, ...]:
        """What is not, or no longer, the planner's own, in words."""
        return (*self.extra, *(f"{name} (changed since it was written)" for name in self.changed))

    def __bool__(self) -> bool:
        return bool(self.changed or self.missing or self.extra)


def manifest_of(kind: str, contents: Mapping[str, bytes], written_by: str) -> Manifest:
    """The manifest of files about to be written, by their paths within the folder."""
    files = {name: Entry(len(content), hashlib.sha256(content).hexdigest()) for name, content in contents.items()}
    return Manifest(kind, written_by, files)


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest of a folder; None where there is none.

    Raises
    ------
    ManifestError
        If it is not one, or not as the planner wrote it.
    """
    path = folder / MANIFEST_FILE
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ManifestError(f"{MANIFEST_FILE} cannot be read ({error.strerror or error})") from None
    if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
        raise ManifestError(f"{MANIFEST_FILE} is not a manifest of the planner")
    try:
        text = path.read_text(encoding="utf-8")
        manifest = _manifest(json.loads(text))
    except OSError as error:
        raise ManifestError(f"{MANIFEST_FILE} cannot be read ({error.strerror or error})") from None
    except ManifestError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ManifestError(f"{MANIFEST_FILE} is damaged, or not a manifest of the planner") from None
    if manifest.text() != text:
        raise ManifestError(f"{MANIFEST_FILE} (changed since it was written)")
    return manifest


def changed_names(folder: Path) -> list[str]:
    """Return the files of a folder that were changed, or are missing, since it was written, in words for a message.

    A manifest that cannot be read, or was changed itself, is named with the reason; without one nothing is known.
    """
    try:
        manifest = read_manifest(folder)
        found = None if manifest is None else differences(folder, manifest)
    except (ManifestError, OSError) as error:
        return [str(error)]
    return [] if found is None else [*found.changed, *(f"{name} (missing)" for name in found.missing)]


def kind_of(folder: Path) -> str | None:
    """Return what the manifest of a folder says that it is; None without one that can be read."""
    try:
        manifest = read_manifest(folder)
    except (ManifestError, ValueError):  # a name that no file can have is a ValueError
        return None
    return None if manifest is None else manifest.kind


def _manifest(content: Any) -> Manifest:
    if content["format"] != FORMAT:
        raise ManifestError(f"{MANIFEST_FILE} has the format {content['format']!r}; this planner knows {FORMAT}")
    files = {}
    for name, entry in content["files"].items():
        size, digest = entry["bytes"], entry["sha256"]
        if not _is_name(name) or type(size) is not int or not isinstance(digest, str):
            raise ValueError(name)
        files[name] = Entry(size, digest)
    return Manifest(str(content["kind"]), str(content["written_by"]), files)


def _is_name(name: str) -> bool:
    """Whether a name is a path within the folder."""
    parts = PurePosixPath(name).parts
    return bool(parts) and "/".join(parts) == name and parts[0] != "/" and ".." not in parts and "\0" not in name


def differences(folder: Path, manifest: Manifest) -> Differences:
    """Compare a folder with its manifest. Links are never followed: a link is nothing the planner wrote.

    Raises
    ------
    OSError
        If the folder cannot be listed.
    """
    kept = folders_of(manifest.files)
    seen: set[str] = set()
    changed, extra = [], []
    for name, found in _walk(folder, "", kept):
        entry = manifest.files.get(name)
        if name == MANIFEST_FILE and stat.S_ISREG(found.st_mode):
            continue
        if entry is None or not stat.S_ISREG(found.st_mode):
            extra.append(_described(name, found))
            continue
        seen.add(name)
        if found.st_size != entry.bytes or _digest(folder / name) != entry.sha256:
            changed.append(name)
    missing = [name for name in manifest.files if name not in seen and name not in extra]
    return Differences(tuple(sorted(changed)), tuple(sorted(missing)), tuple(sorted(extra)))


def folders_of(names: Mapping[str, object]) -> set[str]:
    """The folders that a manifest's files lie in."""
    return {str(parent) for name in names for parent in PurePosixPath(name).parents if str(parent) != "."}


def listing(folder: Path) -> list[str]:
    """Everything directly in a folder, as `Differences` names it.

    Raises
    ------
    OSError
        If it cannot be listed.
    """
    return sorted(_described(name, found) for name, found in _walk(folder, "", set()))


def _walk(folder: Path, prefix: str, kept: set[str]) -> Iterator[tuple[str, os.stat_result]]:
    """Yield what is in a folder and in those of its folders that are ``kept``; other folders count as one thing."""
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.stat(follow_symlinks=False)) for entry in entries]
    for own, status in found:
        name = f"{prefix}{own}"
        if stat.S_ISDIR(status.st_mode) and name in kept:
            yield from _walk(folder / own, f"{name}/", kept)
        else:
            yield name, status


def _described(name: str, found: os.stat_result) -> str:
    if stat.S_ISLNK(found.st_mode):
        return f"{name} (a link)"
    if stat.S_ISDIR(found.st_mode):
        return f"{name}/"
    return name if stat.S_ISREG(found.st_mode) else f"{name} (not a regular file)"


def _digest(path: Path) -> str:
    """SHA-256 of a file's content; empty where it cannot be read, which is no content of the planner's."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()
