"""Marketing: what would another scorecard have done, and how much of that is seen, how much estimated?

Where the data name no partner, the page answers the same for all leads.
"""

import streamlit as st

from dashboard import filters, frames, states
from dashboard.views import what_if

choices, chosen = frames.choices(), filters.chosen()
if choices.earliest is None:
    states.empty()
    st.stop()

what_if.prepare(chosen.period, chosen)
what_if.draw(chosen)
