// Contract of the blob store: no change is missed by who keeps a cursor.
import assert from 'node:assert/strict';
import { type BlobSubject, changesOf, content, newPrefix, rejectsWith } from './subject.ts';

export function changes(subject: () => BlobSubject): void {
  describe('changes', () => {
    it('tell of what was written and deleted, in order for each key', async () => {
      const { blobs } = subject();
      const prefix = newPrefix();
      const from = await blobs.latestChange();
      const first = await blobs.put(`${prefix}a`, content(3, 1));
      await blobs.put(`${prefix}b`, content(4));
      const second = await blobs.put(`${prefix}a`, content(5, 2));
      await blobs.delete(`${prefix}a`);
      const found = await changesOf(blobs, from, prefix, 4);
      const ofA = found.filter(({ key }) => key === `${prefix}a`);
      assert.deepEqual(
        ofA.map(({ kind, etag, size }) => [kind, etag, size]),
        [
          ['written', first.blob?.etag, 3],
          ['written', second.blob?.etag, 5],
          ['deleted', undefined, undefined],
        ],
      );
      assert.equal(found.length, 4);
    });

    it('tell nothing of writes that did not happen', async () => {
      const { blobs } = subject();
      const prefix = newPrefix();
      await blobs.put(`${prefix}a`, content(3));
      const from = await blobs.latestChange();
      await blobs.put(`${prefix}a`, content(4), { when: 'absent' });
      await blobs.put(`${prefix}b`, content(4), { maxBytes: 1 }).catch(() => {});
      await blobs.delete(`${prefix}c`);
      await blobs.put(`${prefix}end`, content(1));
      const found = await changesOf(blobs, from, prefix, 1);
      assert.deepEqual(
        found.map(({ key }) => key),
        [`${prefix}end`],
      );
    });

    it('are not lost when the store is closed and opened again', async () => {
      const prefix = newPrefix();
      const from = await subject().blobs.latestChange();
      await subject().blobs.put(`${prefix}a`, content(3));
      await subject().reopen();
      await subject().blobs.put(`${prefix}b`, content(3));
      const found = await changesOf(subject().blobs, from, prefix, 2);
      assert.deepEqual(
        found.map(({ key }) => key),
        [`${prefix}a`, `${prefix}b`],
      );
    });

    it('come page by page, each once from a cursor on', async () => {
      const { blobs } = subject();
      const prefix = newPrefix();
      let cursor = await blobs.latestChange();
      for (let n = 0; n < 7; n++) await blobs.put(`${prefix}${n}`, content(1));
      const met: string[] = [];
      while (met.length < 7) {
        const page = await blobs.changes(cursor, { limit: 3, waitMs: 200 });
        assert.ok(page.changes.length <= 3);
        met.push(...page.changes.map(({ key }) => key).filter(key => key.startsWith(prefix)));
        cursor = page.next;
      }
      assert.deepEqual(
        met,
        [0, 1, 2, 3, 4, 5, 6].map(n => `${prefix}${n}`),
      );
    });

    it('are waited for, and the wait ends', async () => {
      const { blobs } = subject();
      const prefix = newPrefix();
      const from = await blobs.latestChange();
      const waiting = blobs.changes(from, { limit: 10, waitMs: 8000 });
      await blobs.put(`${prefix}a`, content(1));
      assert.deepEqual(
        (await waiting).changes.map(({ key }) => key),
        [`${prefix}a`],
      );
      const latest = await blobs.latestChange();
      assert.deepEqual(await blobs.changes(latest, { limit: 10, waitMs: 30 }), { changes: [], next: latest });
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error('enough')), 20);
      const { signal } = controller;
      await assert.rejects(blobs.changes(latest, { limit: 10, waitMs: 8000, signal }), /enough/);
    });

    it('refuse a cursor that is none', async () => {
      const { blobs } = subject();
      await rejectsWith('invalid-input', blobs.changes('x', { limit: 1 }));
      await rejectsWith('invalid-input', blobs.changes(undefined, { limit: 0 }));
    });
  });
}
