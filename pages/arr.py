"""Executives: what ARR did partners bring, why did it change, and what is coming?"""

from dashboard import frames, states

if frames.choices().earliest is None:
    states.empty()
