"""Makes loopback the wildcard address of Flink's Java process, so that it does not listen beyond this machine.

Flink talks to its Python worker through six servers of Apache Beam (control, data, state, logging, artifacts, provision), which
ask for no credential and whose artifact service reads any file. Beam has no option for their address: it names loopback and
then hands only the port to gRPC, which binds every interface (`ServerFactory.InetSocketAddressServerFactory.createServer`).
"""

from typing import Any


def bind_loopback_only(jvm: Any) -> None:
    """From here on who asks Java for the wildcard address gets loopback; an address that is spelled out stays what it is.

    `java.net` has no option for it, so its cached answer is replaced: Flink opens that package to reflection in its
    config.yaml. Where Java's inside differs this raises, and the job does not start.
    """
    implementation = _opened(jvm, "java.net.InetAddress", "impl").get(None)
    _opened(jvm, "java.net.Inet6AddressImpl", "anyLocalAddress").set(
        implementation, jvm.java.net.InetAddress.getLoopbackAddress()
    )


def _opened(jvm: Any, class_name: str, field_name: str) -> Any:
    field = jvm.java.lang.Class.forName(class_name).getDeclaredField(field_name)
    field.setAccessible(True)
    return field
