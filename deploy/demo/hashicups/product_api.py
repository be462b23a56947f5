"""product-api: the coffees from PostgreSQL, whose connections it keeps and replaces when cut."""

import asyncio
import os
from typing import Any

import psycopg
from psycopg.rows import dict_row
from serving import CallError, Reply, app, failure, json_reply, serve

CONNECTION = os.environ["DB_CONNECTION"]
TIMEOUT_S = 1.0
KEPT = 4
COFFEES = """
    SELECT coffees.id, coffees.name, teaser, price_cents, tint,
           json_agg(json_build_object('name', ingredients.name, 'quantity', quantity, 'unit', unit)
                    ORDER BY quantity DESC) AS ingredients
    FROM coffees
    JOIN coffee_ingredients ON coffee_id = coffees.id
    JOIN ingredients ON ingredient_id = ingredients.id
    GROUP BY coffees.id
    ORDER BY coffees.id
"""

Connection = psycopg.AsyncConnection[dict[str, Any]]
idle: list[Connection] = []


async def coffees() -> list[dict[str, Any]]:
    """Ask on a kept connection, and on a new one where the kept ones were cut meanwhile."""
    while idle:
        connection = idle.pop()
        try:
            return await ask(connection)
        except psycopg.OperationalError:
            continue
    return await ask(
        await psycopg.AsyncConnection.connect(CONNECTION, autocommit=True, row_factory=dict_row)
    )


async def ask(connection: Connection) -> list[dict[str, Any]]:
    """Give the connection back only after a whole answer: a broken one must not be kept."""
    whole = False
    try:
        rows = await (await connection.execute(COFFEES)).fetchall()
        whole = True
    finally:
        if whole and len(idle) < KEPT:
            idle.append(connection)
        else:
            await connection.close()
    return rows


async def answer() -> Reply:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return json_reply(200, await coffees())
    except TimeoutError:
        reason = f"no answer within {TIMEOUT_S:g} s"
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1].strip()
    return failure(CallError(source="product-api", destination="postgres", reason=reason))


if __name__ == "__main__":
    serve(app("/coffees", answer))
