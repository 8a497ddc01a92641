// A checksum per value, bound to where it stands: SQLite does not notice a flipped bit, and a value
// must not be served for another's.
import { crc32 } from 'node:zlib';
import { TenfoldError } from '../../../core/errors.ts';

export function rowChecksum(value: Uint8Array, ...where: readonly (string | number)[]): number {
  return crc32(value, crc32(where.join('\0')));
}

export function assertIntact(value: Uint8Array, crc: number, ...where: readonly (string | number)[]): void {
  if (rowChecksum(value, ...where) === crc) return;
  throw new TenfoldError(
    'data-corrupt',
    `What the store holds for ${where.map(part => `'${part}'`).join(' ')} is damaged. It is not served; writing it anew repairs it.`,
  );
}
