"""The demo: a made-up unit, written as the rosters a unit would hand over and brought in by the product's own import."""
