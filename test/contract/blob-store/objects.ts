// Contract of the blob store: objects are whole or absent, read in ranges, listed in order.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type BlobSubject, bytesOf, chunked, content, newPrefix, read, rejectsWith } from './subject.ts';

export function objects(subject: () => BlobSubject): void {
  describe('objects', () => {
    for (const length of [0, 1, 65_536, 262_143, 262_144, 262_145, 1_000_003, 11_000_003]) {
      it(`of ${length} bytes come back as they went in`, async () => {
        const { blobs } = subject();
        const key = `${newPrefix()}x`;
        const bytes = content(length);
        const outcome = await blobs.put(key, chunked(bytes, 7919));
        assert.ok(outcome.written);
        assert.equal(outcome.blob.size, length);
        assert.deepEqual(await read(blobs, key), Buffer.from(bytes));
      });
    }

    it('are kept where there is a clock', async () => {
      const { blobs } = subject();
      const before = await blobs.now();
      assert.ok(Math.abs(before - Date.now()) < 120_000, `${before}`);
      assert.ok((await blobs.now()) >= before);
    });

    it('keep type, metadata, size, time and etag', async () => {
      const { blobs } = subject();
      const key = `${newPrefix()}cat.jpg`;
      const options = { contentType: 'image/jpeg; q=1', metadata: { owner: 'ann', 'taken-at': '2026-01-31 12:00' } };
      const before = Date.now();
      const outcome = await blobs.put(key, content(10), options);
      assert.ok(outcome.written);
      const head = await blobs.head(key);
      assert.ok(head);
      assert.deepEqual({ contentType: head.contentType, metadata: head.metadata }, options);
      assert.deepEqual([head.key, head.size, head.etag], [key, 10, outcome.blob.etag]);
      assert.ok(Math.abs(head.modified - before) < 60_000);
      const opened = await blobs.get(key);
      assert.deepEqual(opened?.info, head);
      opened?.body.destroy();
      assert.equal((await blobs.head(`${key}x`)) ?? (await blobs.get(`${key}x`)), undefined);
      const plain = await blobs.put(`${key}2`, content(1));
      assert.deepEqual([plain.blob?.contentType, plain.blob?.metadata], ['application/octet-stream', {}]);
    });

    it('are read in ranges', async () => {
      const { blobs } = subject();
      const key = `${newPrefix()}x`;
      const bytes = Buffer.from(content(700_000));
      await blobs.put(key, bytes);
      const place = fc.oneof(
        fc.constantFrom(0, 1, 262_143, 262_144, 262_145, 524_288, 699_999, 700_000, 800_000),
        fc.nat(700_000),
      );
      await fc.assert(
        fc.asyncProperty(place, fc.option(place, { nil: undefined }), async (first, last) => {
          const opened = await blobs.get(key, { first, last });
          assert.ok(opened);
          const expected = bytes.subarray(first, last === undefined ? undefined : Math.max(first, last + 1));
          assert.deepEqual(await bytesOf(opened.body), expected);
          assert.deepEqual([opened.first, opened.length], [Math.min(first, 700_000), expected.length]);
        }),
        { numRuns: 60 },
      );
      const end = await blobs.get(key, { first: -10 });
      assert.deepEqual([end?.first, end && (await bytesOf(end.body))], [699_990, bytes.subarray(-10)]);
      const all = await blobs.get(key, { first: -1_000_000 });
      assert.equal(all && (await bytesOf(all.body)).length, 700_000);
    });

    it('are replaced as a whole; who reads the old one reads it to its end', async () => {
      const { blobs } = subject();
      const key = `${newPrefix()}x`;
      const [old, next] = [content(900_000, 1), content(500_000, 2)];
      const first = await blobs.put(key, old);
      const opened = await blobs.get(key);
      assert.ok(opened);
      const second = await blobs.put(key, next);
      assert.notEqual(first.blob?.etag, second.blob?.etag);
      await blobs.delete(key);
      assert.deepEqual(await bytesOf(opened.body), Buffer.from(old));
      assert.equal(await read(blobs, key), undefined);
    });

    describeWritesThatFail(subject);
    describeConditions(subject);
    describeKeys(subject);
    it('are there after the store was closed and opened again', async () => {
      const key = `${newPrefix()}deep/er/x.bin`;
      await subject().blobs.put(key, content(300_000), { metadata: { a: 'b' } });
      await subject().reopen();
      assert.deepEqual(await read(subject().blobs, key), Buffer.from(content(300_000)));
      assert.deepEqual((await subject().blobs.head(key))?.metadata, { a: 'b' });
    });
  });
}

function describeWritesThatFail(subject: () => BlobSubject): void {
  it('show nothing of a body that breaks off, and keep what was there', async () => {
    const { blobs } = subject();
    const prefix = newPrefix();
    await blobs.put(`${prefix}old`, content(10));
    async function* broken() {
      yield content(600_000);
      throw Object.assign(new Error('client went away'), { syscall: 'read', code: 'ECONNRESET' });
    }
    for (const key of [`${prefix}old`, `${prefix}new`])
      await assert.rejects(blobs.put(key, broken()), /client went away/);
    assert.equal((await read(blobs, `${prefix}old`))?.length, 10);
    assert.equal(await blobs.head(`${prefix}new`), undefined);
    assert.deepEqual(
      (await blobs.list(prefix, { limit: 10 })).blobs.map(({ key }) => key),
      [`${prefix}old`],
    );
  });

  it('are given up when the signal says so, also while the body hangs', async () => {
    const { blobs } = subject();
    const key = `${newPrefix()}x`;
    const controller = new AbortController();
    async function* hanging() {
      yield content(10);
      setTimeout(() => controller.abort(new Error('too late')), 20);
      await new Promise(() => {});
    }
    await assert.rejects(blobs.put(key, hanging(), { signal: controller.signal }), /too late/);
    await assert.rejects(blobs.put(key, content(1), { signal: controller.signal }), /too late/);
    assert.equal(await blobs.head(key), undefined);
  });

  it('longer than allowed are refused', async () => {
    const { blobs } = subject();
    const key = `${newPrefix()}x`;
    await rejectsWith('body-too-large', blobs.put(key, chunked(content(101), 50), { maxBytes: 100 }));
    assert.equal(await blobs.head(key), undefined);
    assert.ok((await blobs.put(key, content(100), { maxBytes: 100 })).written);
  });
}

function describeConditions(subject: () => BlobSubject): void {
  it('are written when absent by one of many', async () => {
    const { blobs } = subject();
    const key = `${newPrefix()}x`;
    const tries = Array.from({ length: 10 }, (_, n) => blobs.put(key, content(1000, n), { when: 'absent' }));
    const outcomes = await Promise.all(tries);
    const winner = outcomes.find(({ written }) => written);
    assert.equal(outcomes.filter(({ written }) => written).length, 1);
    for (const { blob } of outcomes) assert.equal(blob?.etag, winner?.blob?.etag);
  });

  it('are replaced only over the one asked for', async () => {
    const { blobs } = subject();
    const key = `${newPrefix()}x`;
    const first = await blobs.put(key, content(5, 1));
    assert.ok(first.written);
    const when = { etag: first.blob.etag };
    const second = await blobs.put(key, content(5, 2), { when });
    assert.ok(second.written);
    const late = await blobs.put(key, content(5, 3), { when });
    assert.deepEqual([late.written, late.blob?.etag], [false, second.blob.etag]);
    assert.deepEqual(await blobs.put(`${key}y`, content(5), { when }), { written: false, blob: undefined });
    assert.deepEqual(await read(blobs, key), Buffer.from(content(5, 2)));
  });

  it('are deleted once', async () => {
    const { blobs } = subject();
    const key = `${newPrefix()}x`;
    await blobs.put(key, content(1));
    assert.equal(await blobs.delete(key), true);
    assert.equal(await blobs.delete(key), false);
    assert.equal(await blobs.head(key), undefined);
  });
}

function describeKeys(subject: () => BlobSubject): void {
  it('take odd keys, also one that is the folder of another', async () => {
    const { blobs } = subject();
    const prefix = newPrefix();
    const odd = [
      'a',
      'a/b',
      'a/b/c',
      'a~b',
      'a%2Fb',
      '.hidden',
      '...',
      'ü🙂',
      'x y',
      'A',
      'con:1',
      '"q"',
      'back\\slash',
      'end.',
      `l/${'é'.repeat(200)}`,
      `l/${'é'.repeat(200)}2`,
    ];
    for (const name of odd) await blobs.put(prefix + name, Buffer.from(name));
    for (const name of odd) assert.equal((await read(blobs, prefix + name))?.toString(), name);
    const { blobs: listed } = await blobs.list(prefix, { limit: 100 });
    const sorted = odd.map(name => prefix + name).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(
      listed.map(({ key }) => key),
      sorted,
    );
  });

  it('refuse keys and metadata that not everybody can keep', async () => {
    const { blobs } = subject();
    const keys = [
      '',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      '../a',
      'a/../b',
      'a/./b',
      'a\0b',
      'a\nb',
      'x'.repeat(1025),
      '\ud800',
    ];
    for (const key of keys) {
      await rejectsWith('invalid-input', blobs.put(key, content(1)));
      await rejectsWith('invalid-input', blobs.get(key));
      await rejectsWith('invalid-input', blobs.delete(key));
    }
    for (const metadata of [{ Upper: '1' }, { a: 'ü' }, { a: ' x' }, { a: 'x\r\ny' }, { a: 'x'.repeat(2048) }])
      await rejectsWith('invalid-input', blobs.put('x', content(1), { metadata }));
    await rejectsWith('invalid-input', blobs.put('x', content(1), { contentType: 'a\nb' }));
  });

  it('are listed by prefix, page by page', async () => {
    const { blobs } = subject();
    const prefix = newPrefix();
    const names = ['a', 'a-b', 'a/x', 'a/y', 'a0', 'b', '\uFFFD', '\u{10FFFF}'];
    for (const name of names) await blobs.put(prefix + name, content(2));
    const met: string[] = [];
    let after: string | undefined;
    do {
      const page = await blobs.list(prefix, { limit: 3, after });
      met.push(...page.blobs.map(({ key }) => key.slice(prefix.length)));
      after = page.next;
    } while (after !== undefined);
    assert.deepEqual(met, names);
    const under = await blobs.list(`${prefix}a/`, { limit: 3 });
    assert.deepEqual(
      under.blobs.map(({ key }) => key.slice(prefix.length)),
      ['a/x', 'a/y'],
    );
    assert.equal(under.next, undefined);
    const behind = await blobs.list(`${prefix}a/`, { limit: 3, after: `${prefix}Z` });
    assert.equal(behind.blobs.length, 2);
    await rejectsWith('invalid-input', blobs.list(prefix, { limit: 0 }));
    await rejectsWith('invalid-input', blobs.list(prefix, { limit: 1001 }));
  });
}
