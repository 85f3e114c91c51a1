"""Makes loopback the wildcard address of Flink's Java process, so that it does not listen beyond this machine.

Flink talks to its Python worker through six servers of Apache Beam (control, data, state, logging, artifacts, provision). They
check no credential, and the artifact service reads any file. Beam has no option for their address: it asks for loopback but
passes only the port to gRPC, which binds every interface (`ServerFactory.InetSocketAddressServerFactory.createServer`).
"""

from typing import Any


def bind_loopback_only(jvm: Any) -> None:
    """After this call, Java's wildcard address is loopback; explicit addresses are not changed.

    `java.net` has no option for it, so its cached wildcard address is replaced; Flink's config.yaml opens that package to
    reflection. Java keeps it in one class where there is IPv6 and in another where there is none, as in most containers. If
    Java's internals differ, this raises and the job does not start.
    """
    implementation = _opened(jvm.java.lang.Class.forName("java.net.InetAddress"), "impl").get(None)
    _opened(implementation.getClass(), "anyLocalAddress").set(implementation, jvm.java.net.InetAddress.getLoopbackAddress())


def _opened(java_class: Any, field_name: str) -> Any:
    field = java_class.getDeclaredField(field_name)
    field.setAccessible(True)
    return field
