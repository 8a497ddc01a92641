// Columns of names: made of records as they lie in chunks, they have the names of the decoded ones.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addHashes, noHashes } from '../../../../drivers/event-index/record-hashes.ts';
import type { NewRecord } from '../../../../drivers/event-log/event-log.ts';
import { NameColumns, offsetsIn, shortHash } from '../../../../drivers/event-log/sqlite/names/name-columns.ts';
import { writeRecord } from '../../../../drivers/event-log/sqlite/record-codec.ts';
import { ByteWriter } from '../../../../drivers/sqlite/bytes.ts';

describe('columns of names', () => {
  it('have those of the decoded records, also of structured events, strange names and damaged chunks', () => {
    const letter = fc.constantFrom('a', '0', '-', 'é', '☕', '🫘', '\u0000', '\uffff');
    const name = fc.oneof(
      fc.string({ unit: letter, maxLength: 12 }),
      fc.constantFrom('', '☕', '__proto__', 'é'.repeat(40)),
    );
    const trace = fc.integer({ min: 1, max: 9 }).map(at => `00-${at.toString().repeat(32)}-00f067aa0ba902b7-01`);
    const header = fc.option(fc.oneof(trace, name), { nil: undefined });
    const record = fc
      .record({
        key: fc.option(name),
        isStructured: fc.boolean(),
        id: fc.option(name, { nil: undefined }),
        brought: header,
        said: header,
      })
      .map(({ key, isStructured, id, brought, said }): NewRecord => {
        const event = { specversion: '1.0', id, source: '/a', type: 't', ...(said && { traceparent: said }) };
        const headers: Readonly<Record<string, string | undefined>> = isStructured
          ? { 'content-type': 'application/CloudEvents+json; charset=utf-8' }
          : { ce_specversion: '1.0', ce_id: id, ce_traceparent: said, 'content-type': 'application/json' };
        const all = Object.entries({ ...headers, traceparent: brought });
        const known = all.filter((each): each is [string, string] => each[1] !== undefined);
        const value = Buffer.from(isStructured ? JSON.stringify(event) : '{}');
        return { key, value, headers: Object.fromEntries(known) };
      });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), fc.integer({ min: 0, max: 4000 }), (records, cut) => {
        const out = new ByteWriter();
        for (const each of records) writeRecord(out, each, 0);
        const columns = new NameColumns();
        columns.addChunk({ data: out.bytes, base: 0, count: records.length });
        const all = columns.all();
        for (const [offset, each] of records.entries()) {
          const hashes = noHashes();
          addHashes(hashes, { ...each, value: Buffer.from(each.value), offset, timestamp: 0 });
          for (const [field, set] of [hashes.id, hashes.key, hashes.trace].entries())
            for (const hash of set) {
              const found = offsetsIn(all[field] ?? new Uint8Array(), 0, records.length, shortHash(hash));
              assert.ok(found.includes(offset), `${field} of ${offset}`);
            }
        }
        columns.addChunk({ data: out.bytes.subarray(0, cut), base: 0, count: records.length });
      }),
      { numRuns: 50 },
    );
  });
});
