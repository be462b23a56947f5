"""What an answer says in its corner."""

import json
from typing import Any


def toast(answer: Any) -> Any:  # noqa: ANN401 any JSON
    return json.loads(answer["HX-Trigger"])["toast"]
