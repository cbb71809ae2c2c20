"""The demo: a made-up unit, written as the rosters a unit would hand over and imported by the product itself."""
