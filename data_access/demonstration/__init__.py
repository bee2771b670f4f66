"""How is the simulated company made? One noun a module; `data_access/demo.py` is the way in."""
