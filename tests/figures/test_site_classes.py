"""Classes by site drawn: the figures of the table, one scale for all policies, no name cut into another."""

import numpy as np
import pytest
from chains import LEAN, RICH, small_chain

from restock.experiments.cli import main
from restock.sim.figures.site_classes import MOST, by_site_and_class, heat_maps
from restock.sim.results.extending import MOST_LEVELS
from restock.sim.study.compare import compare


@pytest.fixture(scope="module")
def outcomes():
    levels = [*MOST_LEVELS, "site_class"]
    return compare(small_chain(), {"lean": LEAN, "rich": RICH}, 8, seed=1, levels=levels).outcomes


def test_classes_of_a_site_add_up_to_the_site(outcomes):
    rollup = outcomes["lean"].rollup
    groups = [name.partition(" at ")[2] for name in rollup.groupings["site_class"].names]
    sites = [site.name for site in outcomes["lean"].prepared.scenario.sites]
    assert list(dict.fromkeys(groups)) == sites
    for n, site in enumerate(sites):
        mine = rollup.sums["site_class"][:, [name == site for name in groups]].sum(axis=1)
        np.testing.assert_allclose(mine, rollup.sums["site"][:, n], rtol=1e-12)


def test_cells_say_what_the_table_does_on_one_scale(outcomes):
    figures = heat_maps(outcomes)
    scales = set()
    for label, outcome in outcomes.items():
        table = by_site_and_class(outcome)
        served = table.pivot(index="site", columns="class", values="fill_rate")
        served = served.loc[[site.name for site in outcome.prepared.scenario.sites]]
        left, right = figures[label].axes
        np.testing.assert_allclose(left.collections[0].get_array(), 100 * served)
        assert [text.get_text() for text in left.texts] == [f"{value:.1f}" for value in 100 * served.to_numpy().ravel()]
        assert [tick.get_text() for tick in left.get_yticklabels()] == list(served.index)
        scales.add((left.collections[0].get_clim(), right.collections[0].get_clim()))
        worst = table[table["site"] != "dc"].set_index(["class", "site"])["fill_rate"]
        name, site = worst.idxmin()
        assert f"{100 * worst.min():.1f}% of {name} at '{site}', least" in figures[label].get_suptitle()
    assert len(scales) == 1


def test_of_many_sites_those_that_serve_worst_are_drawn():
    prepared = small_chain(items=3, stores=MOST + 9, days=14, warm_up=0)
    outcome = compare(prepared, {"lean": LEAN}, 2, seed=1, levels=["site_class"]).outcomes["lean"]
    figure = heat_maps({"lean": outcome})["lean"]
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    least = by_site_and_class(outcome).groupby("site")["fill_rate"].min()
    assert len(names) == MOST and least[names].max() <= least.drop(names).min()
    assert f"of {MOST + 10} sites the {MOST} that serve a class worst" in figure.texts[0].get_text()


def test_a_run_of_several_sites_writes_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["scenario=regional_chain", "scenario.stores=2", "scenario.items=6", "policy=just_in_time", "days=28",
             "replications=2"]  # fmt: skip
    assert main(["run", *words]) == 0
    written = {path.name for path in (tmp_path / "runs").rglob("*")}
    assert {"classes_just_in_time.png", "site_class.csv", "site_class.parquet"} <= written
    assert main(["run", *words, "scenario.stores=1", "scenario.dc=false"]) == 0
    (alone,) = [run for run in (tmp_path / "runs").glob("*/*") if not list(run.rglob("network_*.png"))]
    assert not list(alone.rglob("*site_class*")) and not list(alone.rglob("classes_*.png"))
