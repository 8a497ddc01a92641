// Every way in which the disk of a platform can fail is seen by whoever looks: readiness, metrics,
// conditions and the log; what needs no disk goes on.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { createFaultyDisk, type Faults } from '../drivers/event-log/sqlite/faulty-disk.ts';
import { createSmallDisk } from '../drivers/event-log/sqlite/small-disk.ts';
import { eventually } from '../eventually.ts';
import { type PlatformProcess, startPlatformProcess } from './platform-process.ts';

const { EIO, ENOSPC, EROFS } = constants.errno;

const RESOURCES = `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: hello }
spec: { source: functions/hello.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: told }
spec: { topic: orders, to: { function: hello } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { method: GET, path: /hello }, to: { function: hello } }
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
`;
const HELLO = "import { http } from 'tenfold';\nexport default http(async () => new Response('hello'));\n";

const readiness = z.object({ ready: z.boolean(), reasons: z.array(z.string()) });
const listed = z.object({
  items: z.array(
    z.object({
      kind: z.string(),
      conditions: z.array(z.object({ type: z.string(), status: z.string(), reason: z.string(), message: z.string() })),
    }),
  ),
});
const state = z.object({ addresses: z.object({ admin: z.string() }), adminToken: z.string() });

interface Site {
  readonly folder: string;
  readonly platform: PlatformProcess;
  publish(bytes: number): Promise<number>;
  ready(): Promise<z.output<typeof readiness>>;
  usable(): Promise<string | undefined>;
  conditions(): Promise<Map<string, string>>;
  hello(): Promise<number>;
}

async function start(data: string, env: NodeJS.ProcessEnv): Promise<Site> {
  const folder = tempFolder({ 'tenfold.yaml': RESOURCES, 'functions/hello.ts': HELLO });
  const platform = await startPlatformProcess(['serve', folder, '--data', data], undefined, undefined, env);
  const { addresses, adminToken } = state.parse(
    JSON.parse(readFileSync(join(folder, '.tenfold/platform.json'), 'utf8')),
  );
  const get = (path: string) =>
    fetch(`${addresses.admin}${path}`, { headers: { authorization: `Bearer ${adminToken}` } });
  return {
    folder,
    platform,
    async publish(bytes) {
      const body = JSON.stringify('x'.repeat(bytes));
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${platform.address}/orders`, { method: 'POST', headers, body })).status;
    },
    ready: async () => readiness.parse(await (await get('/readyz')).json()),
    usable: async () =>
      /^tenfold_service_usable\{service="Disk \(log, store, search, blobs\)"\} (\d)$/m.exec(
        await (await get('/metrics')).text(),
      )?.[1],
    async conditions() {
      const { items } = listed.parse(await (await get('/api/resources')).json());
      return new Map(
        items.map(({ kind, conditions }) => [kind, conditions.find(({ type }) => type === 'Ready')?.reason ?? '']),
      );
    },
    hello: async () => (await fetch(`${platform.address}/hello`)).status,
  };
}

/** All that there is to see. `words`: what the reason says. */
async function assertSeen(site: Site, words: RegExp): Promise<void> {
  await eventually(async () => (await site.ready()).reasons.some(reason => words.test(reason)), 'the reason');
  assert.equal((await site.ready()).ready, true, 'it stays ready: nobody else has what is there');
  assert.equal(await site.usable(), '0');
  const conditions = await site.conditions();
  for (const kind of ['Topic', 'Subscription']) assert.equal(conditions.get(kind), 'DiskFailing', kind);
  assert.notEqual(conditions.get('Api'), 'DiskFailing');
  assert.equal(await site.hello(), 200);
  assert.equal(count(site, 'error', 'cannot be used'), 1);
}

async function assertOver(site: Site): Promise<void> {
  await eventually(async () => (await site.ready()).reasons.length === 0, 'it is over');
  assert.equal(await site.usable(), '1');
  assert.equal((await site.conditions()).get('Topic'), 'InForce');
  assert.equal(await site.publish(100), 204);
  assert.equal(count(site, 'error', 'cannot be used'), 1);
  assert.equal(count(site, 'info', 'can be used again'), 1);
}

const count = ({ platform }: Site, level: string, words: string) =>
  platform
    .output()
    .split('\n')
    .filter(line => line.includes(`"level":"${level}"`) && line.includes(`Disk (`) && line.includes(words)).length;

describe('a platform on a disk', () => {
  let site: Site | undefined;
  const ends: (() => void)[] = [];
  afterEach(async () => {
    await site?.platform.kill();
    site = undefined;
    for (const end of ends.splice(0)) end();
    removeTempFolders();
  });

  it('that is full says so everywhere, and goes on by itself when there is room', async () => {
    const disk = createSmallDisk(tempFolder(), '8m', '64m');
    ends.push(disk.remove);
    site = await start(disk.folder, disk.environment);
    const running = site;
    assert.equal(await running.publish(1000), 204);
    disk.fill();
    await eventually(async () => (await running.publish(200_000)) === 503, 'it is full');
    await assertSeen(running, /There is no space left for .*Free some on that disk/);
    disk.grow();
    await assertOver(running);
  });

  const faults: readonly [string, Faults, RegExp][] = [
    ['has no space', { writeErrno: ENOSPC }, /no space left for .*tenfold\.db/],
    ['is read-only', { writeErrno: EROFS }, /tenfold\.db/],
    ['cannot be written', { writeErrno: EIO }, /disk under .*tenfold\.db.*error/],
    ['cannot be synced', { syncErrno: EIO }, /disk under .*tenfold\.db.*error/],
    // SQLite takes such errors for damage.
    ['cannot be read', { readErrno: EIO }, /tenfold\.db/],
  ];
  for (const [what, fault, words] of faults) {
    it(`that ${what} says so everywhere, and goes on by itself afterwards`, async () => {
      const tools = tempFolder();
      const data = join(tempFolder(), 'data');
      mkdirSync(data);
      const disk = createFaultyDisk(data, tools);
      ends.push(disk.close);
      site = await start(data, disk.environment);
      const running = site;
      assert.equal(await running.publish(1000), 204);
      disk.set(fault);
      await running.publish(1000).catch(() => {});
      await assertSeen(running, words);
      disk.set({});
      await assertOver(running);
    });
  }
});
