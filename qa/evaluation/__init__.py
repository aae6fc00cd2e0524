"""Asking a fixed set of questions and scoring the answers; described in docs/evaluation.md."""
