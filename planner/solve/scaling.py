"""A program in other units of compute and money: the same program, with figures that suit the solver's tolerances.

The record of a column's variable states its unit, and so does that of a row's constraint where it must; any other row
has the unit of a column whose coefficient in it is 1. IT GW, blocks and binaries are not scaled.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from planner.solve.arrays import Arrays, Floats
from planner.solve.mip import MixedIntegerProgram
from planner.symbols import COMPUTE, MONEY, Column
from planner.units import Units, times, times_ten_to

NO_UNIT, IS_COMPUTE, IS_MONEY, ONE_FOR_ONE = 0, 1, 2, 10
KIND = {COMPUTE: IS_COMPUTE, MONEY: IS_MONEY}

Exponents = npt.NDArray[np.int64]


def scaled(mip: MixedIntegerProgram) -> MixedIntegerProgram:
    """Return the program in the units that suit it; the program itself if these are those of the case."""
    units = mip.units
    if units.own:
        return mip
    down = Units(-units.compute, -units.money)
    network, relief = mip.network, mip.relief
    if relief is not None:
        of_column = _exponents_of(relief.columns, down)
        relief = relief.in_units(of_column, down.compute, down.money)
    return replace(
        mip,
        arrays=in_units(mip.arrays, down),
        network=None if network is None else network.times_ten_to(down.compute),
        links=replace(mip.links, demand=times(mip.links.demand, down.compute)),
        units=Units(),
        relief=relief,
        least=times_ten_to(mip.least, -cost_exponent(mip.arrays, units)),
    )


def restored(solved: MixedIntegerProgram, mip: MixedIntegerProgram) -> MixedIntegerProgram:
    """Return a program that grew from ``scaled(mip)``, in the units of the case."""
    if mip.units.own:
        return solved
    arrays = in_units(solved.arrays, mip.units)
    relief = None if solved.relief is None else mip.relief
    return replace(
        solved, arrays=arrays, network=mip.network, links=mip.links, units=mip.units, relief=relief, least=mip.least
    )


def point_in_units(arrays: Arrays, x: Floats, units: Units) -> Floats:
    """Return a point with its compute and money multiplied; it may lack columns, or have those of cuts in addition."""
    exponent = _column_exponents(arrays, units)
    if len(x) > len(exponent):  # the columns of cuts are compute
        exponent = np.concatenate([exponent, np.full(len(x) - len(exponent), units.compute)])
    return times(x, exponent[: len(x)])


def cost_exponent(arrays: Arrays, units: Units) -> int:
    """Return the power of ten of the objective's unit: money for a cost, compute or none otherwise."""
    kinds = _column_kinds(arrays)[arrays.cost != 0.0]
    best = int(kinds.max(initial=NO_UNIT))
    return {NO_UNIT: 0, IS_COMPUTE: units.compute, IS_MONEY: units.money}[best]


def in_units(arrays: Arrays, units: Units) -> Arrays:
    """Return a program with its compute and money multiplied by powers of ten."""
    column = _column_exponents(arrays, units)
    row = _row_exponents(arrays, units)
    matrix = arrays.matrix.copy()
    of_row = np.repeat(np.arange(arrays.row_count), np.diff(matrix.indptr))
    matrix.data = times(matrix.data, row[of_row] - column[matrix.indices])
    money = cost_exponent(arrays, units)
    return replace(
        arrays,
        cost=times(arrays.cost, money - column),
        offset=float(times(np.array([arrays.offset]), money)[0]),
        lower=times(arrays.lower, column),
        upper=times(arrays.upper, column),
        matrix=matrix,
        row_lower=times(arrays.row_lower, row),
        row_upper=times(arrays.row_upper, row),
    )


def _kinds(units: Iterable[str]) -> Exponents:
    return np.array([KIND.get(unit, NO_UNIT) for unit in units], dtype=np.int64)


def _column_kinds(arrays: Arrays) -> Exponents:
    return _kinds(variable.unit for variable, _ in arrays.columns)


def _column_exponents(arrays: Arrays, units: Units) -> Exponents:
    return _exponents_of(arrays.columns, units)


def _exponents_of(columns: Iterable[Column], units: Units) -> Exponents:
    kinds = _kinds(variable.unit for variable, _ in columns)
    return np.array([0, units.compute, units.money], dtype=np.int64)[kinds]


def _row_exponents(arrays: Arrays, units: Units) -> Exponents:
    """Return the unit of each row: by its record, else that of a column with coefficient 1, else of any column.

    A row of compute need not have a column of compute: the chips of a site that may not serve anyone provide none.
    """
    kind = _column_kinds(arrays)[arrays.matrix.indices]
    rank = np.where(kind == NO_UNIT, 0, kind + ONE_FOR_ONE * (np.abs(arrays.matrix.data) == 1.0))
    best = np.zeros(arrays.row_count, dtype=np.int64)
    np.maximum.at(best, np.repeat(np.arange(arrays.row_count), np.diff(arrays.matrix.indptr)), rank)
    named = _kinds(constraint.unit for constraint, _ in arrays.rows)
    return np.array([0, units.compute, units.money], dtype=np.int64)[np.where(named, named, best % ONE_FOR_ONE)]
