// Many writers of one bucket, in one process and in several, also when they die: objects are
// written as conditions demand, and every change is told, in order.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { S3 } from '@aws-sdk/client-s3';
import type { BlobChange, BlobStore } from '../../../../drivers/blob-store/blob-store.ts';
import { changesOf, chunked, content, read, rejectsWith } from '../../../contract/blob-store/subject.ts';
import { eventually } from '../../../eventually.ts';
import { s3, s3Url, toS3Connection } from '../../../services/s3.ts';
import { findService } from '../../../services/service.ts';
import { MIB, type S3Cases, s3Cases } from './s3-cases.ts';
import type { Asked } from './s3-faults.ts';

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

/** Its lines, as they come. */
function start(
  cases: S3Cases,
  port: number,
  name: string,
  keys = 1,
): { child: ChildProcess; lines: Record<string, unknown>[] } {
  const program = new URL('writer-process.ts', import.meta.url).pathname;
  const args = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', program];
  const child = spawn(process.execPath, [...args, s3Url(port), name, String(keys)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Record<string, unknown>[] = [];
  createInterface(child.stdout).on('line', line => lines.push(JSON.parse(line)));
  cases.atEnd(() => kill(child));
  return { child, lines };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise(resolve => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

async function allChanges(blobs: BlobStore, from: string): Promise<BlobChange[]> {
  const found: BlobChange[] = [];
  for (let cursor = from; ; ) {
    const page = await blobs.changes(cursor, { limit: 1000 });
    if (page.changes.length === 0) return found;
    found.push(...page.changes);
    cursor = page.next;
  }
}

if (findService(s3))
  describe('blob store over S3: writers', () => {
    const cases = s3Cases();

    describeRaces(cases);
    describeDeaths(cases);
    describeJournal(cases);
  });

function describeRaces(cases: S3Cases): void {
  it('that race for what is absent have one winner, whom all are told', async () => {
    const { port } = await cases.server();
    const stores = await Promise.all(times(5, () => cases.store(port, { requestTimeoutMs: 20_000 })));
    const [first] = stores;
    assert.ok(first);
    const from = await first.latestChange();
    for (const told of [true, false]) {
      const others = told ? stores : await Promise.all(times(5, () => cases.store(port, { tellChangesOf: ['x'] })));
      const key = `absent-${told}`;
      const outcomes = await Promise.all(times(20, n => others[n % 5]!.put(key, content(1000, n), { when: 'absent' })));
      const winners = outcomes.filter(({ written }) => written);
      assert.equal(winners.length, 1);
      for (const { blob } of outcomes) assert.equal(blob?.etag, winners[0]?.blob?.etag);
    }
    assert.deepEqual(
      (await allChanges(first, from)).map(({ key }) => key),
      ['absent-true'],
    );
  });

  it('that compare and swap lose no step, and all are told in order', async () => {
    const { port } = await cases.server();
    const stores = await Promise.all(times(4, () => cases.store(port, { requestTimeoutMs: 20_000 })));
    const from = await stores[0]!.latestChange();
    await stores[0]!.put('n', Buffer.from('0'));
    const etags: string[] = [];
    const step = async (blobs: BlobStore) => {
      for (;;) {
        const opened = await blobs.get('n');
        assert.ok(opened);
        const n = Number((await opened.body.toArray()).join('')) + 1;
        const outcome = await blobs.put('n', Buffer.from(String(n)), { when: { etag: opened.info.etag } });
        if (!outcome.written) continue;
        etags[n] = outcome.blob.etag;
        return;
      }
    };
    await Promise.all(times(20, n => step(stores[n % 4]!)));
    assert.equal((await read(stores[1]!, 'n'))?.toString(), '20');
    const told = await allChanges(stores[2]!, from);
    assert.deepEqual(
      told.slice(1).map(({ etag }) => etag),
      etags.slice(1),
    );
  });

  it('of one key at the same time are told in the order in which they wrote', async () => {
    const { port } = await cases.server();
    const stores = await Promise.all(times(4, () => cases.store(port, { requestTimeoutMs: 20_000 })));
    const from = await stores[0]!.latestChange();
    const outcomes = await Promise.all(times(16, n => stores[n % 4]!.put('k', content(100, n + 1))));
    const told = await allChanges(stores[0]!, from);
    assert.deepEqual(told.map(({ etag }) => etag).sort(), outcomes.map(({ blob }) => blob?.etag).sort());
    assert.equal(told.at(-1)?.etag, (await stores[1]!.head('k'))?.etag);
  });

  it('of one key do not wait for each other for longer than for the server, nor when nobody waits for them', async () => {
    const server = await cases.server();
    const faults = await cases.faults(server.port);
    const blobs = await cases.store(faults.port, { requestTimeoutMs: 3000 });
    // Again and again, until all attempts are used up.
    const isWrite = ({ method, key }: Asked) => method === 'PUT' && key.startsWith('data/a');
    faults.decide(asked => (isWrite(asked) ? { kind: 'hang' } : undefined));
    const settled: string[] = [];
    const put = (name: string, signal?: AbortSignal) =>
      blobs.put('a', content(3), { signal }).then(
        () => settled.push(`${name} is done`),
        error => settled.push(`${name}: ${error instanceof Error ? error.message : error}`),
      );
    const gone = new AbortController();
    const begins = performance.now();
    const first = put('first');
    await eventually(() => faults.asked.some(isWrite), 'the first is under way');
    const second = put('second', gone.signal);
    await pause(50);
    gone.abort(new Error('nobody waits'));
    const others = times(6, n => put(`other ${n}`));
    await Promise.race([first, second]);
    assert.deepEqual(settled, ['second: nobody waits']);
    await first;
    const began = performance.now();
    await Promise.all(others);
    // One after the other they would have all of its time each.
    assert.ok(performance.now() - began < 4 * (began - begins));
    assert.ok(!settled.some(outcome => outcome.endsWith('is done')), settled.join());
  });

  it('of many keys share the journal without gaps', async () => {
    const { port } = await cases.server();
    const stores = await Promise.all(times(4, () => cases.store(port, { requestTimeoutMs: 20_000 })));
    const from = await stores[0]!.latestChange();
    await Promise.all(
      stores.map(async (blobs, index) => {
        for (let n = 0; n < 6; n++)
          await Promise.all(times(3, lane => blobs.put(`${index}-${lane}`, Buffer.from(`${n}`))));
      }),
    );
    const told = await allChanges(await cases.store(port), from);
    assert.equal(told.length, 4 * 6 * 3);
    const etags = (key: string) => told.filter(change => change.key === key).map(({ etag }) => etag);
    for (const key of ['0-0', '3-2']) assert.equal(new Set(etags(key)).size, 6);
    assert.deepEqual(etags('0-0'), etags('3-2'));
  });
}

function describeDeaths(cases: S3Cases): void {
  it('that are killed again and again leave nothing untold', async () => {
    const { port } = await cases.server();
    const blobs = await cases.store(port, { requestTimeoutMs: 500, sweepMs: 100 });
    const from = await blobs.latestChange();
    const acknowledged: Record<string, unknown>[] = [];
    for (let round = 0; round < 2; round++) {
      const writers = times(3, n => start(cases, port, `${round}-${n}`, 3));
      await eventually(() => writers.every(({ lines }) => lines.length >= 5), 'all write', 5 * 60_000);
      await Promise.all(writers.map(({ child }) => kill(child)));
      acknowledged.push(...writers.flatMap(({ lines }) => lines));
    }
    assert.ok(acknowledged.length > 30);
    // What stands there was told as the last one, once what the dead have
    // claimed has been looked at.
    const isAllTold = async () => {
      const told = await allChanges(blobs, from);
      const last = new Map(told.map(({ key, etag }) => [key, etag]));
      for (const key of ['key-0', 'key-1', 'key-2']) {
        if ((await blobs.head(key))?.etag !== last.get(key)) return false;
      }
      const etags = new Set(told.map(({ key, etag }) => `${key} ${etag}`));
      return acknowledged.every(({ key, etag }) => etags.has(`${key} ${etag}`));
    };
    await eventually(() => isAllTold().catch(() => false), 'all is told', 5 * 60_000);
    // What a dead one has claimed last is free a moment after that, whether it had written or not.
    const written = () =>
      blobs.put('key-0', content(1)).then(
        put => put.written,
        () => false,
      );
    await eventually(written, 'others can write');
  });

  it('that die between the object and the journal are told by others', async () => {
    const { port } = await cases.server();
    const faults = await cases.faults(port);
    const blobs = await cases.store(port, { requestTimeoutMs: 500, sweepMs: 100 });
    const from = await blobs.latestChange();
    const other = await cases.store(faults.port);
    faults.decide(({ method, key }) => (method === 'PUT' && key.startsWith('journal/') ? { kind: 'hang' } : undefined));
    const { child } = start(cases, faults.port, 'once');
    await eventually(async () => (await other.head('once')) !== undefined, 'it is written');
    await kill(child);
    assert.deepEqual(await allChanges(other, from), []);
    const [told] = await changesOf(other, from, 'once', 1);
    assert.equal(told?.etag, (await other.head('once'))?.etag);
    faults.decide(undefined);
    assert.ok((await other.put('once', content(1))).written);
  });

  it('that die in the middle of an upload leave nothing to see, and no parts', async () => {
    const { port } = await cases.server();
    const { bucket, credentials, ...rest } = toS3Connection(s3Url(port));
    assert.ok(credentials && rest.endpoint);
    const { accessKeyId, secretAccessKey } = credentials;
    const client = new S3({
      endpoint: rest.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
    cases.atEnd(() => client.destroy());
    const uploads = async () => (await client.listMultipartUploads({ Bucket: bucket })).Uploads ?? [];
    const { child, lines } = start(cases, port, 'hangs');
    await eventually(() => lines.length > 0, 'parts are on their way');
    await kill(child);
    assert.equal((await uploads()).length, 1);
    const blobs = await cases.store(port, { sweepMs: 40, abandonedUploadMs: 1000 });
    assert.deepEqual((await blobs.list('', { limit: 10 })).blobs, []);
    assert.equal(await blobs.head('hanging'), undefined);
    await eventually(async () => (await uploads()).length === 0, 'the parts are gone');
  });
}

function describeJournal(cases: S3Cases): void {
  it('keep a journal that is trimmed, and go on behind what is gone', async () => {
    const { port } = await cases.server();
    const keeping = await cases.store(port);
    const from = await keeping.latestChange();
    for (let n = 0; n < 4; n++) await keeping.put(`a${n}`, content(1));
    const opened = await cases.store(port);
    const forgetful = await cases.store(port, { sweepMs: 30, keepChangesMs: -2000 });
    const oldest = () => forgetful.changes(undefined, { limit: 10 });
    await eventually(async () => (await oldest()).changes.length === 1, 'it is trimmed');
    await rejectsWith('gone', opened.changes(from, { limit: 1 }));
    const last = await oldest();
    assert.deepEqual(
      last.changes.map(({ key }) => key),
      ['a3'],
    );
    await keeping.put('b', content(1));
    assert.deepEqual(
      (await keeping.changes(last.next, { limit: 10 })).changes.map(({ key }) => key),
      ['b'],
    );
    assert.equal(await opened.latestChange(), await keeping.latestChange());
    await rejectsWith('gone', opened.changes('9999.0', { limit: 1 }));
  });

  it('share what memory there is for bodies, and do not wait for each other for ever', async () => {
    const { port } = await cases.server();
    const blobs = await cases.store(port, { requestTimeoutMs: 20_000, maxBufferedBytes: 12 * MIB });
    const bytes = content(11 * MIB);
    await Promise.all(
      times(6, async n => {
        assert.ok((await blobs.put(`big-${n}`, chunked(bytes, 100_000))).written);
      }),
    );
    assert.ok((await read(blobs, 'big-5'))?.equals(bytes));
  });

  it('that must not tell of some keys need one request for them', async () => {
    const server = await cases.server();
    const faults = await cases.faults(server.port);
    const blobs = await cases.store(faults.port, { tellChangesOf: ['told/'] });
    const from = await blobs.latestChange();
    const before = faults.asked.length;
    await blobs.put('silent/a', content(10));
    assert.equal(faults.asked.length - before, 1);
    await blobs.delete('silent/a');
    await blobs.put('told/a', content(10));
    assert.deepEqual(
      (await allChanges(blobs, from)).map(({ key }) => key),
      ['told/a'],
    );
  });
}
