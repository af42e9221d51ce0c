"""Workbooks damaged at random: each is read, or refused with a message."""

import io
import random
import zipfile

import pytest

from tests.case.workbooks import problems, three_sites

PIECES = (
    b'"99999999"', b"<", b">", b'"', b"-1", b"1e400", b"NaN", b"&#0;", b"&x;", b"</c>", b"<c>", b"<f/>", b't="e"',
    b't="s"', b't="d"', b't="b"', b's="9999"', b"\xff\xfe", b"\x00", b'r="ZZZZ1"', b"</v>", b'ref="A1:XFD1048576"',
)  # fmt: skip
TIMES = 150


def spoiled(rng: random.Random, content: bytes) -> bytes:
    """Change a place of a part: by a piece, by another byte, by leaving out or by repeating."""
    made = bytearray(content)
    place, how = rng.randrange(len(made)), rng.random()
    if how < 0.4:
        made[place : place + rng.randint(0, 6)] = rng.choice(PIECES)
    elif how < 0.7:
        made[place] = rng.randrange(256)
    elif how < 0.85:
        del made[place : place + rng.randint(1, 40)]
    else:
        made[place:place] = made[place : place + rng.randint(1, 200)]
    return bytes(made)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_no_damage_ends_in_anything_but_a_message(seed, tmp_path):
    """Law: a workbook with random damage in its parts or its archive is read, or refused with the file's name."""
    rng, file, read = random.Random(seed), tmp_path / "case.xlsx", 0
    with zipfile.ZipFile(io.BytesIO(three_sites())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    targets = [name for name in parts if "worksheets/sheet" in name or "workbook" in name or name.startswith("xl/s")]
    for _ in range(TIMES):
        changed = dict(parts)
        for _ in range(rng.randint(1, 3)):
            target = rng.choice(targets)
            changed[target] = spoiled(rng, changed[target])
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, content in changed.items():
                archive.writestr(name, content)
        whole = stream.getvalue()
        file.write_bytes(spoiled(rng, whole) if rng.random() < 0.2 else whole)
        found = problems(file)
        assert all(problem.file.startswith(str(file)) for problem in found)
        read += not found
    assert 0 < read < TIMES
