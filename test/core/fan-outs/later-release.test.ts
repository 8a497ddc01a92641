// What a fan-out is told and what is kept of its items carries a version: what a later release has
// written is refused, and not taken for nothing.
import assert from 'node:assert/strict';
import { factOf, toFactRecord } from '../../../core/fan-outs/facts.ts';
import { decodeFailedRow, decodeWithHead, encodeWithHead, readFanOutJobHead } from '../../../core/fan-outs/job.ts';
import { decodeResult } from '../../../core/fan-outs/result-text.ts';
import { streamResults } from '../../../core/fan-outs/stream-results.ts';
import { createFactFold } from '../../../worker/fan-outs/fold-facts.ts';
import { readOutboxEntry } from '../../../worker/fan-outs/outbox.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const NONCE = '0123456789abcdef';
const rules = {
  completion: { when: 'all', tolerate: { count: 0 } },
  deadlineMs: 1000,
  ttlMs: 1000,
  gathers: false,
} as const;
const refusal = (what: string) => ({
  code: 'later-release',
  message: `${what} has version 2, of a later release; this release reads up to 1. Finish the upgrade, or run the later release again.`,
});
/** `fields`: what of it a release writes. */
const factRecord = (fields: object) => toFactRecord(NONCE, 0, fields as never);
const failure = { error: { message: 'no' }, letter: {}, at: 1, generation: 0 };

const formats: Record<string, readonly [what: string, fields: object, read: (fields: object) => unknown]> = {
  'what is told of a job': [`what is told of job ${NONCE}`, { kind: 'cancel' }, fields => factOf(factRecord(fields))],
  'a result': [
    'what is kept at n/0',
    { status: 200, size: 0 },
    head => decodeResult({ key: 'n/0', value: encodeWithHead(head, Buffer.from('x')) }),
  ],
  'an outbox entry': [
    'what is kept at n/split/0',
    { nonce: NONCE, generation: 0, entry: { kind: 'split', headers: {} } },
    head => readOutboxEntry({ key: 'n/split/0', value: encodeWithHead(head, Buffer.from('x')) }),
  ],
  'the failure of an item': [
    'the failure at n/0',
    failure,
    row => decodeFailedRow({ key: 'n/0', value: Buffer.from(JSON.stringify(row)) }),
  ],
};

describe('what a later release has written of a fan-out', () => {
  for (const [name, [what, fields, read]] of Object.entries(formats))
    it(`is refused where it is ${name}; without a version it is of the first one`, () => {
      assert.notEqual(read(fields), undefined);
      assert.notEqual(read({ ...fields, v: 1 }), undefined);
      assert.throws(() => read({ ...fields, v: 2 }), refusal(what));
    });

  it('is refused also where it has nothing that this release knows', () => {
    assert.throws(() => factOf(factRecord({ v: 2 })), refusal(`what is told of job ${NONCE}`));
    assert.throws(
      () => decodeResult({ key: 'k', value: encodeWithHead({ v: 2 }, Buffer.of()) }),
      refusal('what is kept at k'),
    );
  });

  it('is refused where it is of a kind that this release does not know, whatever its version', () => {
    const said = `what is told of job ${NONCE} is of kind toString, of a later release. Finish the upgrade, or run the later release again.`;
    for (const fields of [{ kind: 'toString' }, { kind: 'toString', v: 1 }])
      assert.throws(() => factOf(factRecord(fields)), { code: 'later-release', message: said });
    assert.equal(factOf(factRecord({ index: 0 })), undefined);
  });

  it('is not what an event has in a header of that name', () => {
    const input = { key: NONCE, value: encodeWithHead({ v: '2' }, Buffer.from('x')) };
    assert.deepEqual(decodeWithHead(input)?.head, { v: '2' });
  });

  it('stops the fold before anything of it is changed, for a fact as for a failure that it meets', async () => {
    const fold = createFactFold(createFakeWorld(), rules);
    const run = (fields: object, stored: (table: string) => object | undefined) => {
      const record = { ...factRecord(fields), offset: 17, timestamp: 0 };
      const rows = async (_scope: string, table: string, keys: readonly string[]) =>
        keys.map(key => {
          const row = stored(table);
          return row && { key, value: Buffer.from(JSON.stringify(row)), version: '' };
        });
      return fold([record], 's', { rows }, 0);
    };
    await assert.rejects(
      run({ v: 2, kind: 'paused' }, () => undefined),
      refusal(`what is told of job ${NONCE}`),
    );
    const failed = { kind: 'failed', index: 3, ...failure };
    await assert.rejects(
      run(failed, table => (table === 'failed' ? { ...failure, v: 2 } : undefined)),
      refusal(`the failure at ${NONCE}/00000003`),
    );
  });

  it('is not left out of what is gathered', async () => {
    const value = encodeWithHead({ v: 2, status: 200, size: 1 }, Buffer.from('1'));
    const scan = async (_scope: string, table: string) => ({
      rows: table === 'results' ? [{ key: `${NONCE}/00000000`, value }] : [],
      next: undefined,
    });
    const lines = streamResults({ store: { scan }, blobs: undefined }, 's', NONCE, 0);
    await assert.rejects(lines.next(), refusal(`what is kept at ${NONCE}/00000000`));
  });

  it('says in each version which job it is of, and since when that is there', () => {
    const row = (fields: object) => readFanOutJobHead(Buffer.from(JSON.stringify(fields)));
    assert.deepEqual(row({ v: 2, id: 'i', acceptedAt: 7, state: { of: 'another kind' } }), { id: 'i', acceptedAt: 7 });
    for (const fields of [
      { v: 2, id: 'i' },
      { v: 2, acceptedAt: 7 },
      { id: 'i', acceptedAt: 7 },
    ])
      assert.equal(row(fields), undefined);
  });
});
