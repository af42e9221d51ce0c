"""Units of compute and money as powers of ten; light, for the solver's process imports it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Units:
    """Powers of ten: the program's unit of compute and of money, in the user's unit and in $B.

    Attributes
    ----------
    compute, money : int
        Exponents; multiples of three.
    """

    compute: int = 0
    money: int = 0

    @property
    def own(self) -> bool:
        """Whether the case is solved in its own units."""
        return self.compute == 0 and self.money == 0


def times_ten_to(amount: float, exponent: int) -> float:
    """Multiply by a power of ten with one rounding only, whatever its sign.

    Examples
    --------
    >>> times_ten_to(5e-07, 6), times_ten_to(3e6, -6)
    (0.5, 3.0)
    """
    return amount * 10.0**exponent if exponent >= 0 else amount / 10.0**-exponent


def times(amount: npt.NDArray[np.float64], exponent: npt.NDArray[np.int64] | int) -> npt.NDArray[np.float64]:
    """Multiply an array by powers of ten with one rounding only."""
    power = np.asarray(exponent, dtype=np.float64)
    return np.asarray(amount * 10.0 ** np.maximum(power, 0.0) / 10.0 ** np.maximum(-power, 0.0))
