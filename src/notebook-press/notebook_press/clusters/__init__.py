"""Runs on a Dask cluster: what is sent there, what happens there, and who waits for it here."""
