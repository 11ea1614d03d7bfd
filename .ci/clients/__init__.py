"""What real clients do with `kmslab serve`: `.ci/serve.py` runs these modules one after the other."""
