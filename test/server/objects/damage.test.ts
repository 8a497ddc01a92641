// Whatever kind of object is damaged in whatever way: it is found by the check that people ask for,
// by the background, and by the doctor, and named with its owner.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { MAX_DAMAGED } from '../../../admin/object-view.ts';
import { run } from '../../../cli/run.ts';
import { expiringKey } from '../../../core/expiring-key.ts';
import { objectKeyOf } from '../../../core/object-key.ts';
import { realWorld } from '../../../core/world.ts';
import type { BlobStore } from '../../../drivers/blob-store/blob-store.ts';
import { openS3BlobStore } from '../../../drivers/blob-store/s3/s3-blob-store.ts';
import { claimKey } from '../../../gateway/accept/claim-check.ts';
import { createObjectService } from '../../../server/objects/object-service.ts';
import { startScrub } from '../../../server/objects/scrub.ts';
import { readScrubState } from '../../../server/objects/scrub-state.ts';
import type { ObjectSite } from '../../../server/objects/walk-objects.ts';
import type { GatewayLogEntry } from '../../../server/platform-events.ts';
import { openStorage, type Storage } from '../../../server/storage/open-storage.ts';
import { fileKeyOf, rangeKeyOf } from '../../../worker/archive/layout.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { type S3Server, startS3, toS3Connection } from '../../services/s3.ts';
import { layoutOf } from '../../worker/archive/make.ts';

const HOUR = '2027-01-31T12';
const LAYOUT = layoutOf({ definition: '0123abcd' });

/**
 * Every kind of key that anything of the platform writes, with its owner and a
 * word of what it is there.
 */
const KINDS: readonly (readonly [key: string, owner: string, word: RegExp])[] = [
  [claimKey(HOUR, 'shop', 'orders', `${HOUR}-00ff`), 'Topic shop/orders', /data of the event .*00ff/],
  [expiringKey(HOUR, 'results/shop/mails/0-7'), 'Queue shop/mails', /result of job 0-7/],
  [expiringKey(HOUR, 'fan-outs/shop/scan/n1/items-3'), 'FanOut shop/scan', /result items-3 of job n1/],
  [objectKeyOf('shop', 'uploads/cat.jpg'), 'object shop/uploads/cat.jpg', /object of the application/],
  [fileKeyOf(LAYOUT, 'date=2026-11-25', 2, 10, 30), 'Pipeline default/page-clicks', /events 10 to 29 of partition 2/],
  [rangeKeyOf(LAYOUT, 2, 10), 'Pipeline default/page-clicks', /record of a range .* partition 2 from 10/],
];

const DAMAGES = {
  flip(path: string, share: number) {
    const bytes = readFileSync(path);
    const at = Math.min(bytes.length - 1, Math.floor(bytes.length * share));
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(path, bytes);
  },
  cut(path: string, share: number) {
    const { size } = statSync(path);
    truncateSync(path, Math.min(size - 1, Math.floor(size * share)));
  },
} as const;

const body = (size: number) => Buffer.from(Array.from({ length: size }, (_, index) => (index * 7) % 251));

function siteOf(storage: Storage, blobs: BlobStore): ObjectSite {
  const archive = { layout: LAYOUT, topic: 'none', marked: true, toEvents: () => [] };
  return {
    world: realWorld,
    log: storage.log,
    store: storage.store,
    blobs,
    archives: () => [{ pipeline: 'page-clicks', archive }],
  };
}

/** The file in which that content is kept, wherever the store has put it. */
function fileOf(folder: string, content: Buffer): string {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name));
  const found = paths.find(path => statSync(path).isFile() && readFileSync(path).equals(content));
  assert.ok(found, 'the content is in some file');
  return found;
}

let folder: string;
let storage: Storage;
let server: S3Server | undefined;

function useStorage(): void {
  before(async () => {
    folder = tempFolder();
    const opened = await openStorage(realWorld, join(folder, '.tenfold/data'));
    assert.ok(opened);
    storage = opened;
    server = undefined;
  });
  after(async () => {
    await storage.close();
    await server?.process.stop();
    removeTempFolders();
  });
}

describe('a damaged object', () => {
  useStorage();

  const places: readonly (readonly [
    string,
    () => Promise<{ blobs: BlobStore; files: string; close(): Promise<void> }>,
  ])[] = [
    [
      'in the folder',
      async () => ({ blobs: storage.blobs, files: join(folder, '.tenfold/data/blobs'), close: async () => {} }),
    ],
    [
      'in S3',
      async () => {
        server = await startS3();
        const connection = { region: 'us-east-1', pathStyle: true, ...toS3Connection(server.url) };
        const blobs = await openS3BlobStore({ world: realWorld, connection, keys: 'escaped', prefix: '' });
        return { blobs, files: server.folder, close: () => blobs.close() };
      },
    ],
  ];
  for (const [where, open] of places) {
    it(`${where}, of whatever kind, is found and named with its owner, and no other is`, async () => {
      const { blobs, files, close } = await open();
      const service = createObjectService(siteOf(storage, blobs));
      for (const [key] of KINDS) await blobs.put(`${key}`, body(900));
      const check = async () => {
        const found = [];
        for await (const line of service.check(new AbortController().signal))
          if (line.kind === 'damaged') found.push(line.object);
        return found;
      };
      assert.deepEqual(await check(), []);
      const kind = fc.constantFrom(...KINDS);
      const damage = fc.constantFrom(...(['flip', 'cut'] as const));
      const size = fc.constantFrom(1, 1000, 300_000);
      await fc.assert(
        fc.asyncProperty(
          kind,
          damage,
          size,
          fc.double({ min: 0, max: 0.999, noNaN: true }),
          async (one, how, bytes, share) => {
            const [key, owner, word] = one;
            const content = body(bytes);
            await blobs.put(key, content);
            DAMAGES[how](fileOf(files, content), share);
            const found = await check();
            assert.deepEqual(
              found.map(object => [object.key, `${object.owner.kind} ${object.owner.namespace}/${object.owner.name}`]),
              [[key, owner]],
            );
            assert.match(found[0]?.owner.what ?? '', word);
            const { count, damaged, checkedAt } = await service.report();
            assert.deepEqual([count, damaged.map(each => each.key), checkedAt !== undefined], [1, [key], true]);
            await blobs.put(key, body(900));
            assert.deepEqual(await check(), []);
          },
        ),
        { numRuns: 24 },
      );
      for (const [key] of KINDS) await blobs.delete(key);
      await close();
    });
  }
});

describe('a damaged object, and the check in the background', () => {
  useStorage();

  it('is found by the background, told of once, and forgotten when it was written anew', async () => {
    const { blobs } = storage;
    const site = siteOf(storage, blobs);
    const lines: GatewayLogEntry[] = [];
    for (const [key] of KINDS) await blobs.put(key, body(2000));
    const [key = ''] = KINDS[1] ?? [];
    const content = body(5000);
    await blobs.put(key, content);
    DAMAGES.flip(fileOf(join(folder, '.tenfold/data/blobs'), content), 0.5);
    const service = createObjectService(site);
    const start = () =>
      startScrub({ site, log: entry => lines.push(entry), bytesPerSecond: 1e9, everyMs: 0, firstMs: 1, lookMs: 5 });
    // Two of them take turns, as workers do.
    const [one, two] = [start(), start()];
    const count = async () => (await service.report()).count;
    await eventually(async () => (await count()) === 1, 'it is found');
    const { checkedAt = 0 } = await service.report();
    await eventually(async () => ((await service.report()).checkedAt ?? 0) > checkedAt, 'one more pass');
    assert.deepEqual(
      lines.map(({ level, fields }) => [level, fields['key']]),
      [['error', key]],
    );
    assert.match(lines[0]?.message ?? '', /the result of job 0-7 of Queue shop\/mails/);
    await blobs.put(key, body(2000));
    await eventually(async () => (await count()) === 0, 'it is forgotten');
    await Promise.all([one.close(), two.close()]);
  });

  it('goes on where the background has come to, after a restart', async () => {
    const { blobs } = storage;
    const read: string[] = [];
    const counting = {
      ...blobs,
      async get(key: string) {
        read.push(key);
        return await blobs.get(key);
      },
    };
    for (let index = 0; index < 30; index++) await blobs.put(objectKeyOf('many', `o${100 + index}`), body(1000));
    const site = siteOf(storage, counting);
    const options = { site, log: () => {}, everyMs: 0, firstMs: 1, lookMs: 5 };
    const first = startScrub({ ...options, bytesPerSecond: 20_000 });
    await eventually(() => read.length >= 12, 'some were read');
    await first.close();
    const until = read.length;
    const second = startScrub({ ...options, bytesPerSecond: 1e9 });
    await eventually(() => read.at(-1) === objectKeyOf('many', 'o129'), 'the rest was read');
    await second.close();
    const rest = read.slice(until);
    assert.ok(!rest.slice(0, rest.indexOf(objectKeyOf('many', 'o129'))).includes(read[0] ?? ''), 'not from the start');
    for (let index = 0; index < 30; index++) await blobs.delete(objectKeyOf('many', `o${100 + index}`));
  });
});

describe('a damaged object, where the platform is stopped, and where there are many', () => {
  useStorage();

  it('is named by the doctor of a platform that is stopped, with what it belongs to', async () => {
    const { blobs } = storage;
    const contents = KINDS.map(([key], index) => [key, body(3000 + index)] as const);
    for (const [key, content] of contents) await blobs.put(key, content);
    const paths = contents.map(([, content]) => fileOf(join(folder, '.tenfold/data/blobs'), content));
    await storage.close();
    const doctor = async () => {
      const terminal = fakeTerminal({ cwd: folder });
      return { code: await run(['doctor'], terminal), text: terminal.stdout };
    };
    assert.equal((await doctor()).code, 0);
    const originals = paths.map(path => readFileSync(path));
    const ways = [
      (path: string) => DAMAGES.flip(path, 0.5),
      (path: string) => DAMAGES.cut(path, 0.5),
      (path: string) => rmSync(path),
    ];
    for (const [index, path] of paths.entries()) {
      for (const damage of ways) {
        damage(path);
        const { code, text } = await doctor();
        const [key = '', owner = '', word = /./] = KINDS[index] ?? [];
        assert.equal(code, 1, key);
        // Offline nobody knows what the Pipeline is called, but for the folder of its archive.
        const said = owner.startsWith('object') ? 'namespace shop' : owner.replace('page-clicks', 'clicks');
        assert.ok(text.includes(said), `${said} in ${text}`);
        assert.match(text, word);
        assert.ok(text.includes(`object '${key}'`), text);
        assert.match(text, /Damaged: 1 problem\./);
        writeFileSync(path, originals[index] ?? '');
      }
    }
    assert.equal((await doctor()).code, 0);
    assert.ok(existsSync(join(folder, '.tenfold/data/tenfold.db')));
    const opened = await openStorage(realWorld, join(folder, '.tenfold/data'));
    assert.ok(opened);
    storage = opened;
  });

  it('counts also where there are too many to be listed', async () => {
    const { blobs } = storage;
    const all = Array.from({ length: MAX_DAMAGED + 5 }, (_, index) => objectKeyOf('much', `o${1000 + index}`));
    for (const [index, key] of all.entries()) await blobs.put(key, body(4000 + index));
    for (const name of readdirSync(join(folder, '.tenfold/data/blobs/objects/much')))
      truncateSync(join(folder, '.tenfold/data/blobs/objects/much', name), 10);
    const service = createObjectService(siteOf(storage, blobs));
    for await (const _ of service.check(new AbortController().signal));
    const { count, damaged } = await service.report();
    assert.deepEqual([count, damaged.length], [MAX_DAMAGED + 5, MAX_DAMAGED]);
  });

  it('counts as many while the background reads all of them again', async () => {
    const service = createObjectService(siteOf(storage, storage.blobs));
    const { signal } = new AbortController();
    for await (const _ of service.check(signal));
    const scrub = (bytesPerSecond: number) =>
      startScrub({ site: siteOf(storage, storage.blobs), log: () => {}, bytesPerSecond, everyMs: 0, firstMs: 1 });
    const state = async () => (await readScrubState(storage.store)).state;
    // So slow that it stays at the first object.
    const slow = scrub(0.001);
    await eventually(async () => (await state()).beganAt !== undefined, 'a pass has begun');
    assert.equal((await service.report()).count, MAX_DAMAGED + 5);
    await slow.close();
    assert.equal((await service.report()).count, MAX_DAMAGED + 5);
    const { checkedAt = 0 } = await state();
    const fast = scrub(1 << 30);
    await eventually(async () => ((await state()).checkedAt ?? 0) > checkedAt, 'the pass has ended');
    assert.equal((await service.report()).count, MAX_DAMAGED + 5);
    await fast.close();
  });
});
