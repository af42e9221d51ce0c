"""What other plans have, kept with the plan worked out by hand: it has 100 and 125 IT MW of p, 100 and 75 of q."""

from tests.audit.yards import Rows


def ranges() -> Rows:
    """Return what other plans have, as it may be kept with the plan."""
    columns = "dimension name period it_mw low_it_mw high_it_mw least_it_mw most_it_mw degenerate verdict within_share"
    lines = (
        ("provider", "p", "", 112.5, 100.0, 120.0, 90.0, 130.0, "yes", "must", 0.01),
        ("site", "b", "", 87.5, 87.5, 87.5, "", "", "no", "must", 0.01),
        ("provider", "p", "2026", 100.0, 80.0, 100.0, 80.0, "", "yes", "", 0.01),
        ("year", "2027", "2027", 200.0, 200.0, 200.25, "", 210.0, "no", "", 0.01),
    )
    return [dict(zip(columns.split(), line, strict=True)) for line in lines]
