#!/usr/bin/env bash
# Starts a broker like the official image, without its scripts and, for small machines, without full JIT compilation.
set -euo pipefail
touch /etc/kafka/docker/{server,log4j2,tools-log4j2}.{properties,yaml}
quick=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1)
# With data of an earlier start, it writes the properties and then refuses to format: the official image goes on, too.
said=$(java "${quick[@]}" -cp '/opt/kafka/libs/*' kafka.docker.KafkaDockerWrapper setup --default-configs-dir /etc/kafka/docker \
  --mounted-configs-dir /mnt/shared/config --final-configs-dir /opt/kafka/config 2>&1) \
  || [[ $said == *'already formatted'* ]] || { echo "$said" >&2; exit 1; }
# shellcheck disable=SC2086 # several options
exec java "${quick[@]}" ${KAFKA_HEAP_OPTS:-} ${KAFKA_OPTS:-} -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp '/opt/kafka/libs/*' kafka.Kafka /opt/kafka/config/server.properties
