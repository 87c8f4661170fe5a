"""Write the sample Parquet table of the demo: 1,000 orders in two row groups."""

from __future__ import annotations

import datetime
import random
import sys

import pyarrow as arrow
from pyarrow import parquet

ROWS = 1000


def main(target: str) -> None:
    """Write the table; the same bytes for the same version of pyarrow.

    Args:
        target: The file to write.
    """
    chance = random.Random(2026)
    first = datetime.datetime(2026, 9, 1, tzinfo=datetime.UTC)
    table = arrow.table(
        {
            "order": arrow.array(range(1, ROWS + 1), arrow.int32()),
            "placed": [first + datetime.timedelta(minutes=37 * row) for row in range(ROWS)],
            "product": arrow.array(
                [chance.choice(("anvil", "rocket skates", "giant magnet")) for _ in range(ROWS)]
            ).dictionary_encode(),
            "pieces": arrow.array([chance.randrange(1, 9) for _ in range(ROWS)], arrow.int8()),
            "price": [round(chance.uniform(1, 900), 2) for _ in range(ROWS)],
        }
    )
    parquet.write_table(table, target, row_group_size=ROWS // 2, compression="gzip")


if __name__ == "__main__":
    main(*sys.argv[1:])
