"""Maximum flows from types to demands, against a library of graphs."""

import networkx as nx
import numpy as np
import pytest

from planner.redundancy.maximum_flow import MaximumFlow


def _drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who may serve what, needs, and supplies of several flows; some of each are none."""
    draw = np.random.default_rng(seed)
    types, demands = int(draw.integers(1, 9)), int(draw.integers(1, 8))
    may_serve = draw.random((types, demands)) < draw.uniform(0.2, 0.9)
    need = draw.uniform(0.1, 5.0, demands)
    supplies = draw.uniform(0.0, 4.0, (6, types)) * (draw.random((6, types)) < 0.7)
    return may_serve, need, supplies


def _most(may_serve: np.ndarray, need: np.ndarray, supply: np.ndarray) -> float:
    graph = nx.DiGraph()
    graph.add_nodes_from(["source", "sink"])
    graph.add_edges_from(("source", ("type", i), {"capacity": float(amount)}) for i, amount in enumerate(supply))
    graph.add_edges_from((("type", int(i)), ("demand", int(j))) for i, j in np.argwhere(may_serve))
    graph.add_edges_from((("demand", j), "sink", {"capacity": float(amount)}) for j, amount in enumerate(need))
    return float(nx.maximum_flow_value(graph, "source", "sink"))


@pytest.mark.parametrize("seed", range(40))
def test_a_flow_is_possible_and_the_largest(seed: int) -> None:
    """Law: a flow keeps to supplies, needs and reach, and no flow carries more."""
    may_serve, need, supplies = _drawn(seed)
    flow = MaximumFlow(may_serve, need)
    for supply in supplies:
        flows = flow.of(supply)
        assert np.all(flows >= 0.0)
        assert not flows[~may_serve].any()
        assert np.all(flows.sum(axis=1) <= supply + 1e-12)
        assert np.all(flows.sum(axis=0) <= need + 1e-12)
        assert flows.sum() == pytest.approx(_most(may_serve, need, supply), abs=1e-9)


def test_a_flow_does_not_depend_on_those_before() -> None:
    """Law: equal supplies have equal flows, to the last digit, whatever was asked for before."""
    for seed in range(20):
        may_serve, need, supplies = _drawn(seed)
        flow = MaximumFlow(may_serve, need)
        found = [flow.of(supply) for supply in (*supplies, *supplies[::-1])]
        for supply, flows in zip((*supplies, *supplies[::-1]), found, strict=True):
            assert np.array_equal(flows, MaximumFlow(may_serve, need).of(supply))
