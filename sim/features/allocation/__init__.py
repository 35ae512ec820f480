"""How a DC that is short decides by need, and whether goods went where they were needed."""
