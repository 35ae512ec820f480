"""The network drawn: every site and lane is there, at the figures of the table, and no name covers another."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from chains import LEAN, RICH, small_chain
from matplotlib.colors import to_rgba
from matplotlib.text import Text

from restock.policies.base_stock import BaseStock
from restock.sim.figures import network
from restock.sim.figures.network import by_site, graph_of, networks, rows_of_places
from restock.sim.study.compare import compare, evaluate


@pytest.fixture(scope="module")
def comparison():
    return compare(small_chain(), {"lean": LEAN, "rich": RICH}, 8, seed=1)


def discs(figure):
    """Circles of sites: (pixels across, colour), the legend's left out."""
    return [(line.get_markersize() / 0.72, line.get_markerfacecolor()) for line in figure.axes[0].lines
            if line.get_marker() == "o" and line.get_markerfacecolor() != "white"]  # fmt: skip


def covered(figure):
    """Pairs of texts that cover each other, and texts that run out of the slide."""
    figure.draw_without_rendering()
    texts = [text for text in figure.axes[0].texts if text.get_text()]
    boxes = [Text.get_window_extent(text) for text in texts]
    pairs = [(texts[a].get_text(), texts[b].get_text()) for a in range(len(boxes)) for b in range(a)
             if boxes[a].overlaps(boxes[b])]  # fmt: skip
    outside = [text.get_text() for text, box in zip(texts, boxes, strict=True)
               if box.x0 < 0 or box.y0 < 0 or box.x1 > 1600 or box.y1 > 900]  # fmt: skip
    return pairs + outside


def test_areas_are_as_stock_and_colours_as_fill_rates_of_the_table(comparison):
    figures, of = networks(comparison.outcomes), {label: by_site(each) for label, each in comparison.outcomes.items()}
    for label, outcome in comparison.outcomes.items():
        table = outcome.table("site", ["fill_rate", "average_inventory_value"])
        np.testing.assert_array_equal(of[label]["fill_rate"], table["estimate"][::2])
        np.testing.assert_array_equal(of[label]["stock_half_width"], table["half_width"][1::2])
    drawn = [discs(figures[label]) for label in of]
    stock = np.concatenate([sites["stock"] for sites in of.values()])
    across = np.array([size for each in drawn for size, _ in each])
    # one scale for both policies, the DC first; each figure's rows are drawn from the top
    np.testing.assert_allclose(across**2 / stock, across[0] ** 2 / stock[0])
    low, high = (float(x) for x in (figures["lean"].axes[1].get_xlim()))
    for label, each in zip(of, drawn, strict=True):
        for fill, (_, colour) in zip(of[label]["fill_rate"], each, strict=True):
            wanted = network.POOR_TO_GOOD((100 * fill - low) / (high - low))
            np.testing.assert_allclose(to_rgba(colour), wanted, atol=0.01)


def test_every_lane_is_a_line_and_every_site_says_its_figures(comparison):
    scenario = comparison.outcomes["lean"].prepared.scenario
    figure = networks(comparison.outcomes)["lean"]
    assert sum(line.get_marker() == "None" for line in figure.axes[0].lines) == len(scenario.lanes)
    texts = "\n".join(text.get_text() for text in figure.axes[0].texts)
    for name, row in by_site(comparison.outcomes["lean"]).iterrows():
        served = f"{100 * row['fill_rate']:.1f} ± {100 * row['fill_rate_half_width']:.1f}%"
        assert f"{name}\n{served}\nstock {row['stock']:,.0f}" in texts
    assert figure.get_suptitle().startswith("lean: the network of small; ± over 8 replications\nserved at once: ")


@pytest.mark.parametrize("stores", [2, 4, 7, 8, 30, 40, 60])
def test_no_name_covers_another_however_many_stores(stores):
    outcomes = compare(small_chain(items=3, stores=stores, days=14, warm_up=0), {"lean": LEAN}, 2, seed=1).outcomes
    figure = networks(outcomes)["lean"]
    assert covered(figure) == []
    assert len(discs(figure)) == stores + 1
    said = "\n".join(text.get_text() for text in figure.axes[0].texts)
    assert ("store_1" in said) == (stores <= network.IN_A_ROW)


def test_tiers_lie_from_top_to_bottom_and_many_suppliers_are_one():
    scenario = small_chain().scenario
    rows = rows_of_places(scenario, graph_of(scenario))
    assert [name for name, _ in rows] == ["supplier", "DC", "stores"]
    many = [replace(scenario.lanes[0], source=f"supplier_{k}") for k in range(9)]
    graph = graph_of(scenario.having(lanes=[*scenario.lanes, *many]))
    assert [place for place in graph if place[0] == "supplier"] == [("supplier", "10 suppliers")]
    assert graph.number_of_edges() == 1 + 3


def test_sites_that_are_all_served_alike_are_not_ranked():
    chain = small_chain(items=3, stores=3, days=14, warm_up=0)
    rich = {"rich": evaluate(chain, BaseStock(safety_factor=9.0), 2, seed=1, label="rich")}
    assert by_site(rich["rich"])["fill_rate"][1:].min() == 1
    assert networks(rich)["rich"].get_suptitle().endswith("\nserved at once: 100.0% at all 3 sites that serve no other")


def test_networkx_waits_until_a_network_is_drawn():
    code = "import sys, restock.experiments.figures, restock.sim.figures.network; assert 'networkx' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
