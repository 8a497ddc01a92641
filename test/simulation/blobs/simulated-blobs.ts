// A blob store as one process of the simulation has it: calls take time, fail, and are done without
// an answer; what is put is there whole or not.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { TenfoldError } from '../../../core/errors.ts';
import type { BlobInfo, BlobStore, PutBlob, PutBlobOutcome } from '../../../drivers/blob-store/blob-store.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import { EPOCH } from '../kernel/virtual-time.ts';

export interface BlobFaults {
  /** Longest way of a call or an answer, milliseconds. */
  latencyMs: number;
  /** `store-unavailable`; half of them have happened. */
  fails: number;
  /** Happens much later, whatever was answered. */
  late: number;
  lateMs: number;
}

export type SimulatedObjects = Map<string, Buffer>;

export function createSimulatedBlobs(
  objects: SimulatedObjects,
  process: SimulatedProcess,
  faults: BlobFaults,
): Pick<BlobStore, 'now' | 'put' | 'head' | 'get' | 'delete' | 'list'> {
  const { simulation } = process;
  const { chance } = simulation;
  const call = <T>(name: string, effect: () => T): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const way = () => chance.int(`blobs ${name} takes`, 0, faults.latencyMs);
    const fails = chance.happens(`blobs ${name} fails`, faults.fails);
    const happens = !fails || chance.happens(`blobs ${name} happened`, 0.5);
    const late = fails && chance.happens(`blobs ${name} late`, faults.late) ? faults.lateMs : 0;
    const unknown = () => reject(new TenfoldError('store-unavailable', `${name}: the blob store gave no answer`));
    if (late > 0) process.after(way() + way(), `blobs answer ${name}`, unknown);
    simulation.after(way() + late, `blobs ${name}`, () => {
      let done = unknown;
      if (happens) {
        const value = effect();
        if (!fails) done = () => resolve(value);
      }
      if (late === 0) process.after(way(), `blobs answer ${name}`, done);
    });
    return promise;
  };
  const infoOf = (key: string): BlobInfo | undefined => {
    const bytes = objects.get(key);
    if (bytes === undefined) return undefined;
    const etag = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
    return { key, size: bytes.length, etag, modified: 0, contentType: 'application/octet-stream', metadata: {} };
  };
  const put = async (key: string, body: AsyncIterable<Uint8Array> | Uint8Array, { when }: PutBlob = {}) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body instanceof Uint8Array ? [body] : body) chunks.push(chunk);
    return call('put', (): PutBlobOutcome => {
      const there = infoOf(key);
      if (when === 'absent' && there) return { written: false, blob: there };
      objects.set(key, Buffer.concat(chunks));
      return { written: true, blob: infoOf(key)! };
    });
  };
  return {
    now: async () => EPOCH + simulation.now,
    put,
    head: key => call('head', () => infoOf(key)),
    get: key =>
      call('get', () => {
        const info = infoOf(key);
        return info && { info, first: 0, length: info.size, body: bodyOf(objects.get(key)!) };
      }),
    delete: key => call('delete', () => objects.delete(key)),
    list: (prefix, { limit, after = '' }) =>
      call('list', () => {
        const keys = [...objects.keys()].filter(key => key.startsWith(prefix) && key > after).sort();
        const blobs = keys.slice(0, limit).map(key => infoOf(key)!);
        return { blobs, next: keys.length > limit ? keys[limit - 1] : undefined };
      }),
  };
}

/**
 * A stream of Node's takes turns of the event loop, which do not come here: this
 * gives its bytes in microtasks.
 */
function bodyOf(bytes: Buffer): Readable {
  const body = new Readable({ read() {} });
  body[Symbol.asyncIterator] = async function* () {
    yield bytes;
    return undefined;
  } as Readable[typeof Symbol.asyncIterator];
  return body;
}
