"""Files of a company's own that a policy plays: levels and forecasts, as an ERP system or a spreadsheet writes them."""
