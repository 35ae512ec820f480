"""restock advise as a user meets it: ranks, verdicts, pairs, prices, what is not tried, profiles, and how it ends."""

import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from exports import shop_sales, write_export

from restock.experiments.advice import profiles
from restock.experiments.advice.changes import DoesNotApply, changed_settings, exclude
from restock.experiments.advice.improvements import improvements
from restock.experiments.advice.profiles import questions, with_answers
from restock.experiments.cli import main
from restock.experiments.settings import Settings, plain
from restock.sim.errors import InputError
from restock.sim.planning.example import one_shop

CONF = Path(__file__).parents[2] / "conf"
IMPROVEMENTS = sorted(path.stem for path in (CONF / "improvement").glob("*.yaml"))
PROFILES = sorted(path.stem for path in (CONF / "profile").glob("*.yaml"))
SMALL = ("scenario=one_store", "days=56", "warm_up=14", "replications=8", "advise.replications=8", "figures=false")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    monkeypatch.setattr(sys, "path", list(sys.path))


def advise(*words):
    return main(["advise", *SMALL, *words])


def own(**texts):
    """Improvements of the user's own, in a folder given with --config-dir."""
    folder = Path("mine") / "improvement"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(f"# {name.capitalize()}.\n{text}\n", encoding="utf-8")
    return "--config-dir", "mine", f"advise.improvements=[{','.join(texts)}]"


def table(name="advice"):
    """The table of the last run, by improvement where it has one."""
    folder = max(Path("runs").glob("*/*"), key=lambda path: path.stat().st_mtime_ns)
    return pd.read_csv(folder / "tables" / f"{name}.csv", keep_default_na=False, na_values=[""])


def by_name(name="advice"):
    return table(name).drop_duplicates("improvement").set_index("improvement")


def chain(*words):
    """Measures of the chain of a run."""
    assert main(["run", *SMALL[:4], "figures=false", *words]) == 0
    return table("chain").set_index("measure")["estimate"]


def refused(capsys, *words):
    """The one line of an error, after checking exit code 2 and that nothing is left behind."""
    assert main(["advise", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and not Path("runs").exists()
    return captured.err.removeprefix("restock: ").rstrip("\n")


# ----------------------------------------------------------------------------------- what improvements are worth


CHEAPER = "change: {costs.carrying_rate: {times: 0.5}}"
LESS_STOCK = "change: {policy.order_days: {times: 0.5}}"
AT_SHOP = "scenario.lanes.shop"
LINES = f"change: {{{AT_SHOP}.dairy.ordering_cost: 1.0, {AT_SHOP}.wholesaler.ordering_cost: 2.0}}"


def test_savings_known_by_construction_are_found_ranked_and_add_up(capsys):
    """Half the carrying rate saves half the carrying cost, half the cost of a line half that of lines; both the sum."""
    base = chain("policy=buffer")
    assert advise(*own(cheap_stock=CHEAPER, cheap_lines=LINES)) == 0
    found, pairs = by_name(), table("pairs")
    assert found.index.tolist() == ["cheap_lines", "cheap_stock"] and found["rank"].tolist() == [1, 2]
    assert found["saving"]["cheap_stock"] == pytest.approx(base["carrying_cost"] / 2)
    assert found["saving"]["cheap_lines"] == pytest.approx(base["ordering_cost"] / 2)
    assert set(found["verdict"]) == {"worth it"} and (found["fill_rate_change"] == 0).all()
    assert found["saved_carrying_cost"]["cheap_stock"] == pytest.approx(found["saving"]["cheap_stock"])
    (pair,) = pairs.to_dict("records")
    assert pair["improvements"] == "cheap_lines + cheap_stock" and pair["verdict"] == "add up"
    assert pair["gain"] == pytest.approx(found["saving"].sum()) and pair["interaction"] == 0
    printed = capsys.readouterr().out
    assert "'cheap lines' gains most, " in printed and "No price was given" in printed


def test_improvements_that_save_the_same_money_overlap():
    """Half the rate on less stock saves less than half the rate on all of it, by half of what less stock saved."""
    words = ("costs.carrying_rate=50", "policy.buffer.order_days=14")  # so that stock is what costs
    assert advise(*own(cheap_stock=CHEAPER, less_stock=LESS_STOCK), *words) == 0
    found = by_name()
    (pair,) = table("pairs").to_dict("records")
    overlap = found["saved_carrying_cost"]["less_stock"] / 2
    assert pair["verdict"] == "overlap" and pair["interaction_high"] < 0
    assert pair["interaction"] == pytest.approx(-overlap)


def test_the_lag_of_books_is_found_where_nothing_else_is_wrong():
    """Every order is placed by the stock of five evenings ago: seeing it at once is worth most of all that is tried."""
    words = ("policy=just_in_time", "records.lag=5")
    chosen = "advise.improvements=[no_lag,steadier_lead_times,shorter_lead_times,smaller_packs,order_every_day]"
    assert advise(*words, chosen, "advise.best=0") == 0
    found = by_name()
    assert found.index[0] == "no_lag" and found["verdict"]["no_lag"] == "worth it"
    assert found["saving"]["no_lag"] == pytest.approx(
        chain("policy=just_in_time", "records.lag=5")["total_cost"] - chain("policy=just_in_time")["total_cost"]
    )


def test_long_lead_times_are_what_costs_where_stock_must_cover_them():
    words = ("lead_time_factor=20", "days=182", "opening_days=40", "costs.carrying_rate=20")
    chosen = "advise.improvements=[shorter_lead_times,smaller_packs,order_every_day]"
    assert advise(*words, chosen, "advise.best=0") == 0
    found = by_name()
    assert found.index[0] == "shorter_lead_times" and found["verdict"]["shorter_lead_times"] == "worth it"
    assert found["levels"]["shorter_lead_times"] == "planned anew" and found["stock_at_cost_change"].iloc[0] < 0


def test_what_changes_nothing_says_so_and_is_no_noise(capsys):
    words = own(rounding="change: {returns.rounding: down}", tiers="change: {policy.tiers.A.target: {times: 1.0}}")
    assert advise(*words) == 0
    found = by_name()
    assert found["verdict"].tolist() == ["changes nothing"] * 2  # tiers of one policy walk the path of that policy
    assert (found["gain"] == 0).all() and (found["gain_half_width"] == 0).all()
    assert "No improvement is shown to be worth anything here." in capsys.readouterr().out
    assert not list(Path("runs").glob("*/*/tables/pairs.csv"))


def test_prices_are_taken_off_and_decide(capsys):
    words = own(cheap_stock=CHEAPER + "\nprice: 1", cheap_lines=LINES)
    prices = ["advise.prices.cheap_lines={a_year: 100, once: 50000}", "advise.years=10"]
    assert advise(*words, *prices) == 0
    found = by_name()
    assert found["price"].to_dict() == {"cheap_stock": 1.0, "cheap_lines": 5100.0}
    assert found["gain"].tolist() == pytest.approx((found["saving"] - found["price"]).tolist())
    assert found["verdict"].to_dict() == {"cheap_stock": "worth it", "cheap_lines": "costs more"}
    printed = capsys.readouterr().out
    assert "what is paid once is spread over 10 years" in printed and "No price was given" not in printed


def test_work_that_costs_nothing_here_is_told_beside_what_it_gains(capsys):
    words = ("shrinkage.of_sales=0.1", "advise.improvements=[count_unsold]", "days=182")
    assert advise(*words) == 0
    printed = capsys.readouterr().out
    assert "1: counts cost nothing here (costs.count_cost=0); more of them a year: count unsold " in printed


def test_levels_kept_are_those_of_the_chain_as_it_is():
    """The better way is ranked, the other is in the table; kept levels are what levels of a file would be."""
    words = ("lead_time_factor=4", "opening_days=20")
    assert advise(*words, "advise.improvements=[shorter_lead_times]") == 0
    found = table().set_index("levels")
    assert sorted(found.index) == ["kept", "planned anew"] and found["rank"].notna().sum() == 1
    assert found["gain"][found["rank"] == 1].iloc[0] == found["gain"].max()
    base = chain("policy=buffer", *words, "for_erp=true")
    folder = max(Path("runs").glob("*/*"), key=lambda path: path.stat().st_mtime_ns)
    levels = folder / "tables" / "levels.csv"
    kept = chain("policy=levels", f"policy.levels.file={levels}", *words[1:], "lead_time_factor=3.2")
    assert found["saving"]["kept"] == pytest.approx(base["total_cost"] - kept["total_cost"])
    anew = chain("policy=buffer", *words[1:], "lead_time_factor=3.2")
    assert found["saving"]["planned anew"] == pytest.approx(base["total_cost"] - anew["total_cost"])


def test_the_words_of_an_improvement_run_it_alone():
    world = ["scenario=regional_chain", "scenario.stores=2", "scenario.items=6", "shrinkage.of_sales=0.02",
             "++shelf_life.by_category={dairy: 9, dry_grocery: 40}", "days=28", "warm_up=14", "replications=4",
             "advise.replications=4", "figures=false", "records.lag=1"]  # fmt: skip
    assert main(["advise", *world, "advise.best=0"]) == 0
    found = table()
    found = found[(found["verdict"] != "not tried") & (found["levels"] != "kept")].set_index("improvement")
    before = main(["run", *world[:-1], "records.lag=1"])
    base = table("chain").set_index("measure")["estimate"]["total_cost"]
    tried = ["a_targets_up", "abc_tiers", "xyz_tiers", "just_in_time", "larger_orders", "no_lag", "longer_shelf_life",
             "less_shrinkage"]  # fmt: skip
    assert before == 0 and set(tried) <= {*found.index}
    for name in tried:
        # as a shell splits them, but for what is in brackets
        words = found["words"][name].replace(" policy.", "\npolicy.").replace(" ++", "\n++").split("\n")
        words = [part for each in words for part in ([each] if each.startswith("++") else each.split(" "))]
        assert main(["run", *world, *words]) == 0, words
        alone = table("chain").set_index("measure")["estimate"]["total_cost"]
        assert base - alone == pytest.approx(found["saving"][name]), words


def test_the_page_of_a_run_has_the_ranked_table_and_the_tornado(capsys):
    assert advise("advise.improvements=[targets_up,larger_orders,no_lag]", "advise.best=0", "figures=true") == 0
    (folder,) = Path("runs").glob("*/*")
    assert main(["report", str(folder)]) == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    ranked = page.partition("<h2>What each improvement is worth</h2>")[2].partition("</table>")[0]
    assert ranked.index("larger orders") < ranked.index("targets up") and "worth it" in ranked
    assert "<li>no lag: policies see records at once: there is no lag</li>" in page and 'alt="tornado"' in page


def test_threads_change_no_number():
    words = own(cheap_stock=CHEAPER, less_stock=LESS_STOCK)
    assert advise(*words, "executor=serial") == 0
    first = table()
    assert advise(*words, "threads=2") == 0
    pd.testing.assert_frame_equal(first, table())


def test_an_export_and_the_scenario_made_of_it_get_the_same_advice(capsys):
    """A folder's own settings, which the command line leaves open, are what relative changes start from."""
    write_export(Path("shop"), shop_sales(140))
    assert main(["calibrate", "shop", "output=made"]) == 0
    few = ("days=28", "warm_up=28", "replications=4", "advise.replications=4", "figures=false", "advise.best=0",
           "advise.improvements=[larger_orders,less_shrinkage,shorter_lead_times,abc_tiers]")  # fmt: skip
    export = ["scenario=export", "scenario.folder=shop", "shrinkage.of_sales=0.1"]
    assert main(["advise", *export, *few]) == 0
    of_export = by_name()
    yaml_file = Path("made/scenario.yaml")
    content = yaml.safe_load(yaml_file.read_text(encoding="utf-8"))
    content["shrinkage"] = {"of_sales": 0.1}
    yaml_file.write_text(yaml.safe_dump(content), encoding="utf-8")
    capsys.readouterr()
    assert main(["advise", "scenario=folder", "scenario.path=made", *few, "opening_days=14"]) == 0
    found = by_name()
    assert found["saving"]["less_shrinkage"] > 0
    assert found["saving"].to_dict() == pytest.approx(of_export["saving"].to_dict())


# --------------------------------------------------------------------------------------- what is not tried, and why


def test_what_has_nothing_to_improve_is_named_with_the_reason(capsys):
    assert advise("advise.best=0") == 0
    printed = capsys.readouterr().out
    said = printed.partition("Not tried:\n")[2].partition("\n\n")[0].splitlines()
    nothing_wrong = "records are right: there is nothing for a count to put right"
    assert said == [
        f"- count by class: {nothing_wrong}",
        "- count empty shelves: nothing is scanned wrongly",
        f"- count twice as often: {nothing_wrong}",
        f"- count unsold: {nothing_wrong}",
        "- fewer wrong scans: nothing is scanned wrongly",
        "- less shrinkage: nothing is lost unseen",
        "- less transit damage: nothing is damaged on its way",
        "- longer shelf life: goods keep: no shelf life is set",
        "- more resalable returns: nothing is brought back that does not go back on the shelf",
        "- no lag: policies see records at once: there is no lag",
        "- post every day: records are posted every day",
        "- review daily: policy.review_period is so already",
    ]
    found = by_name()
    assert set(found.index) == {*IMPROVEMENTS}  # nothing is dropped
    assert found["why"]["no_lag"] == "policies see records at once: there is no lag"
    assert found["rank"].isna().sum() == len(said)


def test_a_policy_without_the_setting_leaves_its_improvements_out(capsys):
    assert advise("policy=just_in_time", "advise.improvements=[targets_up,a_targets_up,just_in_time]") == 0
    printed = capsys.readouterr().out
    assert "- targets up: policy 'just_in_time' has no setting target\n" in printed
    assert "- A targets up: policy 'just_in_time' has no setting target\n" in printed


def test_where_all_improvements_have_something_to_improve_all_are_tried():
    words = ("records.lag=1", "records.reconcile_every=7", "records.sales_misscanned=0.1", "shrinkage.of_sales=0.1",
             "++shelf_life.by_category={dairy: 5}", "transit_damage.share=0.1", "returns.share=0.1",
             "returns.resalable=0.5", "policy.buffer.review_period=2")  # fmt: skip
    assert advise(*words, "advise.best=0", "replications=2") == 0
    found = by_name()
    left = found[found["verdict"] == "not tried"].index.tolist()
    assert left == ["adaptive_levels", "count_twice_as_often", "forecast_on_the_way"]
    assert "do not allow for shelf lives" in found["why"]["adaptive_levels"]


def test_what_changes_demand_is_refused_by_name(capsys):
    words = own(busier="change: {scenario.items.milk.demand: {law: poisson, mean: 80}}", cheap_stock=CHEAPER)
    assert advise(*words) == 0
    printed = capsys.readouterr().out
    assert "- busier: it changes what customers ask for (+" in printed
    assert "units), which total cost does not judge" in printed
    assert by_name()["verdict"]["busier"] == "not tried"


def test_unsettled_improvements_are_named(capsys):
    words = own(dear_lines="change: {policy.order_days: {times: 0.9}}")
    assert advise(*words, "advise.precision=0.0001", "replications=16") == 0
    printed = capsys.readouterr().out
    assert (
        "Not settled after 16 replications, to within 0.01% of the largest gain, or of its own: dear lines;" in printed
    )
    assert by_name()["replications"].tolist() == [16]


# ------------------------------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["advise.improvements=[no_lagg]"], "improvement 'no_lagg' of advise.improvements is unknown; did you mean "),
        (["advise.prices.nolag=3"], "improvement 'nolag' of advise.prices is unknown; did you mean 'no_lag'?"),
        (["advise.prices.no_lag=much"], "the price of improvement 'no_lag' must be a number (a_year), got 'much'"),
        (["advise.improvements=[]"], "advise.improvements must name at least one, or be null for all"),
        (["replications=1"], "restock advise needs replications of at least 2, got 1: intervals are of differences"),
        (["advise.precision=2"], "advise.precision must lie between 0 and 1 (0.1 is 10%), got 2.0"),
        (["advise.years=0"], "advise.years must be a number above 0 and not above 100, got 0.0"),
        (["policy=[buffer,abc_tiered]"], "restock advise takes one policy, got 2 (buffer, abc_tiered); choose "),
        (["service.replay=false"], "restock advise takes no service.replay: improvements are judged in money, lost "),
        (["-m", "seed=1,2"], "restock advise tries its improvements one after the other: it goes without -m"),
        (["uncertainty.inputs=bootstrap"], "uncertainty.inputs goes with restock compare and run; restock advise "),
        (["profile=frsh"], "profile 'frsh' is unknown; did you mean 'fresh'? choose from: chain, fashion, fresh, "),
        (["profile.stores=3"], "profile.stores=3: choose the profile that asks it, such as profile=chain"),
        (["profile=fresh", "profile.shops=3"], "question 'shops' of profile 'fresh' is unknown; choose from: items, "),
        (["profile=fresh", "scenario=grocery"], "profile=fresh makes its own scenario: leave scenario=... out, or "),
        (["profile=fresh", "profile.stores=many"], "scenario.stores must be a whole number, got 'many'"),
    ],
)  # fmt: skip
def test_mistakes_are_one_clear_line(words, message, capsys):
    assert refused(capsys, *([] if "profile" in words[0] else ["scenario=one_store"]), *words).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("change: {seed: 2}", "improvement 'mine' changes seed; it may change policy, scenario, lead_time_factor, "),
        ("change: {records.lagg: 0}", "improvement 'mine': setting 'lagg' of records is unknown; did you mean 'lag'?"),
        ("change: {records.lag: {times: no}}", "improvement 'mine': records.lag: times takes a number, got false"),
        ("change: {}", "change of improvement 'mine' must be settings with their values, such as {records.lag: 0}"),
        ("needs: luck\nchange: {records.lag: 0}", "need 'luck' of improvement 'mine' is unknown; choose from: "),
        ("chnge: {records.lag: 0}", "setting 'chnge' of improvement 'mine' is unknown; did you mean 'change'?"),
        ("change: {policy: {name: bufer}}", "improvement 'mine': policy 'bufer' is unknown; did you mean 'buffer'?"),
        ("change: {policy.target: 2}", "improvement 'mine': policy.buffer: target must lie between 0 and 1, got 2"),
        ("change: {records.lag: 9}", "improvement 'mine': records.lag must be a whole number of days from 0 to 7"),
    ],
)  # fmt: skip
def test_mistakes_in_an_improvement_name_it(text, message, capsys):
    words = own(mine=text)
    assert refused(capsys, "scenario=one_store", *words).startswith(message)


# ---------------------------------------------------------------------------------------------- changes of settings


def changed(changes, name="buffer", scenario=None, **policy):
    settings = plain(Settings(policy={name: {"name": name, **policy}}))
    return changed_settings(settings, scenario or one_shop().scenario, changes)


def test_changes_are_relative_to_what_there_is():
    out = changed({"records.count_every": {"times": 0.5}, "shelf_life.by_category": {"plus": 1}})
    assert out["records"]["count_every"] == [0, 0, 0] and out["shelf_life"]["by_category"] == {}
    of_folder = plain(Settings(policy={"buffer": {"name": "buffer"}}))
    of_folder["shrinkage"]["of_sales"] = None  # a folder's own settings are left open
    from restock.sim.features.records.settings import Shrinkage

    scenario = one_shop().scenario.having(Shrinkage(0.04))
    assert (
        changed_settings(of_folder, scenario, {"shrinkage.of_sales": {"times": 0.5}})["shrinkage"]["of_sales"] == 0.02
    )


def test_a_setting_of_a_tiered_policy_is_changed_in_every_tier_or_in_one():
    tiers = {"A": {"name": "buffer", "target": 0.9}, "B": {"name": "base_stock"}}
    with pytest.raises(DoesNotApply, match="has no setting target"):
        changed({"policy.target": {"misses": 0.5}}, "abc_tiered", tiers=tiers)
    out = changed({"policy.review_period": 7}, "abc_tiered", tiers=tiers)["policy"]["abc_tiered"]["tiers"]
    assert [of["review_period"] for of in out.values()] == [7, 7]
    with pytest.raises(DoesNotApply, match="policy 'abc_tiered' has no tier C"):
        changed({"policy.tiers.C.target": 0.9}, "abc_tiered", tiers=tiers)
    out = changed({"policy.name": "predictive"}, target=0.8, measure="fill_rate")["policy"]
    assert out == {"predictive": {"name": "predictive", "target": 0.8}}  # which has no measure


def test_what_excludes_what():
    changes = {each.name: each.change for each in improvements(None, (), {}, 5)}
    assert exclude(changes["abc_tiers"], changes["xyz_tiers"]) and exclude(changes["abc_tiers"], changes["targets_up"])
    assert exclude(changes["a_targets_up"], changes["a_targets_down"])
    assert exclude(changes["a_targets_up"], changes["targets_up"])
    assert not exclude(changes["a_targets_up"], changes["c_targets_down"])
    assert not exclude(changes["a_targets_up"], changes["larger_orders"])
    assert not exclude(changes["no_lag"], changes["post_every_day"])


# ------------------------------------------------------------------------------------------------------- profiles


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_asks_five_questions_and_gives_advice(name, capsys):
    asked = {question.name: question for question in questions(name)}
    assert len(asked) == 5 and all(question.because for question in asked.values())
    words = [f"profile.{key}={value}" for key, value in (("stores", 2), ("items", 5)) if key in asked]
    words += [] if "items" in asked else ["scenario.items=5"]
    days = ["days=28", "warm_up=0"] if name != "fashion" else []
    chosen = "advise.improvements=[targets_up,larger_orders,shorter_lead_times]"
    assert main(["advise", f"profile={name}", *words, *days, "replications=2", "advise.best=0", chosen]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"No data of yours is in this: it is the profile '{name}' with ")
    assert (max(Path("runs").glob("*/*")) / "figures" / "tornado.png").exists()


def test_answers_shape_the_chain(capsys):
    words = ["profile=single_shop", "profile.items=4", "profile.lead_time=[2,2]", "profile.order_days=1"]
    assert main(["run", *words, "replications=2", "days=28", "warm_up=0", "figures=false"]) == 0
    assert capsys.readouterr().out.startswith("single_shop: 4 items, 1 sites, 28 days")


def test_what_is_not_given_is_asked_until_it_is_an_answer(capsys):
    typed = iter(["twelve", "7", "", "2 to 5"])
    asked = []

    def ask(words):
        asked.append(words)
        if "How many items" in words:
            raise EOFError
        return next(typed)

    out = with_answers(["profile=chain", "profile.margin=0.2"], ask=ask)
    assert out == ["profile=chain", "profile.margin=0.2", "profile.stores=7", "profile.lead_time=[2,5]"]
    assert asked[0].startswith("How many stores? [12; ") and not any("margin" in words for words in asked)
    assert capsys.readouterr().out == "a whole number, please\n"


def test_nobody_is_asked_where_nobody_is_there(monkeypatch):
    assert profiles.at_terminal() is None  # under pytest
    assert with_answers(["profile=chain"], ask=None) == ["profile=chain"]


def test_a_profile_without_its_question_is_refused():
    Path("mine/profile").mkdir(parents=True)
    Path("mine/profile/own.yaml").write_text("profile:\n  stores: 3\n", encoding="utf-8")
    with pytest.raises(InputError, match="profile 'own': stores needs its question beside it"):
        questions("own", [Path("mine")])
