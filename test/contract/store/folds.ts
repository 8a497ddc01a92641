// Contract of the store: changes and position are one step, and what is read is
// what a plain model holds.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Fence } from '../../../drivers/store/changes.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { anyChange, value } from './arbitraries.ts';
import { StoreModel } from './model.ts';
import { change, HOUR, newScope, rejectsWith, type StoreSubject, text } from './subject.ts';

const put = (key: string, value = '1') => ({ kind: 'put' as const, key, value, ttlMs: HOUR });
const fence = (after: number | undefined, upTo: number, consumer = 'view', partition = 0): Fence => ({
  consumer,
  partition,
  after,
  upTo,
});

export function folds(subject: () => StoreSubject): void {
  describe('folds', () => {
    it('move changes and position together', async () => {
      const { store } = subject();
      const scope = newScope();
      assert.equal(await store.position(scope, 'view', 0), undefined);
      assert.deepEqual(await store.apply(scope, [put('k', '1')], fence(undefined, 10)), { applied: true });
      assert.deepEqual(await store.apply(scope, [put('k', '2')], fence(10, 20)), { applied: true });
      assert.equal(await store.position(scope, 'view', 0), 20);
      assert.equal(text((await store.get(scope, 'k'))?.value), '2');
    });

    it('take what was made of what the same server said', async () => {
      const { store } = subject();
      const scope = newScope();
      const server = await store.server(scope);
      assert.notEqual(server, '');
      assert.deepEqual(await store.apply(scope, [put('k', '1')], { ...fence(undefined, 10), server }), {
        applied: true,
      });
      assert.equal(await store.server(scope), server);
      assert.deepEqual(await store.apply(scope, [put('k', '2')], { ...fence(10, 20), server }), { applied: true });
      assert.deepEqual(await store.apply(scope, [put('k', '3')], { ...fence(10, 30), server }), {
        applied: false,
        position: 20,
      });
    });

    for (const [what, after] of [
      ['a step that was made before', 10],
      ['a step from further on', 30],
      ['a step that begins anew', undefined],
    ] as const) {
      it(`refuse ${what}, change nothing, and say where they are`, async () => {
        const { store } = subject();
        const scope = newScope();
        await store.apply(scope, [put('k', 'kept')], fence(undefined, 20));
        const changes = [put('k', 'wrong'), put('other', 'wrong')];
        assert.deepEqual(await store.apply(scope, changes, fence(after, 40)), { applied: false, position: 20 });
        assert.equal(text((await store.get(scope, 'k'))?.value), 'kept');
        assert.equal(await store.get(scope, 'other'), undefined);
        assert.equal(await store.position(scope, 'view', 0), 20);
      });
    }

    it('answer that there is no position when one was expected', async () => {
      const outcome = await subject().store.apply(newScope(), [], fence(7, 8));
      assert.deepEqual(outcome, { applied: false, position: undefined });
    });

    it('let one of several owners win', async () => {
      const { store } = subject();
      const scope = newScope();
      const count = { kind: 'count' as const, counter: 'c', by: 1 };
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => store.apply(scope, [count], fence(undefined, 5))),
      );
      assert.equal(outcomes.filter(({ applied }) => applied).length, 1);
      assert.equal(await store.counter(scope, 'c'), 1);
    });

    it('keep a position for each consumer and partition of a scope', async () => {
      const { store } = subject();
      const [scope, other] = [newScope(), newScope()];
      await store.apply(scope, [], fence(undefined, 1, 'a', 0));
      await store.apply(scope, [], fence(undefined, 2, 'a', 1));
      await store.apply(scope, [], fence(undefined, 3, 'b', 0));
      await store.apply(other, [], fence(undefined, 4, 'a', 0));
      const read = [
        { scope, consumer: 'a', partition: 0 },
        { scope, consumer: 'a', partition: 1 },
        { scope, consumer: 'b', partition: 0 },
        { scope: other, consumer: 'a', partition: 0 },
      ];
      const found = await Promise.all(read.map(at => store.position(at.scope, at.consumer, at.partition)));
      assert.deepEqual(found, [1, 2, 3, 4]);
    });

    it('make no change at all when one of them cannot be made', async () => {
      const { store } = subject();
      const scope = newScope();
      await change(store, scope, { kind: 'count', counter: 'c', by: Number.MAX_SAFE_INTEGER });
      const changes = [put('k'), { kind: 'count' as const, counter: 'c', by: 1 }];
      await rejectsWith('invalid-input', store.apply(scope, changes, fence(undefined, 5)));
      assert.equal(await store.get(scope, 'k'), undefined);
      assert.equal(await store.position(scope, 'view', 0), undefined);
    });

    it('refuse what cannot be kept', async () => {
      const { store } = subject();
      const scope = newScope();
      const row = { kind: 'put-row' as const, table: 't', key: 'k', value: '' };
      await rejectsWith('invalid-input', store.apply(scope, [{ ...row, indexes: { i: [Number.NaN] } }]));
      await rejectsWith('invalid-input', store.apply(scope, [{ ...row, indexes: { i: ['x'.repeat(2000)] } }]));
      await rejectsWith('invalid-input', store.apply(scope, [{ ...row, table: '' }]));
      await rejectsWith('invalid-input', store.apply(scope, [], fence(5, 4)));
      await rejectsWith(
        'invalid-input',
        store.apply(
          scope,
          Array.from({ length: 10_001 }, () => put('k')),
        ),
      );
      const large = new Uint8Array(4 << 20);
      const changes = Array.from({ length: 5 }, (_, n) => ({ ...row, key: `${n}`, value: large }));
      await rejectsWith('body-too-large', store.apply(scope, changes));
      const score = { kind: 'score' as const, ranking: 'r', member: 'm', mode: 'sum' as const, limit: 10 };
      await rejectsWith('invalid-input', store.apply(scope, [{ ...score, score: Number.NaN }]));
      await change(store, scope, { ...score, score: Number.MAX_VALUE });
      await rejectsWith('invalid-input', store.apply(scope, [{ ...score, score: Number.MAX_VALUE }]));
    });

    it('read as a plain model does, whatever was changed', async () => {
      const step = fc.oneof(
        { weight: 6, arbitrary: fc.record({ changes: fc.array(anyChange, { maxLength: 30 }), lost: fc.boolean() }) },
        { weight: 1, arbitrary: fc.constant('pass' as const) },
      );
      const bound = fc.record({ value, inclusive: fc.boolean() });
      const scans = fc.array(
        fc.record({
          prefix: fc.array(value, { maxLength: 2 }),
          from: fc.option(bound, { nil: undefined }),
          to: fc.option(bound, { nil: undefined }),
          reverse: fc.boolean(),
        }),
        { maxLength: 6 },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), scans, async (steps, scans) => {
          const { store, pass } = subject();
          const scope = newScope();
          const model = new StoreModel();
          let position: number | undefined;
          for (const step of steps) {
            if (step === 'pass') {
              await pass(150);
              model.now += 150;
              continue;
            }
            const next = fence(step.lost ? (position ?? 0) + 1 : position, (position ?? 0) + 1);
            const { applied } = await store.apply(scope, step.changes, next);
            assert.equal(applied, model.apply(step.changes, next));
            if (applied) position = next.upTo;
          }
          await assertSame(store, scope, model);
          for (const scan of scans) {
            for (const index of ['i', 'j']) {
              const keys = await keysOf(store, scope, 't', { ...scan, index });
              assert.deepEqual(keys, model.scan('t', { ...scan, index }));
              assert.equal(await store.countRows(scope, 't', { ...scan, index }, 1000), keys.length);
            }
          }
        }),
        { numRuns: 100 },
      );
    });
  });
}

const NAMES = ['a', 'ab', 'b', 'b\0', '\u{10FFFF}', '\uFFFD', 'é', '%', '{x}'];
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');

async function assertSame(store: Store, scope: string, model: StoreModel): Promise<void> {
  assert.equal(await store.position(scope, 'view', 0), model.position('view', 0));
  for (const key of NAMES) {
    assert.equal(hex((await store.get(scope, key))?.value), model.key(key));
    for (const table of ['t', 'u'])
      assert.equal(hex((await store.row(scope, table, key))?.value), model.row(table, key));
  }
  for (const scan of [
    {},
    { index: 'i' },
    { index: 'j', reverse: true },
    { reverse: true },
    { prefix: ['a'] },
    { prefix: ['b'] },
  ])
    assert.deepEqual(await keysOf(store, scope, 't', scan), model.scan('t', scan));
  for (const ranking of ['r', 'q']) {
    const top = await store.top(scope, ranking, { limit: 100 });
    const read = top.map(({ member, score, value }) => ({ member, score, value: hex(value) }));
    assert.deepEqual(read, model.ranking(ranking));
    assert.equal(await store.rankingSize(scope, ranking), read.length);
  }
  for (const owner of ['o', 'p']) {
    const { entries } = await store.feed(scope, 'f', owner, { limit: 100 });
    assert.deepEqual(
      entries.map(({ id, at, value }) => ({ id, at, value: hex(value) })),
      model.feed('f', owner),
    );
  }
  for (const counter of ['c', 'd']) assert.equal(await store.counter(scope, counter), model.counter(counter));
}

/** Page by page. */
async function keysOf(
  store: Store,
  scope: string,
  table: string,
  scan: Parameters<StoreModel['scan']>[1],
): Promise<string[]> {
  const keys: string[] = [];
  let after: string | undefined;
  do {
    const page = await store.scan(scope, table, { ...scan, limit: 2, after });
    keys.push(...page.rows.map(({ key }) => key));
    after = page.next;
  } while (after !== undefined);
  return keys;
}
