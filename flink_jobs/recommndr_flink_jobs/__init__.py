"""Events to features on Flink: dedupe by headers in the JVM, packs to Python, states merged by `recommndr.features`."""
