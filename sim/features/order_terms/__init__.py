"""Terms of orders that are about money: the least that an order line must come to."""
