"""Numbers of the report, computed a second time and another way, to be compared with the product's."""
