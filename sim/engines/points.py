"""The named points of a day at which features take steps: one list of their order, which both engines read.

At each point the steps of features are taken in the order of the catalogue. The kernel has points of its own, where it
does for a week, or for rows of lanes, what the event engine does as it goes.
"""

from __future__ import annotations

CLOSING = ("sold", "brought_back", "lost", "scanned", "cleared", "expired", "closed")
"""After trading: what customers were handed is priced; they bring goods back; units are lost unseen; wrong scans are
booked; what is left of a season leaves; what was not sold in time is thrown away; the closing is summed up."""
POINTS = (
    "load",  # kernel: a block of lanes is filled
    "gang_loaded",  # kernel, items together: so are all
    "gang_measured",  # kernel, items together: measuring starts
    "measuring_starts",
    "week_starts",  # before the trading of days 0, 7, ...
    "week_begins",  # kernel: what all sites share of a week is drawn
    "drawn",  # kernel: the draws of a site's demand are there
    "demand",  # kernel: draws become units; one feature does it, or the laws of the cells
    "after_demand",  # kernel: the week's demand is there
    "week_drawn",  # kernel: what else is drawn for a week
    "all_drawn",  # kernel: the week of all sites is drawn
    "before_setting_out",  # kernel: what was shipped last night is about to be on its way
    "set_out",  # kernel: as it goes
    "after_setting_out",  # kernel: and is
    "arrived",  # the morning's deliveries are in, and none of their units has left
    "taken_in",  # those that are fit are on the shelf
    "before_trading",  # kernel
    "by_rank",  # kernel: customers of channels and those who walk in are served
    "traded",  # kernel: backorders were served, then the day's customers
    "pooled",  # kernel: all sites have traded, and stores help each other out
    "turned_away",  # kernel: customers of channels who were not served leave, or wait
    *CLOSING,
    "counted",
    "balanced",  # kernel: all sites are counted, and stores send each other goods
    "moved",  # what other stores sent and were sent is known
    "setting_back",  # kernel: what is not for the sites below is not on the shelf
    "pushing",  # kernel: a site that serves others is about to look at their orders
    "sharing",  # kernel: orders of the sites below are known
    "collected",  # kernel: and added up, where they are shared out
    "rationed",  # kernel: too little was shared out; a feature shares it out another way
    "shared_out",  # kernel: what stood apart from sharing leaves with the rest
    "all_shared_out",  # kernel, items together: and so it is for each item
    "before_shipping",  # kernel
    "shipped",  # to the sites below, in the evening
    "putting_back",  # kernel: and is there again
    "posted",  # kernel: the day's transactions, where they are seen late
    "learnt",  # kernel: by the policy
    "asked_first",  # what is ordered before the policy's rule is asked
    "view",  # kernel: what the policy sees, for a feature that asks it itself; one feature's, or the stock
    "review",  # kernel: what the policy sees; one feature's, or the stock
    "usual_review",  # kernel: the same at a site where that feature has nothing to ask
    "sales_seen",  # kernel: after such a review; one feature's, or the stock
    "reviewed",  # kernel
    "ordered",  # kernel: whether orders are taken today
    "taken",  # kernel: whether who delivers takes it
    "enough",  # kernel: whether it comes to enough, or to too much
    "decided",  # kernel, items together: a site has decided what to order of each
    "all_decided",  # kernel, items together: and so have all sites
    "placing",  # kernel, items together: a site's orders are about to enter the books
    "sourced",  # kernel: where an order goes
    "supplied",  # kernel: after the last order of a site, by who delivers to it from outside
    "all_ordered",  # kernel, items together: after the last order of all sites
    "day_ends",  # event engine
    "noted",  # kernel: where daily figures are kept
    "week_ends",  # kernel: the week's figures are added up
    "summed",  # kernel: those of some weeks
    "run_ends",
    "gang_ends",  # kernel, items together: the run has ended in all blocks
)
