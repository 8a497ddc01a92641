// The hash by which an index of events knows a text.

/** FNV-1a over UTF-16 units. Texts that share a hash make finding slower, and nothing else. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mixedBits(hash);
}

/** The last steps of MurmurHash3: each bit of the result depends on all of the given ones. */
export function mixedBits(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
