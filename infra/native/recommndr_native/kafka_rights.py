"""Gives Kafka's users their rights: the broker's access list is made equal to `RIGHTS`."""

from collections.abc import Iterator

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import KafkaError

from recommndr_native.kafka_users import RIGHTS, Rights

_ANY_NAME = "*"
_ALL = ACLFilter(
    None, None, ACLOperation.ANY, ACLPermissionType.ANY,
    ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
)  # fmt: skip


def ensure_rights(admin: KafkaAdminClient) -> None:
    """Add what our users lack, take away what they have beyond; lines about other users stay. Raises `KafkaError`."""
    wanted = {acl for user, rights in RIGHTS.items() for acl in acls_of(user, rights)}
    present = {acl for acl in admin.describe_acls(_ALL)[0] if acl.principal in set(map(_principal, RIGHTS))}
    failed = admin.create_acls(sorted(wanted - present, key=repr))["failed"] if wanted - present else []
    if failed:
        raise KafkaError(f"{len(failed)} rights were not given: {failed[0].__name__}")
    if present - wanted:
        admin.delete_acls([_filter(acl) for acl in present - wanted])


def acls_of(user: str, rights: Rights) -> Iterator[ACL]:
    """Lines of the access list; to read or to write includes to describe."""
    for topic in rights.reads:
        yield _allow(user, ACLOperation.READ, ResourceType.TOPIC, topic.name)
    for topic in rights.writes:
        yield _allow(user, ACLOperation.WRITE, ResourceType.TOPIC, topic.name)
    for topic in rights.describes:
        yield _allow(user, ACLOperation.DESCRIBE, ResourceType.TOPIC, topic.name)
    for group in rights.groups:
        yield _allow(user, ACLOperation.READ, ResourceType.GROUP, group)
    if rights.watches:
        yield _allow(user, ACLOperation.DESCRIBE, ResourceType.TOPIC, _ANY_NAME)
        yield _allow(user, ACLOperation.DESCRIBE, ResourceType.GROUP, _ANY_NAME)


def _allow(user: str, operation: ACLOperation, kind: ResourceType, name: str) -> ACL:
    return ACL(_principal(user), "*", operation, ACLPermissionType.ALLOW, ResourcePattern(kind, name))


def _principal(user: str) -> str:
    return f"User:{user}"


def _filter(acl: ACL) -> ACLFilter:
    pattern = acl.resource_pattern
    return ACLFilter(
        acl.principal, acl.host, acl.operation, acl.permission_type,
        ResourcePatternFilter(pattern.resource_type, pattern.resource_name, pattern.pattern_type),
    )  # fmt: skip
