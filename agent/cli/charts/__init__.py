"""Charts of values over time, in a terminal and as SVG: pure, and what is not known is a gap, never zero."""
