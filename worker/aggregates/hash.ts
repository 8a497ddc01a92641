// A fast hash of texts, good enough to count different ones: 53 bits, the same in every process
// (cyrb53, public domain).
import { toExactText } from '../../core/units/whole-numbers.ts';

export function hash53(text: string): number {
  let one = 0xdeadbeef;
  let two = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 2654435761);
    two = Math.imul(two ^ code, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(two ^ (two >>> 13), 3266489909);
  two = Math.imul(two ^ (two >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  return 4294967296 * (2097151 & two) + (one >>> 0);
}

/** Values that are equal as JSON have one text, others have different ones. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : `\u0000${toExactText(value)}`;
}
