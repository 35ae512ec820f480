"""`restock verify`: verdicts, messages and exit codes; a wrong formula or a wrong engine does not pass."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections import Counter

import pytest

import restock.sim.verification.judging
from restock.experiments.verify_command import summary, verify_command
from restock.policies.catalogue import make_policy
from restock.sim.errors import InputError
from restock.sim.probability.laws import Poisson
from restock.sim.theory import base_stock, min_max
from restock.sim.verification.cases import all_cases
from restock.sim.verification.cases.worlds import ON_HAND, one_store
from restock.sim.verification.judging import Case, Check, Effort, Number, Run, verify

CASES = """NV-poisson EOQ PALM PBS-L0 PBS-L2 SS-horizon FILL-NORMAL JIT ADAPTIVE-MA PROMO RQ-small ROP-formula ZF1991
SS-L3 ERLANG-B CONST-ORDER ZIPKIN2008 CAPPED-VALLEYS DUAL-INDEX SERIAL-2
CLARK-SCARF ALLOCATION-WHOLE PUSH EPPEN TRANSFER-1P BULLWHIP-MA BULLWHIP-BATCH BEER-GAME
FREEZE-DET COUNT-LOAD FIFO-LIFO ABC ALLOCATION DISTORTION SS-formula IDENTITIES TRACE-sS TRACE-RETURNS TRACE-DC
TRANSFER-DAYS TRACE-TRANSFER CHANNEL-RESERVE OVERSELL SUPPLIER-DOWN YIELD
CAPACITY-TWO TRUCK-MIN TRACE-CAPACITY JOINT-PERIODIC FIELD-FIGURES POSITION-TABLE""".split()


def printed(capsys, *arguments):
    code = verify_command(arguments)
    return code, capsys.readouterr().out.splitlines()


def test_every_case_is_listed(capsys):
    assert sorted(all_cases()) == sorted(CASES)
    code, lines = printed(capsys, "--list")
    assert code == 0 and len(lines) == 51
    assert "ZF1991          Zheng & Federgruen (1991), Operations Research 39(4), table 1" in lines


def test_a_quick_look_at_some_cases(capsys):
    names = ["NV-poisson", "PBS-L2", "CONST-ORDER", "BULLWHIP-BATCH", "TRACE-sS", "TRACE-DC", "FREEZE-DET", "EOQ",
             "TRACE-RETURNS"]  # fmt: skip
    code, lines = printed(capsys, "--quick", *names)
    assert code == 0, "\n".join(line for line in lines if "MISS:" in line)
    assert lines[0].split() == ["case", "quantity", "theory", "estimate", "99%", "interval", "verdict"]
    assert lines[-1].startswith("9 cases, ") and " 0 MISS, " in lines[-1]
    table = lines.index("")
    of = Counter(line.split()[0] for line in lines[1:table])
    assert of["PBS-L2"] == 7 and of["EOQ"] == 14 and set(of) == set(names)
    assert [line for line in lines if line.startswith("EOQ") and "order quantity  " in line] == [
        f"EOQ             {'order quantity':<62}  304.046780"
        + " " * 39
        + "formula only: lots of fractional units; whole ones follow"
    ]
    assert lines[table + 1].split("  ")[-3:] == ["formula only", "needs a feature", "MISS"]
    assert f"PBS-L2          {7:>15}" in lines[table:]
    assert f"TRACE-DC        {'':>15}  {17:>5}" in lines[table:]
    assert of["TRACE-RETURNS"] == 17


def test_a_wrong_formula_is_a_miss(capsys, monkeypatch):
    """A protection interval one day short: the commonest mistake."""
    right = base_stock.base_stock_service
    monkeypatch.setattr(
        base_stock, "base_stock_service", lambda law, level, lead, *rest: right(law, level, lead - 1, *rest)
    )
    code, lines = printed(capsys, "--quick", "PBS-L2")
    assert code == 1
    missed = [line for line in lines if "MISS: the source prints 5.2123" in line]
    assert len(missed) == 2 and lines.index("missed:") < lines.index(missed[0], lines.index(missed[0]) + 1)
    assert " 7 MISS, " in lines[-1]


def test_a_wrong_formula_and_a_wrong_print_do_not_agree_with_the_run(capsys, monkeypatch):
    """Trigger below s rather than at or below it: print and formula agree, the simulation does not."""
    from restock.sim.verification.cases import reorder_point as cases

    right = min_max.min_max
    monkeypatch.setattr(min_max, "min_max", lambda law, low, *rest: right(law, low - 1, *rest))
    wrong = min_max.min_max(Poisson(5.0), 19, 37, 4, 30, 1, 9)
    row = (wrong.orders_per_day, wrong.mean_order, wrong.mean_on_hand, wrong.mean_backorders, wrong.fill_rate,
           wrong.mean_position, wrong.cost)  # fmt: skip
    monkeypatch.setattr(cases, "SS", {(0, 1): row, (0, 2): row, (0, 3): row, (19, 37): row})
    code, lines = printed(capsys, "--quick", "SS-L3")
    missed = [line for line in lines if "MISS: outside the interval (second run, ten times the data)" in line]
    assert code == 1 and len(set(missed)) >= 6


def later(worlds, name):
    """The same worlds, each supplier a day slower."""
    right = getattr(worlds, name)

    def wrong(law, lead_time, *rest, **more):
        lead_time = lead_time + 1 if isinstance(lead_time, int) else [lead_time[0] + 1, *lead_time[1:]]
        return right(law, lead_time, *rest, **more)

    return wrong


@pytest.mark.parametrize(
    "name, module, what",
    [
        ("PALM", "base_stock", "one_store"),
        ("RQ-small", "reorder_point", "one_store"),
        ("ROP-formula", "reorder_point", "one_store"),
        ("SERIAL-2", "echelons", "in_series"),
        ("CLARK-SCARF", "echelons", "in_series"),
    ],
)
def test_a_supplier_a_day_late_is_a_miss(name, module, what, monkeypatch):
    cases = importlib.import_module(f"restock.sim.verification.cases.{module}")
    monkeypatch.setattr(cases, what, later(cases, what))
    lines = list(verify(all_cases()[name], make_policy, quick=True, effort=Effort(width=10.0)))
    assert any(line.verdict.startswith("MISS: outside the interval") for line in lines)


@pytest.mark.slow
def test_an_uplift_a_day_late_is_a_miss(monkeypatch):
    from restock.sim.verification.cases import changing_demand

    right = changing_demand.Promotion
    monkeypatch.setattr(changing_demand, "Promotion", lambda **given: right(**given | {"start": given["start"] + 1}))
    lines = list(verify(all_cases()["PROMO"], make_policy, quick=True, effort=Effort(width=20.0)))
    assert sum(line.missed for line in lines) > 20


def test_a_beer_game_with_another_delay_is_a_miss(monkeypatch):
    from restock.sim.study.beer_game import chain
    from restock.sim.verification.cases import beer_game

    for module in (chain, beer_game):
        monkeypatch.setattr(module, "week_one", lambda stage: 4 + 1 * (3 - chain.STAGES.index(stage)))
    lines = list(verify(all_cases()["BEER-GAME"], make_policy, quick=True))
    assert [line.verdict for line in lines if line.quantity == "benchmark: cost"] == ["MISS: must be equal"]


def test_engines_that_differ_are_a_miss(capsys, monkeypatch):
    monkeypatch.setattr(restock.sim.verification.judging, "engines_agree", lambda *_: False)
    code, lines = printed(capsys, "--quick", "PBS-L0")
    assert code == 1
    assert len({line for line in lines if "MISS: the engines differ on the first replication" in line}) == 7


def test_an_interval_that_stays_wide_is_a_miss(monkeypatch):
    monkeypatch.setattr(restock.sim.verification.judging, "QUICK", Effort(width=0.01, most_cell_days=1))
    lines = list(verify(all_cases()["PBS-L0"], make_policy, quick=True))
    assert {line.verdict.split(" (")[0] for line in lines} <= {
        "MISS: the interval is too wide",
        "MISS: outside the interval",
    }


def test_what_is_exact_must_be_equal():
    case = Case(
        "mine", "here", 0.0, lambda quick, make: [Check((Number("units", 3, 3, 4.0), Number("units", 3, 3, 3.0)))]
    )
    assert [line.verdict for line in verify(case, make_policy)] == ["MISS: must be equal", "ok"]


def test_one_unlucky_draw_is_given_a_second_run():
    """A formula a little off passes a short run and fails ten times the data; the right one passes both."""
    found = base_stock.base_stock_service(Poisson(5.0), 20, 3)
    run = Run(one_store(Poisson(5.0), 3, 20), {"name": "base_stock", "base_stock_level": 20})
    numbers = (
        Number("right", None, found.mean_on_hand, ON_HAND),
        Number("off", None, 1.02 * found.mean_on_hand, ON_HAND),
    )
    case = Case("mine", "here", 0.0, lambda quick, make: [Check(numbers, run)])
    right, off = verify(case, make_policy, quick=True)
    assert right.verdict.startswith("ok")
    assert off.verdict == "MISS: outside the interval (second run, ten times the data)"


def test_the_same_seed_gives_the_same_lines():
    case = all_cases()["CONST-ORDER"]
    assert list(verify(case, make_policy, quick=True)) == list(verify(case, make_policy, quick=True))


def test_names_and_options_that_do_not_exist():
    with pytest.raises(
        InputError, match=r"case 'ZF1992' of restock verify is unknown; did you mean 'ZF1991'\? choose from"
    ):
        verify_command(["ZF1992"])
    with pytest.raises(InputError, match="case 'nothing' of restock verify is unknown"):
        verify_command(["--list", "nothing"])
    with pytest.raises(InputError, match=r"option '--fast' of restock verify is unknown; did you mean '--list'\?"):
        verify_command(["--fast"])


def test_names_in_any_case(capsys):
    assert printed(capsys, "--list", "zf1991", "ZF1991", "palm") == (
        0,
        [
            "ZF1991          Zheng & Federgruen (1991), Operations Research 39(4), table 1",
            "PALM            Palm (1938); Feeney & Sherbrooke (1966)",
        ],
    )


def test_the_list_of_cases_does_not_wait_for_the_compiler():
    program = "import sys; from restock.experiments.verify_command import verify_command as v; v(['--list']); "
    program += "print('numba' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "False"


def test_help(capsys):
    code, lines = printed(capsys, "--help")
    assert code == 0 and lines[0].startswith("restock verify [--quick] [CASE ...]")


def test_summary_line():
    count = Counter({"ok": 5, "MISS": 1, "formula": 3, "needs": 2})
    assert summary(4, count, 12.3) == "4 cases, 11 numbers: 5 ok, 1 MISS, 3 formula only, 2 need a feature; 12 s"


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--quick"], []], ids=["quick", "full"])
def test_all_cases(capsys, arguments):
    code, lines = printed(capsys, *arguments)
    assert code == 0 and " 0 MISS, " in lines[-1], "\n".join(line for line in lines if "MISS:" in line)
