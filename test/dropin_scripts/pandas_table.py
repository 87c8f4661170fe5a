"""Read and write tables with pandas."""

import os
import sys
from pathlib import Path

import pandas as pd

top = sys.argv[1]
tables = [pd.read_csv(path) for path in sorted(Path(top).rglob("*.csv"))]
totals = pd.concat(tables).groupby("name", as_index=False)["count"].sum()
print(totals.to_string())
os.makedirs(os.path.join(top, "result"))
totals.to_csv(os.path.join(top, "result", "totals.csv"), index=False)
totals.to_csv(Path(top) / "result" / "totals.csv.gz", index=False, compression={"method": "gzip", "mtime": 0})
totals.to_json(os.path.join(top, "result", "totals.json"), orient="records")
print(pd.read_csv(Path(top, "result", "totals.csv.gz")).equals(totals))
print(pd.read_json(os.path.join(top, "result", "totals.json")).equals(totals))
try:
    totals.to_csv(os.path.join(top, "no", "such", "directory.csv"))
except OSError as error:
    print(type(error).__name__)
try:
    import pyarrow
except ImportError:
    pass
else:
    totals.to_parquet(os.path.join(top, "result", "totals.parquet"))
    print(pd.read_parquet(os.path.join(top, "result", "totals.parquet")).equals(totals), bool(pyarrow))
    os.remove(os.path.join(top, "result", "totals.parquet"))
