"""How far cited text supports a sentence: pure, offline, deterministic."""

from qa.verification.names import Setting
from qa.verification.verifier import NOTHING_CITED, VERBATIM, Mismatch, Verdict, Verifier

__all__ = ["NOTHING_CITED", "VERBATIM", "Mismatch", "Setting", "Verdict", "Verifier"]
