"""Closed forms and exact calculations from the inventory literature, to plan with and to check the simulation against.

`lot_size` (EOQ), `newsvendor`, `loss` (loss functions), `base_stock` (periodic review, any whole-number law of demand
and of lead times), `min_max` (exact (s, S), and the best one), `reorder_point` ((r, Q) and (r, nQ)), `safety_stock`,
`lost_sales` and `best_lost_sales`, `one_for_one` (continuous review: Palm, Erlang, Little), `serial` (two stages;
Clark & Scarf), `guaranteed_service` (where safety stock should lie in a tree), `pooling`, `rationing`, `bullwhip`,
`changing_demand` (day by day, such as through a promotion), `supply_risk` (a supplier that is down by nights;
deliveries that are part bad), `channels` (two kinds of customers at one shelf), `interval_demand`, which sums a day's
demand over an interval, and `cost_flow` (FIFO, LIFO, average cost).

Lead times are those of restock's day (demand, then the evening's order, which arrives in the morning `lead_time` days
later): a textbook that orders before the day's demand with lead time L is `lead_time=L + 1` here. Continuous review
(`one_for_one`, `reorder_point.continuous_service`) needs no such care. Laws of demand are those of `probability.laws`.
"""
