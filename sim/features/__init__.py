"""What a model may have beside orders, sales and shipping: a folder each, named in `features.catalogue`."""
