"""What did this session work out already for the very same question? The last answer of each kind, no more.

A move of a threshold, or another tab, leaves most of a page as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Kept:
    question: object
    answer: object


def kept(name: str, question: object, compute: Callable[[], Answer]) -> Answer:
    """The answer, computed anew only where the question is another than the last time.

    Questions are compared with `==`; score cells are equal only to themselves, so new data are a new question.
    """
    key = f"kept_{name}"
    last: _Kept | None = st.session_state.get(key)
    if last is None or last.question != question:
        last = st.session_state[key] = _Kept(question, compute())
    answer: Answer = last.answer  # type: ignore[assignment]
    return answer
