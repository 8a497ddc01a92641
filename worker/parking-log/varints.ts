// Ascending numbers as bytes: the distances between them, seven bits a byte, low bits first.

/** Each number is at least the one before it, the first at least `from`; up to 2^53. */
export function toVarints(numbers: readonly number[], from: number): Buffer {
  const bytes = Buffer.allocUnsafe(numbers.length * 8);
  let length = 0;
  let last = from;
  for (const number of numbers) {
    let distance = number - last;
    last = number;
    // Shifting would not do: it is for 32 bits.
    while (distance > 0x7f) {
      bytes[length++] = (distance % 0x80) | 0x80;
      distance = Math.floor(distance / 0x80);
    }
    bytes[length++] = distance;
  }
  return bytes.subarray(0, length);
}

/** Undefined when the bytes end within a number or go beyond 2^53. */
export function fromVarints(bytes: Uint8Array, from: number): number[] | undefined {
  const numbers: number[] = [];
  let last = from;
  let distance = 0;
  let factor = 1;
  for (const byte of bytes) {
    distance += (byte & 0x7f) * factor;
    if (byte & 0x80) {
      factor *= 0x80;
    } else {
      last += distance;
      numbers.push(last);
      distance = 0;
      factor = 1;
    }
  }
  return factor === 1 && Number.isSafeInteger(last) ? numbers : undefined;
}
