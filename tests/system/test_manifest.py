"""The manifest of a folder: what the planner put there, read back strictly, and every difference by its name."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.system.folders.manifest import (
    MANIFEST_FILE,
    MOST_BYTES,
    Manifest,
    ManifestError,
    differences,
    folders_of,
    listing,
    manifest_of,
    read_manifest,
)

CONTENTS = {"summary.json": b"{}", "tables/a.csv": b"a,b\n", "tables/deep/b.csv": b""}


def write(folder: Path, contents: dict[str, bytes] = CONTENTS) -> Manifest:
    """Write files and their manifest."""
    manifest = manifest_of("plan", contents, "gigaplan 1")
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / MANIFEST_FILE).write_text(manifest.text(), encoding="utf-8")
    return manifest


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text("abc/", min_size=1, max_size=6), st.binary(max_size=20), max_size=5))
def test_the_text_depends_on_the_content_alone(contents: dict[str, bytes]) -> None:
    """Law: files in any order make the same text and digest; one byte more makes another."""
    one = manifest_of("plan", contents, "g")
    other = manifest_of("plan", dict(reversed(contents.items())), "g")
    assert (one.text(), one.digest) == (other.text(), other.digest)
    for name in contents:
        assert manifest_of("plan", {**contents, name: contents[name] + b"x"}, "g").digest != one.digest


def test_a_folder_as_written_reads_back_without_difference(tmp_path: Path) -> None:
    """Round trip, and nothing is changed, missing or extra; without a manifest there is none."""
    manifest = write(tmp_path)
    assert read_manifest(tmp_path) == manifest
    assert not differences(tmp_path, manifest)
    assert read_manifest(tmp_path / "tables") is None
    assert read_manifest(tmp_path / "nowhere") is None
    assert read_manifest(tmp_path / "summary.json") is None


def _changed(folder: Path) -> None:
    (folder / "tables" / "a.csv").write_bytes(b"a,c\n")


def _emptied(folder: Path) -> None:
    (folder / "tables" / "a.csv").write_bytes(b"")


def _gone(folder: Path) -> None:
    (folder / "tables" / "a.csv").unlink()


def _extra(folder: Path) -> None:
    (folder / "tables" / "mine.txt").write_bytes(b"")


def _folder(folder: Path) -> None:
    (folder / "notes").mkdir()
    (folder / "notes" / "one.txt").write_bytes(b"")


def _link(folder: Path) -> None:
    (folder / "tables" / "a.csv").unlink()
    (folder / "tables" / "a.csv").symlink_to(folder / "summary.json")


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe")


@pytest.mark.parametrize(
    ("spoil", "changed", "missing", "extra"),
    [
        (_changed, ("tables/a.csv",), (), ()),
        (_emptied, ("tables/a.csv",), (), ()),
        (_gone, (), ("tables/a.csv",), ()),
        (_extra, (), (), ("tables/mine.txt",)),
        (_folder, (), (), ("notes/",)),
        (_link, (), ("tables/a.csv",), ("tables/a.csv (a link)",)),
        (_pipe, (), (), ("pipe (not a regular file)",)),
    ],
)
def test_every_difference_is_named(tmp_path: Path, spoil: Any, changed: Any, missing: Any, extra: Any) -> None:
    """Another content of the same or another size, what is gone, and what is not the planner's; links never count."""
    manifest = write(tmp_path)
    spoil(tmp_path)
    found = differences(tmp_path, manifest)
    assert (found.changed, found.missing, found.extra) == (changed, missing, extra)
    assert found
    assert found.users == (*extra, *(f"{name} (changed since it was written)" for name in changed))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_that_cannot_be_read_is_not_the_planners(tmp_path: Path) -> None:
    """What cannot be compared counts as changed."""
    manifest = write(tmp_path)
    (tmp_path / "summary.json").chmod(0)
    assert differences(tmp_path, manifest).changed == ("summary.json",)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", "{", '{"format": 1}', "[" * 100_000, '{"format": 1, "files": []}',
        '{"format": 1, "kind": "plan", "written_by": "g", "files": {"a": {"bytes": "2", "sha256": "x"}}}',
        '{"format": 1, "kind": "plan", "written_by": "g", "files": {"a": {"bytes": true, "sha256": "x"}}}',
        '{"format": 1, "kind": "plan", "written_by": "g", "files": {"a": {"bytes": 2, "sha256": null}}}',
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    """Any other content of the file is a fault with the file's name, never another error."""
    (tmp_path / MANIFEST_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ManifestError, match="damaged, or not a manifest"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "a/../../b", "a//b", "./a", "a/", "", ".", "a\0b"])
def test_names_that_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    """A manifest never names anything outside its folder, or one thing in two ways."""
    (tmp_path / MANIFEST_FILE).write_text(manifest_of("plan", {name: b""}, "g").text(), encoding="utf-8")
    with pytest.raises(ManifestError):
        read_manifest(tmp_path)


def test_any_other_layout_counts_as_changed(tmp_path: Path) -> None:
    """The same content in another layout is not what the planner wrote; a later format is told as that."""
    manifest = write(tmp_path)
    path = tmp_path / MANIFEST_FILE
    path.write_text(json.dumps(json.loads(manifest.text())), encoding="utf-8")
    with pytest.raises(ManifestError, match="changed since it was written"):
        read_manifest(tmp_path)
    path.write_text(manifest.text().replace('"format": 1', '"format": 2'), encoding="utf-8")
    with pytest.raises(ManifestError, match="has the format 2; this planner knows 1"):
        read_manifest(tmp_path)


def test_a_link_or_a_huge_file_is_no_manifest(tmp_path: Path) -> None:
    """Neither is opened: a link may lead anywhere, and no manifest is that large."""
    (tmp_path / "real").write_text(manifest_of("plan", {}, "g").text(), encoding="utf-8")
    (tmp_path / MANIFEST_FILE).symlink_to(tmp_path / "real")
    with pytest.raises(ManifestError, match="is not a manifest"):
        read_manifest(tmp_path)
    (tmp_path / MANIFEST_FILE).unlink()
    with (tmp_path / MANIFEST_FILE).open("wb") as stream:
        stream.truncate(MOST_BYTES + 1)
    with pytest.raises(ManifestError, match="is not a manifest"):
        read_manifest(tmp_path)


def test_folders_of_files_and_what_a_folder_holds(tmp_path: Path) -> None:
    """All parents of all files; of a folder everything that lies directly in it."""
    assert folders_of({"a": 0, "b/c/d": 0, "b/e": 0}) == {"b", "b/c"}
    write(tmp_path)
    assert sorted(listing(tmp_path)) == ["manifest.json", "summary.json", "tables/"]
