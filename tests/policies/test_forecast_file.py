"""A company's forecasts: read in the forms that they come in, never from the future, alike in both engines."""

import dataclasses
import datetime
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from forecast_files import seasonal_naive

from restock.policies.abc_tiered import AbcTiered
from restock.policies.own_files.forecast_cells import forecasts_of
from restock.policies.own_files.forecast_levels import days_ahead
from restock.policies.predictive import Predictive
from restock.sim.engines.events.engine import run_events
from restock.sim.errors import InputError
from restock.sim.features.records.settings import Records
from restock.sim.measures.ledger import named
from restock.sim.model.demand import History
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.levels import on_day
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Empirical, NegativeBinomial, Poisson
from restock.sim.run.shards import run_kernel

START = datetime.date(2024, 1, 1)  # a Monday
NAMES = ("milk", "0012")
STORES = ("east", "west")


def record(days=84):
    """What was sold, a unique_id each: weekly swings, and a level that moves."""
    rng = np.random.default_rng(3)
    week = np.array([3, 3, 4, 4, 6, 9, 7])
    return {f"{item}/{site}": rng.poisson(week[np.arange(days) % 7] * (1 + np.arange(days) / 100) * (1 + 2 * k))
            for k, (item, site) in enumerate((i, s) for i in NAMES for s in STORES)}  # fmt: skip


def chain(days=49, warm_up=28, counted=1.0, **settings):
    """Two stores behind a DC, with that record played again from day 0 of the warm-up on."""
    items = [dataclasses.replace(Item(name), counted_in=counted) for name in NAMES]
    sites = [Site("dc", kind="dc"), Site("east", served_by="dc"), Site("west", served_by="dc")]
    lanes = [Lane("supplier", "dc", Empirical((3, 5), (1, 1))), Lane("dc", "east", Constant(1)),
             Lane("dc", "west", Empirical((1, 2), (3, 1)))]  # fmt: skip
    demand = {(name, site): NegativeBinomial(6.0, 0.3) for name in NAMES for site in STORES}
    made = scenario_of("chain", items, sites, lanes, demand, start=START, days=days, warm_up=warm_up, **settings)
    units = np.array(list(record().values()))
    row_of = np.array([[-1, 0, 1], [-1, 2, 3]])
    history = History(units, row_of, START)
    return Prepared(
        dataclasses.replace(made, demand=dataclasses.replace(made.demand, history=history, source="replay"))
    )


def file_of(folder, frame, name="forecasts.csv"):
    path = folder / name
    frame.to_csv(path, index=False)
    return str(path)


@pytest.fixture
def weekly_run(tmp_path):
    """Forecasts made every Sunday for two weeks."""
    return file_of(tmp_path, seasonal_naive(record(), START, range(6, 84, 7), 14))


def by_hand(frame, known, cell, evening, days, lag=0):
    """The path that is known on an evening, day by day, and the sum of so many of its days."""
    item, site = cell
    mine = frame[frame["unique_id"] == f"{item}/{site}"]
    i, n = [each.name for each in known.scenario.items].index(item), [s.name for s in known.scenario.sites].index(site)
    start = pd.Timestamp(known.scenario.start)
    ds, cutoff = ((pd.to_datetime(mine[name]) - start).dt.days.to_numpy() for name in ("ds", "cutoff"))
    hand = cutoff + lag <= evening
    path, mean = {}, mine["mean"].to_numpy()
    for day, value in sorted(zip(zip(cutoff[hand], ds[hand], strict=True), mean[hand], strict=True)):
        path[day[1]] = value
    inside = {day: value for day, value in path.items() if day >= 0}
    out = []
    for day in range(evening + 1, evening + 2 + int(days)):
        if not inside:
            out.append(known.demand_mean[i, n])
            continue
        while day > max(inside):
            day -= 7
        out.append(inside.get(day, known.demand_mean[i, n]))
    whole = int(days)
    return out[0], sum(out[:whole]) + (days - whole) * out[whole]


@pytest.mark.parametrize("lag", [0, 2])
@pytest.mark.parametrize("cutoffs, horizon", [(range(6, 84, 7), 14), (range(6, 84), 8), ((6, 8, 30, 33, 60, 70), 9)])
def test_a_day_is_as_the_newest_cutoff_at_hand_has_it(tmp_path, cutoffs, horizon, lag):
    """Each evening against the file read plainly: never a later cutoff; beyond the rows the last week again."""
    known = Prepared(chain().scenario.having(Records(lag=lag))).known
    frame = seasonal_naive(record(), START, cutoffs, horizon)
    found = forecasts_of(file_of(tmp_path, frame), None, None, known)
    ahead = days_ahead(found, known, review_period=3, order_days=4.5)
    cover = known.protection_interval(3)
    for cell, (i, n) in enumerate(zip(ahead.item, ahead.site, strict=True)):
        item, site = known.scenario.items[i].name, known.scenario.sites[n].name
        for evening in range(-1, known.scenario.horizon, 5):
            parts = [by_hand(frame, known, (item, s), evening, cover[i, n], lag) for s in STORES if site in (s, "dc")]
            more = [
                by_hand(frame, known, (item, s), evening, cover[i, n] + 4.5, lag) for s in STORES if site in (s, "dc")
            ]
            assert ahead.tomorrow[cell, evening + 1] == pytest.approx(sum(one for one, _ in parts))
            assert ahead.cover[cell, evening + 1] == pytest.approx(sum(all_days for _, all_days in parts))
            assert ahead.lot[cell, evening + 1] == pytest.approx(sum(x for _, x in more) - sum(x for _, x in parts))


def test_what_is_forecast_later_changes_nothing_before(tmp_path, weekly_run):
    """Cutoffs from day 41 on are wild; until then everything is as it was."""
    known = chain().known
    frame = pd.read_csv(weekly_run)
    late = pd.to_datetime(frame["cutoff"]) >= pd.Timestamp(START) + pd.Timedelta(days=41)
    assert late.any()
    frame.loc[late, ["mean", "mean-lo-80", "mean-hi-80"]] = 500.0
    one, other = (chain().plan(Predictive(file=file)) for file in (weekly_run, file_of(tmp_path, frame, "wild.csv")))
    for name in one.levels[0]:
        same = [(on_day(one.levels[0][name], day) == on_day(other.levels[0][name], day)).all()
                for day in range(known.scenario.horizon)]  # fmt: skip
        assert all(same[:41]) and (name in ("posted_parts", "deviation_parts") or not same[41])


@pytest.mark.parametrize("quantiles", [True, False])
@pytest.mark.parametrize("lag, every, review", [(0, 1, 1), (1, 1, 3), (2, 3, 1)])
def test_both_engines_walk_the_same_path(weekly_run, tmp_path, quantiles, lag, every, review):
    prepared = Prepared(chain(counted=0.5).scenario.having(Records(lag=lag, reconcile_every=every, count_every=9)))
    frame = pd.read_csv(weekly_run)
    file = file_of(tmp_path, frame if quantiles else frame[["unique_id", "ds", "cutoff", "mean"]], "read.csv")
    tiers = {"A": {"name": "predictive", "file": file}, "other": {"name": "predictive"}}
    for policy in (Predictive(file=file, review_period=review), AbcTiered(tiers=tiers)):
        plan = prepared.plan(policy)
        kernel, events = run_kernel(prepared, plan, 1, 2), run_events(prepared, plan, 1, 2)
        assert kernel.ledger.any() and (kernel.ledger == events.ledger).all()


@pytest.mark.parametrize("lag, every, review", [(0, 1, 1), (1, 3, 4)])
def test_a_file_of_what_is_known_is_predictive_that_never_learns_a_level(tmp_path, lag, every, review):
    """Forecasts that always say the mean that a planner knows: the same orders as by a level that stays there."""
    scenario = chain().scenario.having(Records(lag=lag, reconcile_every=every))
    prepared = Prepared(dataclasses.replace(scenario, demand=dataclasses.replace(scenario.demand, source="fitted")))
    days = pd.date_range(START, periods=90).strftime("%Y-%m-%d")
    cells = [f"{item}/{site}" for item in NAMES for site in STORES]
    frame = pd.DataFrame({"unique_id": np.repeat(cells, 90), "ds": [*days] * 4, "cutoff": "2023-12-01", "mean": 6.0})
    assert np.allclose(prepared.known.demand_mean[:, 1:], 6.0, atol=1e-6)
    settings = {"review_period": review, "order_days": 3.0}
    frame["cutoff"] = "2023-12-31"
    if lag:
        frame = pd.concat([frame, frame.iloc[::90].assign(ds="2023-12-31", cutoff="2023-12-30")])
    told = prepared.plan(Predictive(file=file_of(tmp_path, frame), bucket="day", **settings))
    still = prepared.plan(Predictive(alpha=1e-12, **settings))
    one, other = (run_kernel(prepared, plan, 1, 3).ledger for plan in (told, still))
    assert one.any() and (one == other).all()


def test_errors_are_measured_as_those_of_built_in_forecasts(tmp_path):
    """Perfect forecasts of a perfect record: no error at stores, and MASE 0."""
    prepared, units = chain(opening_days=60.0), record()
    rows = [(name, START + datetime.timedelta(days=d), START + datetime.timedelta(days=d - 1), units[name][d])
            for name in units for d in range(84)]  # fmt: skip
    file = file_of(tmp_path, pd.DataFrame(rows, columns=["unique_id", "ds", "cutoff", "mean"]))
    ledger = named(run_kernel(prepared, prepared.plan(Predictive(file=file, bucket="day")), 1, 1).ledger)
    stores = prepared.scenario.tier == 0
    assert ledger["forecast_days"][..., stores].min() == 49 and ledger["forecast_abs_error"][..., stores].max() == 0
    assert ledger["naive_abs_error"][..., stores].min() > 0


def test_good_forecasts_are_worth_more_than_smoothing(weekly_run):
    """The record has weekdays; a forecast that knows them errs less than one that does not."""
    prepared = chain()
    of = {}
    for label, policy in {"file": Predictive(file=weekly_run), "built_in": Predictive()}.items():
        ledger = named(run_kernel(prepared, prepared.plan(policy), 1, 4).ledger)
        of[label] = ledger["forecast_abs_error"][..., 1:].sum() / ledger["naive_abs_error"][..., 1:].sum()
    assert of["file"] < 0.9 * of["built_in"]


def test_forms_that_files_come_in_are_the_same(weekly_run, tmp_path):
    """Names of quantiles and cells, orders of rows, Excel's separators and dates, a column of what came (y)."""
    known, frame = chain().known, pd.read_csv(weekly_run)
    first = forecasts_of(weekly_run, None, None, known)
    item, site = frame["unique_id"].str.split("/").str[0], frame["unique_id"].str.split("/").str[1]
    rest = frame.drop(columns="unique_id").rename(columns={"mean": "ETS", "mean-lo-80": "ETS-lo-80.0",
                                                            "mean-hi-80": "ETS-hi-80.0"})  # fmt: skip
    shares = frame.rename(columns={"mean-lo-80": "0.1", "mean-hi-80": "0.9"})
    forms = {
        "turned": frame.assign(unique_id=site + "_" + item).sample(frac=1.0, random_state=1),
        "columns": rest.assign(SKU=item, Location=site, y=7),
        "one_beside": rest.assign(unique_id=item, site=site),
        "timegpt": frame.rename(
            columns={"mean": "TimeGPT", "mean-lo-80": "TimeGPT-q-10", "mean-hi-80": "TimeGPT-q-90"}
        ),
        "shares": shares,
        "two_models": frame.assign(Naive=1.0),
    }
    for name, form in forms.items():
        again = forecasts_of(file_of(tmp_path, form, f"{name}.csv"), None, None, known)
        for part in ("item", "site", "cell", "as_of", "first", "last", "mean", "deviation"):
            assert np.array_equal(getattr(first, part), getattr(again, part)), (name, part)
    german = frame.assign(**{name: pd.to_datetime(frame[name]).dt.strftime("%d.%m.%Y") for name in ("ds", "cutoff")})
    german.to_csv(tmp_path / "german.csv", index=False, sep=";", decimal=",")
    assert np.array_equal(forecasts_of(str(tmp_path / "german.csv"), None, None, known).mean, first.mean)


def test_quantiles_give_the_spread_of_a_normal_through_them(tmp_path):
    """10, 50 and 90% of a normal of 4: its deviation; a single one by its distance from the mean."""
    frame = pd.DataFrame({"unique_id": [f"{i}/{s}" for i in NAMES for s in STORES for _ in range(90)]})
    frame["ds"] = np.tile([(START + datetime.timedelta(days=d)).isoformat() for d in range(90)], 4)
    frame = frame.assign(cutoff="2023-12-31", mean=10.0, q10=10 - 4 * 1.2815516, median=10.0, q90=10 + 4 * 1.2815516)
    known = chain().known
    for columns in (["q10", "median", "q90"], ["q90"]):
        made = frame[["unique_id", "ds", "cutoff", "mean", *columns]]
        found = forecasts_of(file_of(tmp_path, made), None, None, known)
        assert found.deviation == pytest.approx(np.full(len(made), 4.0), abs=1e-5)
    plan = Prepared(chain().scenario).plan(Predictive(file=file_of(tmp_path, frame)))
    parts = plan.levels[0]["deviation_parts"]
    assert on_day(parts, 30)[0].tolist() == [-1, 4000, 6225]  # west: 1.25 days of 16, and 0.1875 of 10 squared
    said = ["the spread is that of the errors met in the run, at sites without rows of their own"]
    assert [note.partition(": ")[2] for note in plan.notes] == said


def test_weeks_are_spread_over_their_days(tmp_path):
    """Week beginning: its cutoff is a week, too, known when it is over. Week ending: known on its date."""
    known = chain(warm_up=14).known
    monday = [START + datetime.timedelta(days=7 * k) for k in range(12)]
    for shift, evening in ((0, 7 * 2 + 6), (6, 7 * 2 + 6)):
        rows = [(f"{i}/{s}", ds + datetime.timedelta(days=shift), cutoff + datetime.timedelta(days=shift), 70.0 + k)
                for i in NAMES for s in STORES for k, cutoff in enumerate(monday)
                for ds in monday[k + 1 : k + 3]]  # fmt: skip
        frame = pd.DataFrame(rows, columns=["unique_id", "ds", "cutoff", "mean"])
        found = forecasts_of(file_of(tmp_path, frame), None, None, known)
        assert "a row is a week" in found.said[0] and (found.last - found.first == 6).all()
        ahead = days_ahead(found, known, 1, 7.0)
        east = list(zip(ahead.item, ahead.site, strict=True)).index((0, 1))
        assert ahead.tomorrow[east, evening] == pytest.approx(71 / 7)  # as of the second week, the evening before
        assert ahead.tomorrow[east, evening + 1] == pytest.approx(72 / 7)  # as of the third, when it is over


def test_rows_of_a_dc_take_the_place_of_the_sum_below(tmp_path, weekly_run):
    known, frame = chain().known, pd.read_csv(weekly_run)
    own = frame[frame["unique_id"] == "milk/east"].assign(unique_id="milk/dc", mean=100.0)
    found = forecasts_of(file_of(tmp_path, pd.concat([frame, own])), None, None, known)
    ahead = days_ahead(found, known, 1, 7.0)
    at = {cell: k for k, cell in enumerate(zip(ahead.item.tolist(), ahead.site.tolist(), strict=True))}
    assert (ahead.tomorrow[at[0, 0], 30:] == 100.0).all()
    below = ahead.tomorrow[at[1, 1]] + ahead.tomorrow[at[1, 2]]
    assert ahead.tomorrow[at[1, 0]] == pytest.approx(below)


def refused(folder, frame, known=None, **settings):
    file = frame if isinstance(frame, str) else file_of(folder, frame)
    prepared = chain() if known is None else known
    with pytest.raises(InputError) as caught:
        prepared.plan(Predictive(file=file, **settings))
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(file, "FILE")


ROW = 3  # of the frame; row 5 of the file
FAULTS = {
    "unknown cell": (
        {"unique_id": "mlik/east"},
        "unique_id 'mlik/east' in FILE row 5 is unknown: no item and site of the scenario, such as 'milk/dc'; columns "
        "item and site may say them apart",
    ),
    "negative": ({"mean": -2.0}, "FILE row 5: mean must be a number of units not below 0, got -2.0"),
    "no number": ({"mean": "many"}, "FILE row 5: mean must be a number of units not below 0, got many"),
    "missing": ({"mean": np.nan}, "FILE row 5: mean is empty"),
    "cutoff after": ({"cutoff": "2024-02-01"}, "FILE row 5: ds 2024-01-11 must lie after its cutoff, 2024-02-01"),
    "date": ({"ds": "soon"}, "FILE row 5: ds is no date (YYYY-MM-DD), got soon"),
    "no date": ({"cutoff": ""}, "FILE row 5: cutoff is empty"),
    "twice": (
        {"ds": "2024-01-10"},
        "FILE row 5: item 'milk' at site 'east' has a forecast of 2024-01-10 as of the same cutoff already, in row 4",
    ),
    "cross": (
        {"mean-lo-80": 99.0, "mean-hi-80": 9.0},
        "FILE row 5: 10% quantile (mean_lo_80) 99 is above 90% quantile (mean_hi_80) 9",
    ),
    "no quantile": ({"mean-hi-80": np.nan}, "FILE row 5: mean_hi_80 is empty"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_row_is_one_line(tmp_path, weekly_run, fault):
    changes, message = FAULTS[fault]
    frame = pd.read_csv(weekly_run).astype(object)
    for column, value in changes.items():
        frame.loc[ROW, column] = value
    assert refused(tmp_path, frame) == message


def test_a_day_between_two_that_is_left_out_is_one_line(tmp_path, weekly_run):
    assert refused(tmp_path, pd.read_csv(weekly_run).drop(index=ROW)) == (
        "FILE row 5: item 'milk' at site 'east' has no forecast of 2024-01-11 as of this cutoff, but of days before "
        "and after it"
    )


def moved(frame, days):
    dates = {name: pd.to_datetime(frame[name]) + pd.Timedelta(days=days) for name in ("ds", "cutoff")}
    return frame.assign(**dates)


FIRST = "; the first of them: item 'milk' at site 'east'"
WHOLE = {
    "no cutoff": (
        lambda f: f.drop(columns="cutoff"),
        "FILE: column 'cutoff' is missing, the last day that a forecast knew of; it has unique_id, ds, mean, "
        "mean_lo_80, mean_hi_80",
    ),
    "no ds": (
        lambda f: f.rename(columns={"ds": "when"}),
        "FILE: column 'ds' is missing, the day that is forecast; it has unique_id, when, cutoff, mean, mean_lo_80, "
        "mean_hi_80",
    ),
    "no cell": (
        lambda f: f.rename(columns={"unique_id": "id"}),
        "FILE: column 'unique_id' is missing, or item and site; it has id, ds, cutoff, mean, mean_lo_80, mean_hi_80",
    ),
    "no mean": (
        lambda f: f.drop(columns="mean"),
        "FILE: column 'mean' is missing; it has unique_id, ds, cutoff, mean_lo_80, mean_hi_80",
    ),
    "two models": (
        lambda f: f.rename(columns={"mean": "ETS"}).assign(Naive=1),
        "FILE has forecasts of ets, naive; say whose: policy.predictive_from_file.model=NAME",
    ),
    "no row": (lambda f: f.iloc[:0], "FILE holds no row below its header"),
    "a cell without": (
        lambda f: f[f["unique_id"] != "0012/west"],
        "FILE: 1 cells have no forecasts; the first of them: item '0012' at site 'west'",
    ),
    "too late": (
        lambda f: f[f["cutoff"] > "2024-02-01"],
        "FILE: 4 cells have no forecast at hand on 2024-01-29, the first day measured; the earliest is on 2024-02-04"
        + FIRST,
    ),
    "too short": (
        lambda f: f[f["ds"] < "2024-03-01"],
        "FILE: 4 cells have forecasts to 2024-02-29 only, and the run goes on to 2024-03-17; days=32 ends with them"
        + FIRST,
    ),
    "another year": (
        lambda f: moved(f, -1827),
        "FILE: 4 cells have forecasts to 2019-04-07 only, and the run goes on to 2024-03-17" + FIRST,
    ),
}


@pytest.mark.parametrize("fault", WHOLE)
def test_a_file_that_will_not_do_is_one_line(tmp_path, weekly_run, fault):
    change, message = WHOLE[fault]
    assert refused(tmp_path, change(pd.read_csv(weekly_run))) == message


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": "Naive"}, "model 'Naive' in FILE is unknown; choose from: mean"),
        ({"bucket": "month"}, "bucket 'month' of policy 'predictive' is unknown; choose from: day, week, "
                              "week_beginning, week_ending"),
        ({"alpha": 0.3}, "alpha of policy 'predictive' says how it makes forecasts of its own; leave it out beside "
                         "file=FILE, got 0.3"),
        ({"bucket": "week"}, "FILE: bucket=week needs dates on one weekday; they fall on Monday, Tuesday, Wednesday, "
                             "Thursday, Friday, Saturday, Sunday"),
    ],
)  # fmt: skip
def test_settings_that_do_not_go_with_a_file_are_one_line(tmp_path, weekly_run, settings, message):
    with pytest.raises(InputError) as caught:
        chain().plan(Predictive(file=weekly_run, **settings))
    assert str(caught.value).replace(weekly_run, "FILE") == message


def test_late_books_make_forecasts_late(tmp_path, weekly_run):
    """Forecasts made of what was posted are at hand when that is: two days after their cutoff, if the books are."""
    late = Prepared(chain(warm_up=7).scenario.having(Records(lag=2)))
    assert refused(tmp_path, weekly_run, late) == (
        "FILE: 4 cells have no forecast at hand on 2024-01-08, the first day measured; the earliest is on 2024-01-09, "
        "2 days after its cutoff as the books are late; the first of them: item 'milk' at site 'east'"
    )


def test_setting_a_model_without_a_file_is_one_line():
    with pytest.raises(InputError) as caught:
        Predictive(model="ETS")
    said = "model of policy 'predictive' says how its file is read; give file, or leave it out"
    assert str(caught.value) == said


def test_one_shop_needs_no_site_in_unique_id(tmp_path):
    demand = {("milk", "store"): Poisson(5.0)}
    shop = scenario_of(
        "shop", [Item("milk")], [Site("store")], [Lane("supplier", "store")], demand, start=START, days=14
    )
    frame = seasonal_naive({"milk": record()["milk/east"]}, datetime.date(2023, 12, 1), [30], 30)
    plan = Prepared(shop).plan(Predictive(file=file_of(tmp_path, frame)))
    assert plan.forecasts and plan.notes == ()


def test_what_is_assumed_is_said(weekly_run, tmp_path):
    frame = pd.read_csv(weekly_run)
    short = frame[pd.to_datetime(frame["ds"]) - pd.to_datetime(frame["cutoff"]) <= pd.Timedelta(days=5)]
    plan = chain().plan(Predictive(file=file_of(tmp_path, short)))
    assert [note.partition(": ")[2] for note in plan.notes] == [
        "before a cell's first forecast (2024-01-07 on), in the warm-up, a day is as demand is known on average",
        "29.2% of the days lay beyond the rows at hand the evening before; the last week of these was carried on",
        "the spread is that of the errors met in the run, at sites without rows of their own",
    ]
    assert all(one != other for one, other in pairwise(plan.notes))
