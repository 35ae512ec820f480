"""The comparison with other libraries: restock's side against theory, the verdicts, the tables, and each peer where it
is installed."""

from __future__ import annotations

import doctest
import subprocess
import sys
from importlib import metadata

import numpy as np
import pytest

from benchmarks.peers import compare, models, tables
from benchmarks.peers.model import Answer, Model
from benchmarks.peers.models import MODELS
from restock.sim.statistics import interval

EXACT = [model for model in MODELS if model.exact()]


@pytest.mark.parametrize("model", EXACT, ids=lambda model: model.name)
def test_restock_gives_the_exact_answer(model: Model) -> None:
    answer = models.run(model, replications=256)
    for measure, value in model.exact().items():
        found = interval(answer[measure], confidence=0.9999)
        assert abs(found.estimate - value) < found.half_width < 0.1 * value, measure


def test_every_model_but_two_has_an_exact_answer() -> None:
    assert {model.name for model in MODELS} - {model.name for model in EXACT} == {"DC + 5 stores", "SSCONT"}


def test_the_net_stock_of_the_chain_is_exact_although_its_split_is_not() -> None:
    """Stock less backorders of all stores: their levels, less what the DC owes, less the demand of the lead time."""
    from restock.sim.probability.laws import Poisson
    from restock.sim.theory.loss import loss

    model = models.CHAIN
    demand = model.stores * model.demand_mean
    owed = float(loss(Poisson(demand * model.dc_lead_time), model.dc_level))
    answer = models.run(model, replications=256)
    net = interval(answer["on hand"] - answer["backorders"], confidence=0.9999)
    exact = model.stores * model.order_up_to_level - owed - demand * model.lead_time
    assert abs(net.estimate - exact) < net.half_width


def test_the_rounded_demand_of_sscont_is_the_exponential_to_a_thousandth() -> None:
    demand, lead_time = models.SSCONT.laws()
    assert demand.moments == pytest.approx((100.0, 100.0**2), rel=1e-4)
    assert lead_time.moments == pytest.approx((1 + 6.0, 6.0), rel=1e-6)


def test_sscont_costs_add_up() -> None:
    """What is ordered is what is asked for; a unit short costs once."""
    model, answer = models.SSCONT, models.run(models.SSCONT, replications=64)
    short = model.shortage_cost * (1 - answer["fill rate"]) * model.demand_mean
    cost = answer["on hand"] + short + model.ordering_cost * answer["orders"] + model.unit_cost * model.demand_mean
    assert answer["cost"].mean() == pytest.approx(cost.mean(), rel=0.01)


def test_a_difference_is_named_and_noise_is_not() -> None:
    rng = np.random.default_rng(3)
    here, there, far = rng.normal(5, 1, 50), rng.normal(5, 2, 30), rng.normal(8, 1, 50)
    assert compare.verdict(there, here, "another clock") == "agrees"
    assert compare.verdict(far, here, "another clock") == "differs: another clock"
    assert compare.verdict(far, here) == "differs: reason unknown"
    assert compare.verdict(np.ones(3), np.ones(4)) == "agrees"
    assert compare.verdict(np.ones(3), np.zeros(4)) == "differs: reason unknown"


def test_equal_answers_differ_about_as_rarely_as_said() -> None:
    rng = np.random.default_rng(4)
    differ = sum(compare.verdict(*rng.normal(size=(2, 20))) != "agrees" for _ in range(4000))
    assert differ < 16  # 4 expected


class Other:
    """A peer that is restock itself, one day off in its lead time if asked."""

    PACKAGE, REPLICATIONS, WARM, THREADS = "pytest", 40, 1, (1,)
    off = False

    def can(self, model: Model) -> str:
        return "" if model is models.BASE_STOCK else "base stock only"

    def differences(self, model: Model) -> dict[str, str]:
        return {"on hand": "lead time one day longer"} if self.off else {}

    def run(self, model: Model, replications: int, seed: int = 1, threads: int = 1) -> Answer:
        from dataclasses import replace

        return models.run(replace(model, lead_time=4) if self.off else model, replications, seed + 1)  # type: ignore[call-arg]


def test_a_result_becomes_lines_of_both_tables() -> None:
    result = compare.compare(Other(), models.BASE_STOCK, runs=1, replications=40, many=64)
    assert [row.verdict for row in result.agreements] == ["agrees"] * 4
    lines = tables.agreement_table([result]).splitlines()
    assert lines[0] == "| peer | model | measure | peer's | restock's | exact | verdict |"
    assert lines[2].startswith("| pytest | store, base stock | fill rate | 0.9") and "| 0.9581 | agrees |" in lines[2]
    (speed,) = result.speeds
    assert speed.cell_days == 40 * 1001 and speed.same_work == speed.theirs / speed.ours
    assert (
        tables.speed_table([result])
        .splitlines()[2]
        .startswith(f"| pytest | {metadata.version('pytest')} | store, base stock | 1 | 40 x 1,001 x 1 |")
    )


def test_another_lead_time_is_found_out() -> None:
    other = Other()
    other.off = True
    result = compare.compare(other, models.BASE_STOCK, runs=1, replications=40, many=64)
    verdicts = {row.measure: row.verdict for row in result.agreements}
    assert verdicts["on hand"] == "differs: lead time one day longer"
    assert verdicts["fill rate"] == "differs: reason unknown"


def test_what_a_peer_cannot_say_is_said() -> None:
    result = compare.compare(Other(), models.SSCONT)
    assert tables.agreement_table([result]).splitlines()[2] == ("| pytest | SSCONT | - | - | - | - | base stock only |")


@pytest.mark.parametrize("adapter", compare.ADAPTERS, ids=lambda adapter: adapter.PACKAGE)
def test_a_missing_peer_is_listed_not_an_error(adapter, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    def nothing(package: str) -> str:
        raise metadata.PackageNotFoundError(package)

    monkeypatch.setattr(metadata, "version", nothing)
    result = compare.compare(adapter, models.BASE_STOCK)
    assert result.absent == "not installed" and not result.speeds
    table = tables.agreement_table([result])
    assert table.splitlines()[2] == f"| {adapter.PACKAGE} | store, base stock | - | - | - | - | not installed |"


def test_restock_alone_prints_the_page() -> None:
    """Adapters import their peers only to run them."""
    code = (
        "import sys\n"
        "for name in ('stockpyl', 'SupplyNetPy', 'simopt', 'mrg32k3a', 'dynaplex'): sys.modules[name] = None\n"
        "from importlib import metadata\n"
        "def version(name):\n"
        "    raise metadata.PackageNotFoundError(name)\n"
        "metadata.version = version\n"
        "sys.argv = ['peers']\n"
        "from benchmarks.peers.__main__ import main\n"
        "main()\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.count("| not installed |") == len(compare.ADAPTERS) * len(MODELS)


def test_examples_in_docstrings() -> None:
    for module in (compare, tables):
        found = doctest.testmod(module)
        assert found.attempted > 0 and found.failed == 0


PAIRS = [(adapter, model) for adapter in compare.ADAPTERS for model in MODELS]


@pytest.mark.parametrize(("adapter", "model"), PAIRS, ids=[f"{a.PACKAGE}, {m.name}" for a, m in PAIRS])
def test_an_installed_peer_agrees_or_says_why(adapter, model: Model) -> None:  # type: ignore[no-untyped-def]
    if compare.version(adapter.PACKAGE) == compare.NOT_INSTALLED:
        pytest.skip(f"{adapter.PACKAGE} is not installed")
    if adapter.can(model):
        pytest.skip(f"{adapter.PACKAGE}: {adapter.can(model)}")
    replications = {"stockpyl": 6, "supplynetpy": 6, "simoptlib": 30, "dynaplex": 256}[adapter.PACKAGE]
    theirs = adapter.run(model, replications // (model.cells if replications < 10 else 1) + 2)
    ours = models.run(model, 256)
    for row in compare.agreements(theirs, ours, model, adapter.differences(model)):
        assert row.verdict == "agrees" or row.measure in adapter.differences(model), row


def test_supplynetpy_serves_at_the_moment_what_continuous_time_says() -> None:
    """Its fill rate of the DC and one store is another measure than restock's, and right."""
    pytest.importorskip("SupplyNetPy")
    from benchmarks.peers import supplynetpy_adapter
    from restock.sim.theory.serial import two_stages

    store = two_stages(4.0, 2, 1, 10, 6)[1]
    found = interval(supplynetpy_adapter.run(models.SERIAL, 8)["fill rate"], confidence=0.9999)
    assert abs(found.estimate - store.fill_rate) < found.half_width
