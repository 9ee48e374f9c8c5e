/**
 * The partition of a record key by Sarama's hash partitioner, which Dapr's Kafka component uses: FNV-1a 32 read as a
 * signed number, remainder by the partition count, sign dropped (IBM/sarama partitioner.go, NewHashPartitioner).
 * Java's murmur2 would put the same key elsewhere.
 */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return Math.abs(fnv1a(key) % partitions);
}

/**
 * The partition of a record without a key: round robin, counted by the caller.
 * Sarama takes one at random; both promise no order, and turns are even and repeatable.
 */
export function partitionOfKeyless(count: number, partitions: number): number {
  return count % partitions;
}

/** FNV-1a, 32 bits, as a signed number. */
function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5 | 0;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
