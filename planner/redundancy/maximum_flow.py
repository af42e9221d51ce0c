"""Maximum flows from types of capacity to demands, one after another on the same graph: only supplies differ.

A certificate needs one for every contingency, of a few dozen types and demands. A general graph library takes longer to
be imported than all of them take here.
"""

from collections import deque

import numpy as np

from planner.redundancy.network import Bools, Floats


class MaximumFlow:
    """Flows from types to demands that carry as much as can be, by shortest augmenting paths (Ahuja and Orlin 1991).

    Parameters
    ----------
    may_serve : array (types, demands)
        Which type can serve which demand.
    need : array (demands,)
        The most that each demand takes.

    Examples
    --------
    >>> flow = MaximumFlow(np.array([[True, False], [True, True]]), np.array([2.0, 3.0]))
    >>> float(flow.of(np.array([1.0, 2.5])).sum())
    3.5
    """

    def __init__(self, may_serve: Bools, need: Floats) -> None:
        self._types, self._demands = may_serve.shape
        self._source, self._sink = self._types + self._demands, self._types + self._demands + 1
        self._heads: list[int] = []
        self._capacity: list[float] = []
        self._out: list[list[int]] = [[] for _ in range(self._sink + 1)]
        for i in range(self._types):  # the arcs of the supplies are the first, in the order of the types
            self._add(self._source, i, 0.0)
        for j, amount in enumerate(need.tolist()):
            self._add(self._types + j, self._sink, amount)
        self._carrying = np.argwhere(may_serve).tolist()
        self._first = len(self._heads)
        for i, j in self._carrying:
            self._add(i, self._types + j, float("inf"))

    def _add(self, tail: int, head: int, capacity: float) -> None:
        """Add an arc, and after it the one that takes its flow back."""
        for end, start, most in ((head, tail, capacity), (tail, head, 0.0)):
            self._out[start].append(len(self._heads))
            self._heads.append(end)
            self._capacity.append(most)

    def of(self, supply: Floats) -> Floats:
        """Return the flows (types, demands) from supplies (types,); equal supplies have equal flows."""
        self._capacity[0 : 2 * self._types : 2] = supply.tolist()
        flow = self._augmented()
        flows = np.zeros((self._types, self._demands))
        for place, (i, j) in enumerate(self._carrying):
            flows[i, j] = flow[self._first + 2 * place]
        return flows

    def _heights(self, flow: list[float]) -> list[int]:
        """Return how many arcs that can carry more lie between each node and the sink."""
        nodes = len(self._out)
        heights, reached = [nodes] * nodes, deque([self._sink])
        heights[self._sink] = 0
        while reached:
            node = reached.popleft()
            for arc in self._out[node]:
                before = self._heads[arc]
                if heights[before] == nodes and flow[arc ^ 1] < self._capacity[arc ^ 1]:
                    heights[before] = heights[node] + 1
                    reached.append(before)
        return heights

    def _augmented(self) -> list[float]:
        """Return the flow of every arc."""
        heads, capacity, out = self._heads, self._capacity, self._out
        flow = [0.0] * len(heads)
        heights, looked_at = self._heights(flow), [0] * len(out)
        path: list[int] = []
        node = self._source
        while heights[self._source] < len(out):
            arcs, below = out[node], heights[node] - 1
            for place in range(looked_at[node], len(arcs)):
                arc = arcs[place]
                if heights[heads[arc]] == below and flow[arc] < capacity[arc]:
                    looked_at[node] = place
                    path.append(arc)
                    node = heads[arc]
                    break
            else:  # no arc leads on: the node lies farther from the sink than it seemed
                more = [heights[heads[arc]] for arc in arcs if flow[arc] < capacity[arc]]
                heights[node], looked_at[node] = min(more, default=len(out)) + 1, 0
                if path:
                    node = heads[path.pop() ^ 1]
            if node == self._sink:
                amount = min(capacity[arc] - flow[arc] for arc in path)
                for arc in path:
                    flow[arc] += amount
                    flow[arc ^ 1] -= amount
                path.clear()
                node = self._source
        return flow
