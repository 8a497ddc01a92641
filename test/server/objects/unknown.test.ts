// Objects that have no checksum: whoever reads them learns that nothing says whether they are as they were written.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { realWorld } from '../../../core/world.ts';
import type { OpenBlob } from '../../../drivers/blob-store/blob-store.ts';
import { readBody } from '../../../drivers/blob-store/s3/read-body.ts';
import { conditionOf, createPace } from '../../../server/objects/read-object.ts';

const BYTES = Buffer.from('some text');

/** As the driver of S3 opens an object, of whose checksum it is known that it `fits`; undefined: nobody can say. */
function open(checksum: boolean | undefined | 'none'): OpenBlob {
  let wasCompared = false;
  const body = readBody({
    world: realWorld,
    key: 'films/1',
    extent: { first: 0, length: BYTES.length },
    first: Readable.from([BYTES]),
    reopen: async () => undefined,
    checksum: checksum === 'none' ? undefined : { update: async () => {}, fits: async () => checksum },
    fitted() {
      wasCompared = true;
    },
    idleMs: 60_000,
  });
  const info = { key: 'films/1', size: BYTES.length, etag: 'e', modified: 0, contentType: 'text/plain', metadata: {} };
  return { info, first: 0, length: BYTES.length, body, wasCompared: () => wasCompared };
}

describe('the condition of an object', () => {
  for (const [name, checksum, expected] of [
    ['sound where it fits its checksum', true, 'sound'],
    ['unknown where it has none', 'none', 'unknown'],
    ['unknown where nobody can say of which parts its checksum is', undefined, 'unknown'],
    ['damaged where it does not fit', false, 'damaged'],
  ] as const) {
    it(`is ${name}`, async () => {
      const { signal } = new AbortController();
      const pace = createPace(realWorld, 1e12, signal);
      const found = await conditionOf({ get: async () => open(checksum) }, 'films/1', pace, signal);
      assert.equal(found.is, expected);
    });
  }
});
