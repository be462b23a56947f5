"""public-api: the one API that the frontend knows; what it offers comes from product-api."""

import os

from serving import CallError, Reply, app, call, client, failure, json_reply, serve

PRODUCTS = os.environ["PRODUCT_API_URI"] + "/coffees"
products = client(timeout_s=1.5)


async def answer() -> Reply:
    try:
        coffees = await call(products, PRODUCTS, source="public-api", destination="product-api")
    except CallError as error:
        return failure(error)
    return json_reply(200, {"coffees": coffees})


if __name__ == "__main__":
    serve(app("/api", answer))
