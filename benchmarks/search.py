"""How far from the known best does a search end? (s, S) costs by exact formula, so that only the search is judged.

python -m benchmarks.search prints a line a method: median and 90% point, over instances and seeds, of the excess cost
of the best of 100 trials. 'free': Zheng & Federgruen's cost, means with two valleys; 'fill rate >= 97%': ordering and
holding cost under that constraint. 8,190 pairs (s, S).

python -m benchmarks.search grocery [SEED ...] searches the settings of ABC tiers on the grocer (`experiment=
cheapest_at_97`), 50 trials led by formulas and 200 trials without them: the least cost that meets the constraint after
so many trials, and that of the winner on fresh replications.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import optuna

from restock.sim.measures.measures import MEASURES
from restock.sim.probability.laws import Poisson
from restock.sim.study.searching.candidates import Constraint, Goal
from restock.sim.study.searching.search import search
from restock.sim.study.searching.search_space import Parameter, Space
from restock.sim.theory.min_max import min_max
from restock.sim.verification.cases.reorder_point import ZF

SPACE = Space((Parameter("low", 0, 90), Parameter("high", 1, 90, above="low")))
FREE, BOUND = (23, 24, 25, 59, 60, 61), (10, 21, 63)
TRIALS, SEEDS = 100, 8
Tried = tuple[float, float]


@cache
def cost(mean: int, low: int, high: int, bound: bool) -> Tried:
    """Cost a day and fill rate."""
    found = min_max(Poisson(float(mean)), low, high, 1, 64, 1, 9)
    return (64 * found.orders_per_day + found.mean_on_hand if bound else found.cost), found.fill_rate


class Known:
    """Stands for an outcome: the same in every replication."""

    def __init__(self, tried: Tried) -> None:
        self.top = np.ones((2, 1, len(MEASURES)))
        for name, value in zip(("total_cost", "fill_rate"), tried, strict=True):
            self.top[..., list(MEASURES).index(name)] = value

    def pairs(self, level: str) -> tuple[np.ndarray, np.ndarray]:
        return self.top, np.ones_like(self.top)


def ours(mean: int, bound: bool, seed: int) -> Iterator[Tried]:
    goal = Goal("total_cost", (Constraint("fill_rate", True, 0.97),) if bound else ())
    for trial in search(SPACE, lambda v, _: Known(cost(mean, v["low"], v["high"], bound)), goal, TRIALS, 2, seed):  # type: ignore[arg-type, return-value]
        yield trial.estimate("total_cost"), trial.estimate("fill_rate")


def optuna_alone(make: Callable[[int], optuna.samplers.BaseSampler]) -> Callable[..., Iterator[Tried]]:
    def run(mean: int, bound: bool, seed: int) -> Iterator[Tried]:
        study = optuna.create_study(sampler=make(seed))
        for _ in range(TRIALS):
            trial = study.ask()
            low = trial.suggest_int("low", 0, 90)
            found = cost(mean, low, low + trial.suggest_int("off", 1, 90), bound)
            if bound:
                trial.set_constraint("fill rate", 0.97 - found[1])
            study.tell(trial, found[0])
            yield found

    return run


METHODS = {
    "restock": ours,
    "TPE": optuna_alone(lambda seed: optuna.samplers.TPESampler(seed=seed)),
    "NSGA-II": optuna_alone(lambda seed: optuna.samplers.NSGAIISampler(seed=seed, population_size=20)),
    "Sobol": optuna_alone(lambda seed: optuna.samplers.QMCSampler(seed=seed, scramble=True)),
    "random": optuna_alone(lambda seed: optuna.samplers.RandomSampler(seed=seed)),
}


def best(tried: Iterator[Tried], bound: bool) -> float:
    return min((c for c, fill in tried if not bound or fill >= 0.97), default=np.inf)


AFTER = (5, 10, 20, 50, 100, 200)


def grocery(seeds: list[int]) -> None:
    """Print a line for each seed, with and without formulas."""
    from hydra import compose, initialize_config_module

    from restock.experiments import settings as of_settings
    from restock.experiments.jobs import chosen_executor
    from restock.experiments.optimizing import task_of
    from restock.experiments.scenarios import build_scenario
    from restock.experiments.searched_policies import arms_of, runs_of
    from restock.sim.planning.prepared import Prepared
    from restock.sim.study.searching.finalists import choose
    from restock.sim.study.searching.several import search_all

    of_settings.register()
    print(
        "seed  formulas  " + "".join(f"{f'after {many}':>12}" for many in AFTER) + "       winner on fresh replications"
    )
    for led, trials in ((True, 50), (False, 200)):
        for seed in seeds:
            words = ["experiment=cheapest_at_97", f"seed={seed}", f"optimize.trials={trials}"]
            with initialize_config_module(version_base="1.3", config_module="restock.conf"):
                settings = of_settings.settings_of(compose("config", overrides=words))
            task, asked = task_of(settings), settings.optimize
            with chosen_executor(settings) as executor:
                prepared = Prepared(build_scenario(settings))
                runs = runs_of(task, settings, prepared, executor)
                arms = arms_of(task, settings, prepared, runs)
                if not led:
                    arms = {label: replace(arm, guide=None) for label, arm in arms.items()}
                found = list(search_all(arms, task.goal, trials, asked.search_replications, seed))
                (run,) = runs.values()
                fresh = choose(found, run, task.goal, asked.finalists, task.finals, task.fresh).fresh
            costs = [min((t.estimate("total_cost") for t in found[:many] if t.feasible(task.goal)), default=np.nan)
                     for many in AFTER]  # fmt: skip
            shown = "".join(f"{cost:12,.0f}" if many <= trials else f"{'':12}"
                            for cost, many in zip(costs, AFTER, strict=True))  # fmt: skip
            cost, low, high = fresh.value("total_cost")
            served = fresh.value("fill_rate")[0]
            won = f"{cost:10,.0f} ± {(high - low) / 2:.0f} at {served:.2%}"
            print(f"{seed:4}  {'yes' if led else 'no':<8}  {shown}   {won}", flush=True)


def main() -> None:
    if sys.argv[1:2] == ["grocery"]:
        grocery([int(word) for word in sys.argv[2:]] or [1, 2, 3])
        return
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    least = {(mean, False): ZF[mean][2] for mean in FREE}
    for mean in BOUND:
        every = (cost(mean, low, low + off, True) for low in range(91) for off in range(1, 91))
        least[mean, True] = best(every, True)
    print(f"excess cost of the best of {TRIALS} trials, median and 90% point")
    for name, run in METHODS.items():
        shown = []
        for bound in (False, True):
            known = {mean: at for (mean, b), at in least.items() if b == bound}
            excess = [100 * (best(run(mean, bound, seed), bound) / at - 1) for mean, at in known.items()
                      for seed in range(SEEDS)]  # fmt: skip
            shown.append(f"{np.median(excess):5.2f}% {np.quantile(excess, 0.9):6.2f}%")
        print(f"{name:<8} free {shown[0]}   fill rate >= 97% {shown[1]}", flush=True)


if __name__ == "__main__":
    main()
