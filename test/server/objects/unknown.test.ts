// Objects that have no checksum: whoever reads them learns that nothing says whether they
// are as they were written.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Registry } from 'prom-client';
import { MAX_UNKNOWN } from '../../../admin/object-view.ts';
import { realWorld } from '../../../core/world.ts';
import type { OpenBlob } from '../../../drivers/blob-store/blob-store.ts';
import { readBody } from '../../../drivers/blob-store/s3/read-body.ts';
import { registerObjectMetrics } from '../../../server/metrics/object-metrics.ts';
import { createObjectService } from '../../../server/objects/object-service.ts';
import { ownerOf } from '../../../server/objects/owner-of.ts';
import { conditionOf, createPace } from '../../../server/objects/read-object.ts';
import { startScrub } from '../../../server/objects/scrub.ts';
import type { ObjectSite } from '../../../server/objects/walk-objects.ts';
import type { GatewayLogEntry } from '../../../server/platform-events.ts';
import { openStorage, type Storage } from '../../../server/storage/open-storage.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';

const BYTES = Buffer.from('some text');

/**
 * As the driver of S3 opens an object, of whose checksum it is known that it `fits`;
 * undefined: nobody can say.
 */
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

describe('objects without a checksum', () => {
  const root = 'objects/shop/';
  const keys = Array.from({ length: MAX_UNKNOWN + 5 }, (_, index) => `${root}o${1000 + index}`);
  let storage: Storage;
  const bare = new Set<string>();

  before(async () => {
    const opened = await openStorage(realWorld, join(tempFolder(), 'data'));
    assert.ok(opened);
    storage = opened;
    for (const key of keys) await storage.blobs.put(key, BYTES);
  });
  after(async () => {
    await storage.close();
    removeTempFolders();
  });

  /** The store of the folder, which says of `bare` what S3 says of what others have written. */
  const site = (): ObjectSite => ({
    ...storage,
    world: realWorld,
    blobs: {
      ...storage.blobs,
      async get(key, range) {
        const found = await storage.blobs.get(key, range);
        return found && { ...found, wasCompared: () => !bare.has(key) };
      },
    },
    archives: () => [],
  });

  it('are counted and listed by the check in the background, told once, and forgotten when they have one', async () => {
    const lines: GatewayLogEntry[] = [];
    const options = { bytesPerSecond: 1e9, everyMs: 0, firstMs: 1, lookMs: 5 };
    const service = createObjectService(site());
    bare.add(keys[3] ?? '').add(keys[5] ?? '');
    const scrub = startScrub({ site: site(), log: entry => lines.push(entry), ...options });
    const passes = async (count: number) => {
      for (let pass = 0; pass < count; pass++) {
        const { checkedAt = 0 } = await service.report();
        await eventually(async () => ((await service.report()).checkedAt ?? 0) > checkedAt, 'one more pass');
      }
    };
    await passes(3);
    const { unknown, count } = await service.report();
    assert.equal(count, 0);
    assert.deepEqual(unknown, {
      count: 2,
      objects: [keys[3], keys[5]].map((key = '') => ({ key, owner: ownerOf(key) })),
    });
    const [line, ...others] = lines;
    assert.deepEqual([line?.level, line?.fields, others], ['warn', { count: 2, first: keys[3] }, []]);
    assert.match(line?.message ?? '', /^2 objects .* have no checksum.*"tenfold doctor --online" lists them$/);
    bare.delete(keys[3] ?? '');
    await passes(2);
    assert.deepEqual((await service.report()).unknown.count, 1);
    assert.match(lines.at(-1)?.message ?? '', /^1 object .* has no checksum, so damage to it does not show/);
    bare.clear();
    await passes(2);
    assert.deepEqual((await service.report()).unknown, { count: 0, objects: [] });
    await scrub.close();
    assert.equal(lines.length, 2);
  });

  it('are counted also where there are too many to be listed, and by the metric', async () => {
    for (const key of keys) bare.add(key);
    const service = createObjectService(site());
    const listed: string[] = [];
    let counted = 0;
    for await (const line of service.check(new AbortController().signal)) {
      if (line.kind === 'unknown') listed.push(line.object.key);
      if (line.kind === 'checked') counted = line.unknown;
    }
    assert.deepEqual(listed, keys.slice(0, MAX_UNKNOWN));
    assert.equal(counted, keys.length);
    const { unknown } = await service.report();
    assert.deepEqual([unknown.count, unknown.objects.map(({ key }) => key)], [keys.length, listed]);
    const registry = new Registry();
    registerObjectMetrics(registry, () => service.report());
    assert.match(await registry.metrics(), new RegExp(`^tenfold_unknown_objects ${keys.length}$`, 'm'));
  });
});
