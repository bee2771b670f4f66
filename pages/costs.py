"""Partner managers: what does the programme cost, what does it return, and what should stop?"""

from dashboard import frames, states

if frames.choices().earliest is None:
    states.empty()
