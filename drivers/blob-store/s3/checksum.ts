// The checksum that a server keeps of an object, computed anew while the object is read: of all of
// it, or of its parts and then of these.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { crc32c } from '../../crc32c.ts';
import { crc64nvme } from './crc.ts';

/** The checksum in an answer of S3. */
export interface ChecksumAnswer {
  readonly ChecksumType?: string | undefined;
  readonly ChecksumCRC32?: string | undefined;
  readonly ChecksumCRC32C?: string | undefined;
  readonly ChecksumCRC64NVME?: string | undefined;
  readonly ChecksumSHA1?: string | undefined;
  readonly ChecksumSHA256?: string | undefined;
}

/** The sizes of the parts of an object, as the server reports them. */
export interface Parts {
  /** Length of part `number`, counted from 1; undefined where the server does not tell. */
  lengthOf(number: number): Promise<number | undefined>;
  /** Bytes of the object. */
  readonly size: number;
}

/** A running checksum over one reading, starting at the first byte. */
export interface Checksum {
  update(bytes: Buffer): Promise<void>;
  /** Undefined where nobody can say. */
  fits(): Promise<boolean | undefined>;
}

interface Digest {
  update(bytes: Buffer): unknown;
  digest(): Buffer;
}

const ALGORITHMS = {
  ChecksumCRC32: () => crcDigest(4, (bytes, before) => BigInt(crc32(bytes, Number(before)))),
  ChecksumCRC32C: () => crcDigest(4, (bytes, before) => BigInt(crc32c(bytes, 0, bytes.length, Number(before)))),
  ChecksumCRC64NVME: () => crcDigest(8, crc64nvme),
  ChecksumSHA1: () => createHash('sha1'),
  ChecksumSHA256: () => createHash('sha256'),
} as const satisfies Readonly<Record<string, () => Digest>>;

const NAMES = ['ChecksumCRC32', 'ChecksumCRC32C', 'ChecksumCRC64NVME', 'ChecksumSHA1', 'ChecksumSHA256'] as const;

/** Undefined where the server keeps none. */
export function checksumOf(answer: ChecksumAnswer, parts: Parts): Checksum | undefined {
  for (const name of NAMES) {
    const value = answer[name];
    if (value === undefined) continue;
    const [, sum = '', count] = /^([^-]+)(?:-(\d+))?$/.exec(value) ?? [];
    if (count !== undefined) return ofParts(ALGORITHMS[name], sum, Number(count), parts);
    // It cannot be said of how many parts it is.
    return answer.ChecksumType === 'COMPOSITE' ? undefined : ofAll(ALGORITHMS[name](), sum);
  }
  return undefined;
}

function ofAll(digest: Digest, sum: string): Checksum {
  return {
    async update(bytes) {
      digest.update(bytes);
    },
    fits: async () => digest.digest().toString('base64') === sum,
  };
}

function ofParts(create: () => Digest, sum: string, count: number, { size, lengthOf }: Parts): Checksum {
  const all = create();
  let part = create();
  let number = 1;
  let left: number | undefined;
  let length: ((number: number) => Promise<number | undefined>) | undefined;
  let isUnknown = false;
  const next = async () => {
    length ??= await lengthsOf(count, size, lengthOf);
    left = await length(number);
    isUnknown ||= left === undefined || left <= 0;
  };
  return {
    async update(bytes) {
      for (let at = 0; at < bytes.length && !isUnknown; ) {
        if (left === undefined) await next();
        if (left === undefined) return;
        const piece = bytes.subarray(at, at + left);
        part.update(piece);
        at += piece.length;
        left -= piece.length;
        if (left > 0) continue;
        all.update(part.digest());
        part = create();
        number++;
        left = undefined;
      }
    },
    async fits() {
      if (isUnknown || number !== count + 1) return undefined;
      if (all.digest().toString('base64') === sum) return true;
      return (await areAsTaken(count, length, lengthOf)) ? false : undefined;
    },
  };
}

/**
 * All parts but the last have one length, as every client makes them, so one request is enough. If
 * they cannot, the length of each part is requested.
 */
async function lengthsOf(count: number, size: number, lengthOf: Parts['lengthOf']): Promise<Parts['lengthOf']> {
  const first = await lengthOf(1);
  if (first === undefined || first * (count - 1) >= size || first * count < size) return lengthOf;
  return async number => (number < count ? first : size - first * (count - 1));
}

async function areAsTaken(count: number, taken: Parts['lengthOf'] | undefined, lengthOf: Parts['lengthOf']) {
  for (let number = 1; number <= count; number++)
    if ((await taken?.(number)) !== (await lengthOf(number))) return false;
  return true;
}

function crcDigest(bytes: 4 | 8, update: (bytes: Buffer, before: bigint) => bigint): Digest {
  let sum = 0n;
  return {
    update(piece) {
      sum = update(piece, sum);
    },
    digest() {
      const buffer = Buffer.alloc(8);
      buffer.writeBigUInt64BE(sum);
      return buffer.subarray(8 - bytes);
    },
  };
}
