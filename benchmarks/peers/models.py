"""The models that are compared, and restock's own run of them."""

from __future__ import annotations

from benchmarks.peers.model import Answer, Model
from benchmarks.peers.sscont import SSCont
from benchmarks.peers.stores import Stores
from restock.sim.planning.prepared import Prepared
from restock.sim.study.compare import evaluate

BASE_STOCK = Stores("store, base stock", "Poisson(5), S = 20, lead time 3, backorders")
MIN_MAX = Stores("store, (s, S)", "Poisson(5), s = 20, S = 40, lead time 4, backorders", lead_time=4,
                 reorder_point=20, order_up_to_level=40)  # fmt: skip
LOST_SALES = Stores("store, lost sales", "Poisson(5), S = 18, lead time 3, unmet demand lost", order_up_to_level=18,
                    reorder_point=17, backorders=False)  # fmt: skip
SERIAL = Stores("DC + 1 store", "Poisson(4); levels 10 and 6, lead times 2 and 1, backorders", demand_mean=4.0,
                lead_time=1, order_up_to_level=6, reorder_point=5, dc_level=10, dc_lead_time=2)  # fmt: skip
CHAIN = Stores("DC + 5 stores", "Poisson(4) each; levels 42 and 10, lead times 2 and 2, backorders", demand_mean=4.0,
               lead_time=2, order_up_to_level=10, reorder_point=9, stores=5, dc_level=42, dc_lead_time=2)  # fmt: skip
SSCONT = SSCont("SSCONT", "exponential(100), s = 1000, S = 2000, lead time 1 + Poisson(6), backorders")
MODELS: tuple[Model, ...] = (BASE_STOCK, MIN_MAX, LOST_SALES, SERIAL, CHAIN, SSCONT)


def run(model: Model, replications: int, seed: int = 1, threads: int = 1) -> Answer:
    """The model in restock, from its description to its answer: arrays, simulation, statistics."""
    outcome = evaluate(Prepared(model.scenario()), model.policy(), replications, seed, threads)
    return model.answer(outcome.rollup.sums["site"])
