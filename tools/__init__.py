"""Tools of the project itself: set-up, supervision, tests, lint."""
