// What happens when S3 is away, slow, busy or not what it should be: calls fail with what is wrong,
// nothing is lost, and it is told once.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../../../cluster/free-ports.ts';
import { bytesOf, changesOf, chunked, content, read, rejectsWith } from '../../../contract/blob-store/subject.ts';
import { eventually } from '../../../eventually.ts';
import { s3 } from '../../../services/s3.ts';
import { findService } from '../../../services/service.ts';
import { MIB, type S3Cases, s3Cases } from './s3-cases.ts';
import type { Asked } from './s3-faults.ts';

if (findService(s3))
  describe('blob store over S3: the connection', () => {
    const cases = s3Cases();

    describeAbsence(cases);
    describeLostWrites(cases);
    it('to a bucket that was emptied behind its back says so', async () => {
      const server = await cases.server();
      const blobs = await cases.store(server.port);
      await blobs.put('a', content(10));
      const cursor = await blobs.latestChange();
      await rm(join(server.folder, 'tenfold', 'tenfold.json'));
      assert.match((await blobs.health()).reason ?? '', /tenfold.json' is gone/);
      await rm(join(server.folder, 'tenfold', 'journal'), { recursive: true });
      const again = await cases.store(server.port);
      await rejectsWith('gone', again.changes(cursor, { limit: 1 }));
    });

    describeReads(cases);
  });

function describeAbsence(cases: S3Cases): void {
  it('is waited for when nobody is there at the start, and each change of state is told once', async () => {
    const [port = 0] = await freePorts(1);
    const lines: string[] = [];
    const blobs = await cases.store(port, { requestTimeoutMs: 1000, log: line => lines.push(line) });
    for (let n = 0; n < 3; n++) await rejectsWith('store-unavailable', blobs.put('a', content(3)));
    assert.equal((await blobs.health()).ok, false);
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(lines[0] ?? '', /cannot be reached.*ECONNREFUSED/);
    await cases.server(port);
    await eventually(async () => (await blobs.health()).ok, 'it is well again');
    assert.ok((await blobs.put('a', content(3))).written);
    assert.equal(lines.length, 2, lines.join('\n'));
    assert.match(lines[1] ?? '', /answers again/);
  });

  it('may be lost for a while; what was acknowledged is there', async () => {
    const server = await cases.server();
    const blobs = await cases.store(server.port, { requestTimeoutMs: 1000 });
    const from = await blobs.latestChange();
    await blobs.put('a', content(300_000));
    server.process.signal('SIGKILL');
    await rejectsWith('store-unavailable', blobs.put('b', content(3)));
    await rejectsWith('store-unavailable', blobs.get('a'));
    await rejectsWith('store-unavailable', blobs.changes(from, { limit: 10 }));
    await cases.server(server.port, server.folder);
    await eventually(async () => (await blobs.health()).ok, 'it is well again');
    assert.equal((await read(blobs, 'a'))?.length, 300_000);
    assert.deepEqual(
      (await changesOf(blobs, from, '', 1)).map(({ key }) => key),
      ['a'],
    );
  });

  it('that does not answer is given up after its time', async () => {
    const server = await cases.server();
    const blobs = await cases.store(server.port, { requestTimeoutMs: 600 });
    server.process.signal('SIGSTOP');
    await rejectsWith('store-unavailable', blobs.head('a'));
    server.process.signal('SIGCONT');
    await eventually(
      () =>
        blobs.head('a').then(
          found => found === undefined,
          () => false,
        ),
      'it answers again',
    );
  });

  it('asks again where the server wants to be left alone for a moment', async () => {
    const server = await cases.server();
    const faults = await cases.faults(server.port);
    const blobs = await cases.store(faults.port, { requestTimeoutMs: 10_000 });
    const refused = new Map<string, number>();
    faults.decide(({ method, key, query }) => {
      const what = `${method} ${key} ${query.get('partNumber')}`;
      refused.set(what, (refused.get(what) ?? 0) + 1);
      return refused.get(what) === 1 ? { kind: 'answer', status: 503, code: 'SlowDown' } : undefined;
    });
    const bytes = content(11 * MIB);
    assert.ok((await blobs.put('a', chunked(bytes, 300_000), { when: 'absent' })).written);
    assert.ok((await read(blobs, 'a'))?.equals(bytes));
    const parts = [...refused].filter(([what]) => what.startsWith('PUT data/a'));
    assert.deepEqual(
      parts.map(([, count]) => count),
      [2, 2, 2],
    );
    faults.decide(() => ({ kind: 'answer', status: 503, code: 'SlowDown' }));
    await assert.rejects(blobs.head('a'), /asks to be left alone for a moment/);
  });

  it('that finds the clocks apart is away until they agree, and says why', async () => {
    const server = await cases.server();
    const faults = await cases.faults(server.port);
    const blobs = await cases.store(faults.port, { requestTimeoutMs: 2000 });
    faults.decide(() => ({ kind: 'answer', status: 403, code: 'RequestTimeTooSkewed' }));
    const put = () => blobs.put('a', chunked(content(100), 100));
    await rejectsWith('store-unavailable', put());
    await assert.rejects(put(), /its clock and that of this machine differ/);
    faults.decide(() => undefined);
    await put();
  });
}

function describeLostWrites(cases: S3Cases): void {
  it('may be cut in any part of an upload', async () => {
    const server = await cases.server();
    const faults = await cases.faults(server.port);
    const blobs = await cases.store(faults.port, { requestTimeoutMs: 10_000 });
    let cuts = 0;
    faults.decide(({ query }) =>
      query.has('partNumber') && ++cuts % 2 === 1 ? { kind: 'cut-request', bytes: 2 * MIB } : undefined,
    );
    const bytes = content(12 * MIB);
    await blobs.put('a', chunked(bytes, 100_000));
    assert.equal(cuts, 6);
    assert.ok((await read(blobs, 'a'))?.equals(bytes));
  });

  it('that breaks for good leaves no part of an upload behind once it is back', async () => {
    const server = await cases.server();
    const faults = await cases.faults(server.port);
    const blobs = await cases.store(faults.port, { requestTimeoutMs: 1000 });
    faults.decide(({ query }) => (query.get('partNumber') === '2' ? { kind: 'cut-request', bytes: MIB } : undefined));
    await rejectsWith('store-unavailable', blobs.put('a', chunked(content(12 * MIB), 100_000)));
    assert.equal(await blobs.head('a'), undefined);
    const isAbort = ({ method, query }: Asked) => method === 'DELETE' && query.has('uploadId');
    assert.ok(faults.asked.some(isAbort));
  });

  for (const [what, lost] of [
    ['the object', ({ method, key }: Asked) => method === 'PUT' && key.startsWith('data/')],
    ['the claim', ({ method, key }: Asked) => method === 'PUT' && key.startsWith('claims/')],
    ['the journal', ({ method, key }: Asked) => method === 'PUT' && key.startsWith('journal/')],
    ['all parts together', ({ method, query }: Asked) => method === 'POST' && query.has('uploadId')],
  ] as const)
    it(`may lose the answer to writing ${what}: it is written once`, async () => {
      const server = await cases.server();
      const faults = await cases.faults(server.port);
      const blobs = await cases.store(faults.port, { requestTimeoutMs: 10_000 });
      const from = await blobs.latestChange();
      let losses = 0;
      faults.decide(asked => (lost(asked) && ++losses === 1 ? { kind: 'lose' } : undefined));
      const bytes = content(what === 'all parts together' ? 6 * MIB : 1000);
      const outcome = await blobs.put('a', chunked(bytes, 100_000), { when: 'absent' });
      assert.ok(outcome.written);
      assert.ok(losses >= 1);
      assert.ok((await read(blobs, 'a'))?.equals(bytes));
      await blobs.put('b', content(1));
      assert.deepEqual(
        (await changesOf(blobs, from, '', 2)).map(({ key, etag }) => [key, etag && key === 'a' ? etag : '']),
        [
          ['a', outcome.blob.etag],
          ['b', ''],
        ],
      );
    });

  it('that changes what is sent is found out by the server', async () => {
    const server = await cases.server();
    const faults = await cases.faults(server.port);
    const blobs = await cases.store(faults.port);
    faults.decide(({ method, key }) =>
      method === 'PUT' && key.startsWith('data/') ? { kind: 'flip-request', at: 500 } : undefined,
    );
    await rejectsWith('data-corrupt', blobs.put('a', content(1000)));
    faults.decide(undefined);
    assert.equal(await blobs.head('a'), undefined);
    assert.ok((await blobs.put('a', content(1000))).written);
  });
}

function describeReads(cases: S3Cases): void {
  it('reads on where a connection was cut, and says where that did not help', async () => {
    const server = await cases.server();
    const faults = await cases.faults(server.port);
    const blobs = await cases.store(faults.port, { requestTimeoutMs: 5000 });
    const bytes = Buffer.from(content(3 * MIB));
    await blobs.put('a', bytes);
    const cutEach = (byte: number) =>
      faults.decide(({ method, key }) =>
        method === 'GET' && key.startsWith('data/') ? { kind: 'cut-answer', bytes: byte } : undefined,
      );
    cutEach(MIB);
    assert.ok((await read(blobs, 'a'))?.equals(bytes));
    const part = await blobs.get('a', { first: 100, last: 2 * MIB });
    assert.ok(part && (await bytesOf(part.body)).equals(bytes.subarray(100, 2 * MIB + 1)));
    const asked = faults.asked.length;
    cutEach(0);
    await assert.rejects(read(blobs, 'a'), /broke off at byte 0 of 3145728, and 5 attempts to go on failed/);
    assert.equal(faults.asked.length - asked, 6);
  });

  it('never mixes two contents where a connection was cut', async () => {
    const server = await cases.server();
    const faults = await cases.faults(server.port);
    const blobs = await cases.store(faults.port);
    await blobs.put('a', content(3 * MIB, 1));
    faults.decide(({ method, key }) =>
      method === 'GET' && key.startsWith('data/') ? { kind: 'cut-answer', bytes: MIB } : undefined,
    );
    const opened = await blobs.get('a');
    await blobs.put('a', content(3 * MIB, 2));
    assert.ok(opened);
    await assert.rejects(bytesOf(opened.body), /replaced or deleted since. Read it again/);
  });

  it('that changes what is read is found out before the end', async () => {
    const server = await cases.server();
    const faults = await cases.faults(server.port);
    const blobs = await cases.store(faults.port);
    await blobs.put('small', content(1000));
    await blobs.put('long', chunked(content(7 * MIB), 100_000));
    faults.decide(({ method, key }) =>
      method === 'GET' && key.startsWith('data/') ? { kind: 'flip-answer', at: 700 } : undefined,
    );
    const small = await blobs.get('small');
    const met: Buffer[] = [];
    small?.body.on('data', (chunk: Buffer) => met.push(chunk));
    await new Promise<void>(resolve =>
      small?.body.on('error', error => {
        assert.match(error.message, /does not match its checksum/);
        resolve();
      }),
    );
    assert.deepEqual(met, []);
    await rejectsWith('data-corrupt', read(blobs, 'long'));
  });

  it('goes on with who reads slowly, also when the server does not want to wait', async () => {
    const server = await cases.server();
    const bytes = Buffer.from(content(8 * MIB));
    await (await cases.store(server.port)).put('a', bytes);
    const blobs = await cases.store(server.port, { requestTimeoutMs: 1500 });
    const opened = await blobs.get('a');
    assert.ok(opened);
    const parts: Buffer[] = [];
    for await (const chunk of opened.body) {
      // Longer than the limit for silence, once.
      if (parts.length === 0) await new Promise(resolve => setTimeout(resolve, 3000));
      parts.push(chunk);
    }
    assert.ok(Buffer.concat(parts).equals(bytes));
  });
}
