"""Goods bought for a season, marked down and cleared."""
