"""A linear program by sites: the columns and rows of each, and those that sites share."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planner.solve import settings
from planner.solve.arrays import Arrays, Floats, Ints
from planner.solve.certificate import Box, box_of

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Split:
    """A linear program by sites.

    Attributes
    ----------
    arrays : Arrays
        Of `bounded`: columns without a bound have the one that rows imply, so that a site by itself has a least cost.
    column, row : array of int
        The site of each column and row; -1 where it is shared.
    count : int
        Number of sites.
    """

    arrays: Arrays
    column: Ints
    row: Ints
    count: int

    @classmethod
    def of(cls, arrays: Arrays, site: Ints) -> "Split":
        """Split a program by the site of its columns; later columns, those of cuts, are shared."""
        column = np.full(arrays.column_count, -1, dtype=np.int64)
        column[: len(site)] = site
        count = int(column.max(initial=-1)) + 1
        row_of_entry = np.repeat(np.arange(arrays.row_count), np.diff(arrays.matrix.indptr))
        least, most = np.full(arrays.row_count, count), np.full(arrays.row_count, -1)
        np.minimum.at(least, row_of_entry, column[arrays.matrix.indices])
        np.maximum.at(most, row_of_entry, column[arrays.matrix.indices])
        return cls(arrays, column, np.where(least == most, most, -1), count)

    def bounded(self, known: Box | None = None) -> "Split":
        """Return it with the bounds that rows imply; ``known`` are those before cuts were added."""
        box = box_of(self.arrays, known=known)
        return replace(self, arrays=self.arrays.with_bounds(box.lower, box.upper))

    @property
    def box(self) -> Box:
        """The bounds of the columns."""
        return Box(self.arrays.lower, self.arrays.upper)

    @property
    def lasting(self) -> Mask:
        """The sites that hold something whatever is decided: without any activity their own rows are violated."""
        arrays, found = self.arrays, np.zeros(self.count, dtype=bool)
        found[self.column[(self.column >= 0) & ((arrays.lower > 0.0) | (arrays.upper < 0.0))]] = True
        found[self.row[(self.row >= 0) & ((arrays.row_lower > 0.0) | (arrays.row_upper < 0.0))]] = True
        return found

    def places(self, chosen: Mask) -> tuple[Ints, Ints]:
        """Return the columns and rows that are shared or of chosen sites."""
        with_shared = np.append(chosen, True)  # the last one is that of site -1
        return np.flatnonzero(with_shared[self.column]), np.flatnonzero(with_shared[self.row])

    def alone(self, cost: Floats, asked: Mask) -> Iterator[tuple[int, Arrays]]:
        """Yield the programs of sites by themselves, without what is shared, at other costs of the columns."""
        arrays, columns, rows = self.arrays, by_site(self.column, self.count), by_site(self.row, self.count)
        # Sorted by site, the entries of each are one block: that is ten times as fast as taking its rows and columns.
        matrix = sparse.csr_array(sparse.csr_array(arrays.matrix[np.concatenate(rows)])[:, np.concatenate(columns)])
        matrix.sort_indices()
        down = right = 0
        for s, (across, along) in enumerate(zip(columns, rows, strict=True)):
            starts = matrix.indptr[down : down + len(along) + 1]
            block = slice(starts[0], starts[-1])
            shape, index = (len(along), len(across)), matrix.indices[block] - right
            down, right = down + len(along), right + len(across)
            if not asked[s]:
                continue
            yield (
                s,
                replace(
                    arrays,
                    cost=cost[across],
                    offset=0.0,
                    lower=arrays.lower[across],
                    upper=arrays.upper[across],
                    integer=arrays.integer[across],
                    implied=arrays.implied[across],
                    declared=arrays.declared[across],
                    matrix=sparse.csr_array((matrix.data[block], index, starts - starts[0]), shape=shape),
                    row_lower=arrays.row_lower[along],
                    row_upper=arrays.row_upper[along],
                    columns=(),
                    rows=(),
                ),
            )

    def sample(self, chosen: Mask, share: float) -> Arrays:
        """Return the program of some sites, with their share of what the shared rows limit.

        An upper limit of few sites is that of the share of these, and the whole one if one of them is lasting: what it
        holds may be more than its share.
        """
        columns, rows = self.places(chosen)
        part = self.arrays.part(columns, rows)
        entries = sparse.csr_array(
            (np.ones(len(self.arrays.matrix.data)), self.arrays.matrix.indices, self.arrays.matrix.indptr),
            self.arrays.matrix.shape,
        )
        of_site = sparse.csr_array(
            (np.ones(int((self.column >= 0).sum())), (np.flatnonzero(self.column >= 0), self.column[self.column >= 0])),
            (self.arrays.column_count, self.count),
        )
        there = sparse.csr_array(entries[rows] @ of_site)
        there.data[:] = 1.0
        sites = there @ np.ones(self.count)
        own = np.maximum(share, (there @ chosen) / np.maximum(sites, 1.0))
        own[there @ (chosen & self.lasting) > 0.0] = 1.0
        few = (sites <= settings.BY_SITES_FEW * self.count) & np.isneginf(part.row_lower)
        factor = np.where(self.row[rows] >= 0, 1.0, np.where(few, own, share))
        return replace(part, row_lower=part.row_lower * factor, row_upper=part.row_upper * factor)


def by_site(site: Ints, count: int) -> list[Ints]:
    """Return the places of each site."""
    order = np.argsort(site, kind="stable")
    return np.split(order, np.searchsorted(site[order], np.arange(count + 1)))[1:-1]
