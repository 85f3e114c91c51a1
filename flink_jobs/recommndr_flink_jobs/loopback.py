"""Makes loopback the wildcard address of Flink's Java process, so that it does not listen beyond this machine.

Flink talks to its Python worker through six servers of Apache Beam (control, data, state, logging, artifacts, provision). They
check no credential, and the artifact service reads any file. Beam has no option for their address: it asks for loopback but
passes only the port to gRPC, which binds every interface (`ServerFactory.InetSocketAddressServerFactory.createServer`).
"""

from typing import Any


def bind_loopback_only(jvm: Any) -> None:
    """After this call, Java's wildcard address is loopback; explicit addresses are not changed.

    `java.net` has no option for it, so its cached wildcard address is replaced; Flink's config.yaml opens that package to
    reflection. If Java's internals differ, this raises and the job does not start.
    """
    implementation = _opened(jvm, "java.net.InetAddress", "impl").get(None)
    _opened(jvm, "java.net.Inet6AddressImpl", "anyLocalAddress").set(
        implementation, jvm.java.net.InetAddress.getLoopbackAddress()
    )


def _opened(jvm: Any, class_name: str, field_name: str) -> Any:
    field = jvm.java.lang.Class.forName(class_name).getDeclaredField(field_name)
    field.setAccessible(True)
    return field
