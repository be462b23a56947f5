"""frontend: the page with the coffees, or `Error :(` with the call that failed."""

import os

import page
from serving import CallError, Reply, app, call, client, serve

API = os.environ["PUBLIC_API_URL"] + "/api"
api = client(timeout_s=2)


async def answer() -> Reply:
    """Fail with 502 and a whole page, so that curl and monitors see what people see."""
    try:
        offered = await call(api, API, source="frontend", destination="public-api")
    except CallError as error:
        failed = page.error(source=error.source, destination=error.destination, reason=error.reason)
        return Reply(502, "text/html; charset=utf-8", failed.encode())
    return Reply(200, "text/html; charset=utf-8", page.coffees(offered["coffees"]).encode())


if __name__ == "__main__":
    serve(app("/", answer))
