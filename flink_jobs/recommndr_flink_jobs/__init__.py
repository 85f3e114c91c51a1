"""Events to features on Flink: dedupe by headers in the JVM, packs into Python, states merged by `recommndr.features`."""
