"""Everything that can be done in the access section, by whoever may write ACLs."""

from collections.abc import Mapping

from dashboard.access.policy_verbs import delete_policy, save_policy
from dashboard.access.role_verbs import delete_role, save_role
from dashboard.access.token_verbs import clone_token, delete_token, save_token
from dashboard.access.writing import by_writers
from dashboard.doing import Verb

BY_NAME: Mapping[str, Verb] = {
    "clone-token": clone_token,
    "delete-policy": delete_policy,
    "delete-role": delete_role,
    "delete-token": delete_token,
    "save-policy": save_policy,
    "save-role": save_role,
    "save-token": save_token,
}
VERBS: Mapping[str, Verb] = {name: by_writers(verb) for name, verb in BY_NAME.items()}
