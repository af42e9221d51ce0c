"""One fault of every kind that a check of the keys of a model finds, and where it is told."""

from typing import Any

MODEL_FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"horizon": {"start": "2026-01-02"}}, "horizon.start", "first day of a month"),
    ({"horizon": {"period_months": (12, 12)}}, "horizon.period_months", "2 lengths"),
    ({"horizon": {"start": "2199-01-01"}}, "horizon", "1900 to 2200"),
    ({"horizon": {"start": "0001-01-01"}}, "horizon", "1900 to 2200"),
    ({"horizon": {"start": "9999-12-01"}}, "horizon", "1900 to 2200"),
    ({"model": {"forced": [{"by": 2027}]}}, "forced[0]", "either site or offer"),
    (
        {"model": {"forced": [{"site": "north", "offer": "cloud_east", "by": 2027}]}},
        "forced[0]",
        "either site or offer",
    ),
    ({"model": {"forced": [{"site": "nort", "by": 2027}]}}, "forced[0].site", "did you mean 'north'"),
    ({"model": {"forced": [{"site": "north", "by": 2031}]}}, "forced[0].by", "2026 to 2029"),
    ({"model": {"forced": [{"site": "north", "by": 2027, "blocks": 2}]}}, "forced[0].blocks", "not site"),
    ({"model": {"forced": [{"offer": "cloud_est", "by": 2027, "blocks": 1}]}}, "forced[0].offer", "'cloud_east'"),
    ({"model": {"forced": [{"offer": "cloud_east", "by": 2027}]}}, "forced[0].blocks", "must be given with offer"),
    ({"model": {"forced": [{"offer": "cloud_east", "by": 2027, "blocks": 9}]}}, "forced[0].blocks", "at most 8"),
    (
        {
            "families": {
                "redundancy": {
                    "rules": [{"name": "r", "domain": "site", "critical_share": {"training": 1.5, "inference": 1}}]
                }
            }
        },
        "families.redundancy.rules[0].critical_share.training",
        "at most 1",
    ),
    (
        {
            "families": {
                "redundancy": {
                    "rules": [
                        {
                            "name": "r",
                            "domain": "site",
                            "critical_share": 1.0,
                            "shortfall": "hard",
                            "price_busd_per_missing_compute_year": 0.01,
                        }
                    ]
                }
            }
        },
        "families.redundancy.rules[0].shortfall",
        "must always hold has no price",
    ),
    (
        {"families": {"backup_income": {"largest_share": 1.0}}},
        "families.backup_income.price_musd_per_mw_year",
        "or price_busd_per_compute_year",
    ),
    (
        {"families": {"backup_income": {"largest_share": 1.0, "price_musd_per_mw_year": 1.0, "market_compute": 2.0}}},
        "families.backup_income.market_compute",
        "requires price_busd_per_compute_year",
    ),
    (
        {"families": {"backup_income": {"largest_share": 1.0, "price_busd_per_compute_year": 1.0}}},
        "families.backup_income.workload",
        "whose compute is sold",
    ),
    (
        {
            "families": {
                "backup_income": {
                    "largest_share": 1.0,
                    "price_busd_per_compute_year": 1.0,
                    "workload": "training",
                    "price_musd_per_mw_year": 1.0,
                }
            }
        },
        "families.backup_income.price_busd_per_compute_year",
        "by IT MW or by compute",
    ),
    ({"objective": {"unserved": "priced"}}, "objective.unserved_price_busd_per_compute_year", "priced"),
]
