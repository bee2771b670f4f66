"""Marketing: which channel brings most for its cost, and where should the next euro go?"""

from dashboard import frames, states

if frames.choices().earliest is None:
    states.empty()
