"""Marketing: who gets how much credit for a deal, and does it add up?"""

from dashboard import frames, states

if frames.choices().earliest is None:
    states.empty()
