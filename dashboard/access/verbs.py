"""Everything that can be done in the access section, by whoever may write ACLs."""

from collections.abc import Mapping

from dashboard.access.method_verbs import delete_method, save_method
from dashboard.access.policy_verbs import delete_policy, save_policy
from dashboard.access.role_verbs import delete_role, save_role
from dashboard.access.rule_verbs import delete_rule, save_rule
from dashboard.access.token_verbs import clone_token, delete_token, save_token
from dashboard.access.writing import by_writers
from dashboard.doing import Verb

BY_NAME: Mapping[str, Verb] = {
    "clone-token": clone_token,
    "delete-method": delete_method,
    "delete-policy": delete_policy,
    "delete-role": delete_role,
    "delete-rule": delete_rule,
    "delete-token": delete_token,
    "save-method": save_method,
    "save-policy": save_policy,
    "save-role": save_role,
    "save-rule": save_rule,
    "save-token": save_token,
}
VERBS: Mapping[str, Verb] = {name: by_writers(verb) for name, verb in BY_NAME.items()}
