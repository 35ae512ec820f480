"""Runs of claims: settings from words, worlds built once, and the figures of every run that is asked for, made once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restock.experiments.claim_file import Claim, Words, key_of
from restock.experiments.settings import ClaimSettings, Settings, plain, settings_of
from restock.sim.errors import require, unknown

if TYPE_CHECKING:
    from restock.sim.planning.prepared import Prepared
    from restock.sim.statistics.estimates import Estimate

Cost = tuple[str, float]  # its name as in Scenario.assumed, and how many times as high it is taken
Books = tuple[Cost | None, str]  # at which cost, and of which tier: '' is the chain

OF_THE_RUN = ("policy", "claim", "executor", "threads", "baseline", "replications", "seed")  # the world has none of it


@contextmanager
def composing(own: Path | None) -> Iterator[Callable[[Sequence[str]], Settings]]:
    """Settings from words, as the command composes them; complaints are one line."""
    from hydra import compose, initialize_config_module
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    from restock.experiments import endings, interrupt
    from restock.experiments.messages import names_of

    first = [f"hydra.searchpath=[file://{own.absolute()}]"] if own is not None else []

    def settings(words: Sequence[str]) -> Settings:
        try:
            return settings_of(compose("config", overrides=[*first, *words]))
        except endings.of_settings() as error:
            interrupt.check()
            raise endings.refusal(error, lambda: known(words)) from None

    def known(words: Sequence[str]) -> list[str]:
        chosen = [w for w in words if key_of(w) in ("policy", "claim@_global_", "scenario", "executor")]
        of_claims = [f"claim.{f.name}" for f in fields(ClaimSettings)]
        for attempt in (chosen, []):
            try:
                there = compose("config", overrides=[*first, *attempt])
                return [*names_of(OmegaConf.to_container(there, resolve=False)), *of_claims]  # type: ignore[arg-type]
            except (HydraException, OmegaConfBaseException):
                continue
        return []

    with initialize_config_module(version_base="1.3", config_module="restock.conf"):
        yield settings


class Runs:
    """Runs of one claim, each made once; worlds are built once for all policies that meet in them."""

    def __init__(self, claim: Claim, overrides: Words, compose: Callable[[Sequence[str]], Settings], executor: Any):
        self.claim, self.compose, self.executor = claim, compose, executor
        self.overrides = [word for word in overrides if not key_of(word).startswith("policy.")]
        self.of_policies = [word for word in overrides if key_of(word).startswith("policy.")]
        self.policies: set[str] = set()
        self.done: dict[Words, dict[Books, dict[str, Estimate]]] = {}
        self.worlds: dict[str, Prepared] = {}

    def settings(self, words: Words) -> Settings:
        """Settings of a run: what the user sets for a policy goes to the runs of that policy."""
        first = [f"claim@_global_={self.claim.name}", *self.overrides]
        found = self.compose([*first, *words])
        alone = found.uncertainty.inputs == "none"
        require(alone, "uncertainty.inputs goes with restock compare and run; a claim takes none")
        self.policies |= set(found.policy)
        mine = [word for word in self.of_policies if key_of(word).split(".")[1] in found.policy]
        return self.compose([*first, *mine, *words]) if mine else found

    def check_policies(self) -> None:
        """Every policy that the user sets something of is that of some arm."""
        for word in self.of_policies:
            if key_of(word).split(".")[1] not in self.policies:
                raise unknown("policy", key_of(word).split(".")[1], self.policies, f"of claim '{self.claim.name}'")

    def world(self, words: Words) -> Prepared:
        """The world that the words describe."""
        return self._world(self.settings(words))

    def _world(self, settings: Settings) -> Prepared:
        from restock.experiments.scenarios import build_scenario
        from restock.sim.planning.prepared import Prepared

        kept = {key: value for key, value in plain(settings).items() if key not in OF_THE_RUN}
        key = json.dumps(kept, sort_keys=True, default=str)
        if key not in self.worlds:
            self.worlds[key] = Prepared(build_scenario(settings))
        return self.worlds[key]

    def figures(self, words: Words, cost: Cost | None = None, tier: str = "") -> dict[str, Estimate]:
        """Every measure of the chain, or of a tier; with a cost, as it would be if that were so many times as high."""
        if words not in self.done:
            self.done[words] = self._run(words)
        found = self.done[words]
        if (None, tier) not in found:
            there = [each for _, each in found if each]
            raise unknown("tier", tier, there, f"of claim '{self.claim.name}'")
        return found.get((cost, tier), found[None, tier])

    def assumed_costs(self) -> list[Cost]:
        """The assumed costs that some run has paid, each with what it was halved and doubled by."""
        return list(dict.fromkeys(cost for found in self.done.values() for cost, _ in found if cost is not None))

    def _run(self, words: Words) -> dict[Books, dict[str, Estimate]]:
        from restock.experiments.chosen import chosen_policies
        from restock.sim.results.at_service import measured
        from restock.sim.study.compare import evaluate
        from restock.sim.study.sensitivity import CHANGES, assumed_and_paid, is_part_of, with_cost

        settings = self.settings(words)
        policies = chosen_policies(settings.policy)
        many = f"an arm of claim '{self.claim.name}' takes one policy, got {', '.join(policies)}"
        require(len(policies) == 1, f"{many}; give policy=NAME in its words, or override /policy in its file")
        ((label, policy),) = policies.items()
        levels = ("chain", "tier") if self.claim.tiers else ("chain",)
        outcome = evaluate(self._world(settings), policy, settings.replications, settings.seed, levels=levels,
                           label=label, executor=self.executor)  # fmt: skip
        asked = self.claim.looked_at()
        costs = [name for name in assumed_and_paid([outcome]) if any(is_part_of(name, measure) for measure in asked)]
        changes = [(name, factor) for name in costs for factor in CHANGES.values()]
        tiers = ["", *(outcome.groups("tier") if self.claim.tiers else ())]
        found: dict[Books, dict[str, Estimate]] = {(None, tier): measured(outcome, tier=tier) for tier in tiers}
        for cost in changes:
            changed = with_cost(outcome, *cost)
            found |= {(cost, tier): measured(changed, asked, tier) for tier in tiers}
        return found
