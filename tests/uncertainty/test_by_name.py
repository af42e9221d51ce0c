"""Numbers by name are refused with every fault at once, whatever was given."""

from typing import Any

import pytest

from planner.errors import OptionError
from planner.uncertainty.chance import chance_limits
from planner.uncertainty.prices import refuse_prices


@pytest.mark.parametrize("refuse", [chance_limits, refuse_prices])
@pytest.mark.parametrize("given", [[1], "demand", 0.9, None, object()])
def test_what_is_no_mapping_is_refused(refuse: Any, given: Any) -> None:
    """Law: the message says what the option must be, with an example."""
    with pytest.raises(OptionError, match="by name, such as"):
        refuse(given)


def test_every_fault_is_named() -> None:
    """Law: names that are none and values that make no sense are in one message, and what is right is in none."""
    wrong = {"cash": 0.0, "unserved": float("inf"), "{}": 1.0, "programme": 2.0, "protection": "2"}
    with pytest.raises(OptionError) as caught:
        refuse_prices(wrong)
    text = str(caught.value)
    for one in ("price of '{}': no such", "cash 0.0: must be", "unserved inf: must be", "protection '2': must be"):
        assert one in text
    assert "programme 2.0" not in text
    with pytest.raises(OptionError) as caught:
        chance_limits({"demand": 1.5, "weather": 0.9})
    assert "limit demand=1.5: must be a share" in str(caught.value)
    assert "limit on 'weather': no such limit" in str(caught.value)
