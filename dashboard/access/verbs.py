"""Everything that can be done in the access section, by whoever may write ACLs."""

from collections.abc import Mapping

from dashboard.access.role_verbs import delete_role, save_role
from dashboard.access.token_verbs import clone_token, delete_token, save_token
from dashboard.access.writing import by_writers
from dashboard.doing import Verb

BY_NAME: Mapping[str, Verb] = {
    "clone-token": clone_token,
    "delete-role": delete_role,
    "delete-token": delete_token,
    "save-role": save_role,
    "save-token": save_token,
}
VERBS: Mapping[str, Verb] = {name: by_writers(verb) for name, verb in BY_NAME.items()}
