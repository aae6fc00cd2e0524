"""What a run shows: text for a terminal, one HTML file, Markdown, CSV and JUnit XML."""

from qa.evaluation.report.text import FIGURE_TITLES, render_summary

__all__ = ["FIGURE_TITLES", "render_summary"]
