"""Every place of a case and what may be done to it; a mutation is told by its name alone."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random

from tests.fuzz.place import Files, Place, Spoil
from tests.fuzz.sources import WHATIFS, Source, source
from tests.fuzz.table_places import table_places
from tests.fuzz.toml_places import toml_places

AND = " + "
GENTLE = ("times", "plus", "days", "of another")
GENTLE_SHARE = 0.5


def places(case: Source, *, changes_only: bool = False) -> Iterator[Place]:
    """Yield every place of a case: files, headers, rows and cells of tables; keys and lines of TOML files."""
    for file, text in case.files.items():
        if changes_only and file != WHATIFS:
            continue
        yield Place(case.name, file, "file", partial(_file_spoils, case, file))
        if file.endswith(".csv"):
            yield from table_places(case.name, file, text)
        elif file.endswith(".toml"):
            yield from toml_places(case.name, file, text)


def spoilt(name: str) -> Files:
    """Return the files of the case that a mutation's name tells (several mutations are joined by ``" + "``).

    Raises
    ------
    ValueError
        If there is no such mutation.
    """
    files: Files | None = None
    for part in name.split(AND):
        where, _, how = part.rpartition("/")
        of, file, _ = where.split("/", 2)
        if files is None:
            files = dict(source(of).files)
        place = _found(of, where)
        spoils = place.spoils
        if how not in spoils:
            raise ValueError(f"{part}: no such spoil; there are {', '.join(spoils)}")
        if file in files and not spoils[how](files, Random(part)):
            raise ValueError(f"{part}: nothing to change there")
    assert files is not None
    return files


def mutations(cases: Sequence[str], each: int, seed: int, pairs: int = 0, count: int | None = None) -> list[str]:
    """Return names of mutations, drawn by lot.

    Parameters
    ----------
    cases : sequence of str
        Names of the cases.
    each : int
        Ways to change each place.
    seed : int
        Seed of the draw.
    pairs : int
        So many pairs of these mutations besides.
    count : int or None
        Only so many in all: of places drawn by lot, and of the pairs first.
    """
    chance = Random(seed)
    everywhere = [place for case in cases for place in places(source(case))]
    chance.shuffle(everywhere)
    wanted = float("inf") if count is None else count - pairs
    names: list[str] = []
    for place in everywhere:
        if len(names) >= wanted:
            break
        lot = Random(f"{seed}/{place.name}")
        names += _that_change(place, _drawn(place, lot), each)
    names = names if count is None else names[: max(0, count - pairs)]
    names += _pairs(names, pairs, chance)
    chance.shuffle(names)
    return names


def _pairs(names: Sequence[str], wanted: int, chance: Random) -> list[str]:
    """Return pairs of mutations of one case that can be made one after the other."""
    by_case: dict[str, list[str]] = {}
    for name in names:
        by_case.setdefault(name.split("/", 1)[0], []).append(name)
    several = [group for group in by_case.values() if len(group) > 1]
    found: list[str] = []
    for _ in range(10 * wanted if several else 0):
        if len(found) == wanted:
            break
        together = AND.join(chance.sample(chance.choice(several), 2))
        found += [together] if _fit(together) else []
    return found


def _drawn(place: Place, chance: Random) -> list[str]:
    """The ways of a place in an order drawn by lot; half of the time those come first that leave a value plausible."""
    how = list(place.spoils)
    chance.shuffle(how)
    if chance.random() < GENTLE_SHARE:
        how.sort(key=lambda name: not name.startswith(GENTLE))
    return how


def _fit(name: str) -> bool:
    """Say whether mutations can be made one after the other."""
    try:
        spoilt(name)
    except (ValueError, LookupError):
        return False
    return True


def _that_change(place: Place, how: Sequence[str], wanted: int) -> Iterator[str]:
    """Yield names of up to ``wanted`` mutations that change anything at a place."""
    found, spoils = 0, place.spoils
    for spoil in how:
        if found == wanted:
            return
        files = {place.file: source(place.source).files[place.file]}
        if spoils[spoil](files, Random(f"{place.name}/{spoil}")):
            found += 1
            yield f"{place.name}/{spoil}"


_PLACES: dict[str, dict[str, Place]] = {}


def _found(of: str, where: str) -> Place:
    if of not in _PLACES:
        _PLACES[of] = {place.name: place for place in places(source(of))}
    if where not in _PLACES[of]:
        raise ValueError(f"{where}: no such place")
    return _PLACES[of][where]


def _file_spoils(case: Source, file: str) -> dict[str, Spoil]:
    def put(new: Callable[[str], str]) -> Spoil:
        def spoil(files: Files, _chance: Random) -> bool:
            before, files[file] = files[file], new(files[file])
            return files[file] != before

        return spoil

    def missing(files: Files, _chance: Random) -> bool:
        del files[file]
        return True

    return {
        "missing": missing,
        "nothing in it": put(lambda _: ""),
        "first line only": put(lambda text: text.partition("\n")[0] + "\n"),
        "cut in half": put(lambda text: text[: len(text) // 2]),
        "twice": put(lambda text: text + text),
        "byte order mark": put(lambda text: "\ufeff" + text),
        "line ends of Windows": put(lambda text: text.replace("\n", "\r\n")),
        "semicolons for commas": put(lambda text: text.replace(",", ";")),
        "tabs for commas": put(lambda text: text.replace(",", "\t")),
        "blank lines between": put(lambda text: text.replace("\n", "\n\n")),
        "lines of commas at the end": put(lambda text: text + ",,,\n" * 3),
        "NUL at the end": put(lambda text: text + "\0"),
        "open quote at the end": put(lambda text: text + '"'),
        **{f"content of {other}": put(lambda _, other=other: case.files[other]) for other in case.files},
    }
