"""Where does everything begin? Page config, sign-in gate, filters, navigation; nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # `streamlit run dashboard/app.py` from anywhere
    sys.path.insert(0, str(ROOT))

import pandas  # noqa: E402, F401 - Plotly looks whether it is there, and must not find it half imported
import streamlit as st  # noqa: E402

from dashboard import filters, frames, navigation, sign_in, states  # noqa: E402

st.set_page_config(page_title="Partner performance", page_icon=str(ROOT / "dashboard" / "icon.svg"), layout="wide")

stale = None
with states.guarded():
    viewer = sign_in.gate()
    page = navigation.choose()
    banner = st.container()
    filters.sidebar(frames.choices())
    sign_in.corner(viewer)
    with states.guarded():
        page.run()
    with banner:
        stale = states.banner()
states.watch(stale)
