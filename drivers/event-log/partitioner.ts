// Which partition a key belongs to: murmur2 of its UTF-8, as Kafka's own clients do it, so that all
// drivers and other producers agree.

/** Kafka's default partitioner: `toPositive(murmur2(key)) % partitions`. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % partitions;
}

/** Undefined: any. */
export function partitionFor(
  { key, partition, spread }: { readonly key: string | null; readonly partition?: number; readonly spread?: string },
  partitions: number,
): number | undefined {
  const text = key ?? spread;
  return partition ?? (text === undefined ? undefined : partitionOf(text, partitions));
}

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

export function murmur2(data: Uint8Array): number {
  const { length } = data;
  let hash = SEED ^ length;
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    let k =
      (data[index] ?? 0) |
      ((data[index + 1] ?? 0) << 8) |
      ((data[index + 2] ?? 0) << 16) |
      ((data[index + 3] ?? 0) << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    k = Math.imul(k, M);
    hash = Math.imul(hash, M) ^ k;
  }
  const rest = length - index;
  if (rest === 3) hash ^= (data[index + 2] ?? 0) << 16;
  if (rest >= 2) hash ^= (data[index + 1] ?? 0) << 8;
  if (rest >= 1) {
    hash ^= data[index] ?? 0;
    hash = Math.imul(hash, M);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  hash ^= hash >>> 15;
  return hash | 0;
}
