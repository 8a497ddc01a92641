// Contract of the store: rows by key and by index, page by page.
import assert from 'node:assert/strict';
import type { PutRow } from '../../../drivers/store/changes.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { Scan, ScopedRows } from '../../../drivers/store/tables.ts';
import { change, newScope, rejectsWith, type StoreSubject, text } from './subject.ts';

function row(key: string, indexes: PutRow['indexes'] = {}, value = key): PutRow {
  return { kind: 'put-row', table: 't', key, value, indexes };
}

/** Tweets of two authors. */
const TWEETS = [
  row('1', { author: ['ann'], both: ['ann', 30] }),
  row('2', { author: ['bob'], both: ['bob', 10] }),
  row('3', { author: ['ann'], both: ['ann', 10] }),
  row('4', { author: ['ann'], both: ['ann', 20] }),
  row('5', { author: ['annabel'], both: ['annabel', 5] }),
];

async function keysOf(store: Store, scope: string, scan: Omit<Scan, 'limit'>): Promise<string[]> {
  const { rows, next } = await store.scan(scope, 't', { ...scan, limit: 1000 });
  assert.equal(next, undefined);
  return rows.map(({ key }) => key);
}

export function tables(subject: () => StoreSubject): void {
  describe('tables', () => {
    it('find rows by key, one and many', async () => {
      const { store } = subject();
      const scope = newScope();
      await change(store, scope, ...TWEETS);
      assert.equal(text((await store.row(scope, 't', '3'))?.value), '3');
      const rows = await store.rows(scope, 't', ['5', 'none', '1', '5']);
      assert.deepEqual(
        rows.map(row => row?.key),
        ['5', undefined, '1', '5'],
      );
      assert.equal(await store.row(scope, 'other', '3'), undefined);
      assert.equal(await store.get(scope, '3'), undefined);
      assert.deepEqual(await store.rows(scope, 't', []), []);
    });

    const scans: [string, Omit<Scan, 'limit'>, string[]][] = [
      ['all by key', {}, ['1', '2', '3', '4', '5']],
      ['all by key, backwards', { reverse: true }, ['5', '4', '3', '2', '1']],
      ['a range of keys', { from: { value: '2', inclusive: false }, to: { value: '4', inclusive: true } }, ['3', '4']],
      ['those of one value, by key', { index: 'author', prefix: ['ann'] }, ['1', '3', '4']],
      ['those of one value, by the next', { index: 'both', prefix: ['ann'] }, ['3', '4', '1']],
      ['the same backwards', { index: 'both', prefix: ['ann'], reverse: true }, ['1', '4', '3']],
      ['those of all values', { index: 'both', prefix: ['ann', 20] }, ['4']],
      ['from a value on', { index: 'both', prefix: ['ann'], from: { value: 20, inclusive: true } }, ['4', '1']],
      ['after a value', { index: 'both', prefix: ['ann'], from: { value: 20, inclusive: false } }, ['1']],
      ['up to a value', { index: 'both', prefix: ['ann'], to: { value: 20, inclusive: true } }, ['3', '4']],
      ['below a value', { index: 'both', prefix: ['ann'], to: { value: 20, inclusive: false } }, ['3']],
      ['a range of first values', { index: 'author', from: { value: 'annabel', inclusive: true } }, ['5', '2']],
      ['nothing of an unknown value', { index: 'author', prefix: ['an'] }, []],
      ['nothing of another type', { index: 'both', prefix: ['ann', '20'] }, []],
      ['nothing of an index that is not there', { index: 'other' }, []],
    ];
    for (const [what, scan, expected] of scans) {
      it(`scan ${what}`, async () => {
        const { store } = subject();
        const scope = newScope();
        await change(store, scope, ...TWEETS);
        assert.deepEqual(await keysOf(store, scope, scan), expected);
        const { reverse: _, ...rows } = scan;
        assert.equal(await store.countRows(scope, 't', rows, 1000), expected.length);
      });
    }

    it('count rows exactly, or say that there are more', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      await change(store, scope, ...TWEETS);
      const rows = { index: 'both', prefix: ['ann'] };
      assert.equal(await store.countRows(scope, 't', rows, 3), 3);
      assert.equal(await store.countRows(scope, 't', rows, 2), undefined);
      assert.equal(await store.countRows(scope, 't', {}, 4), undefined);
      await change(store, scope, { ...row('6', { both: ['ann', 0] }), ttlMs: 50 });
      await pass(60);
      assert.equal(await store.countRows(scope, 't', rows, 3), 3);
      for (const most of [0, 1.5, 1_000_001])
        await rejectsWith('invalid-input', store.countRows(scope, 't', rows, most));
    });

    it('move a row in its indexes when its values change, and take it out when they are gone', async () => {
      const { store } = subject();
      const scope = newScope();
      await change(store, scope, ...TWEETS);
      await change(store, scope, row('1', { author: ['bob'] }));
      await change(store, scope, row('4'));
      await change(store, scope, { kind: 'delete-row', table: 't', key: '3' });
      assert.deepEqual(await keysOf(store, scope, { index: 'author', prefix: ['ann'] }), []);
      assert.deepEqual(await keysOf(store, scope, { index: 'author', prefix: ['bob'] }), ['1', '2']);
      assert.deepEqual(await keysOf(store, scope, { index: 'both' }), ['5', '2']);
      assert.deepEqual(await keysOf(store, scope, {}), ['1', '2', '4', '5']);
    });

    describePages(subject);
    it('change the version of a row with each write', async () => {
      const { store } = subject();
      const scope = newScope();
      const versions = new Set<string | undefined>();
      for (let turn = 0; turn < 3; turn++) {
        await change(store, scope, row('k'));
        versions.add((await store.row(scope, 't', 'k'))?.version);
        await change(store, scope, { kind: 'delete-row', table: 't', key: 'k' });
      }
      assert.equal(versions.size, 3);
    });

    it('forget rows when their time is over, in scans too', async () => {
      const { store, pass } = subject();
      const scope = newScope();
      await change(store, scope, { ...row('1', { i: [1] }), ttlMs: 50 }, row('2', { i: [1] }));
      await pass(60);
      assert.equal(await store.row(scope, 't', '1'), undefined);
      assert.deepEqual(await keysOf(store, scope, {}), ['2']);
      assert.deepEqual(await keysOf(store, scope, { index: 'i' }), ['2']);
      await change(store, scope, row('1', { i: [0] }));
      assert.deepEqual(await keysOf(store, scope, { index: 'i' }), ['1', '2']);
    });

    describeSets(subject);
    it('refuse scans without a sensible limit', async () => {
      const { store } = subject();
      for (const limit of [0, -1, 1.5, 10_001, Number.NaN])
        await rejectsWith('invalid-input', store.scan(newScope(), 't', { limit }));
      await rejectsWith('invalid-input', store.scan(newScope(), 't', { limit: 1, prefix: [1] }));
    });
  });
}

/** Rows of two scopes, of which some go in time; sets of both, as if they were one. */
function describeSets(subject: () => StoreSubject): void {
  const sets = (scopes: readonly string[], names: readonly string[]): ScopedRows[] =>
    scopes.flatMap(scope => names.map(name => ({ scope, prefix: [name] })));

  it('answer sets of several scopes as one, page by page, in both directions, without what is over', async () => {
    const { store, pass } = subject();
    const scopes = Array.from({ length: 20 }, newScope);
    const expected: string[] = [];
    for (const [at, scope] of scopes.entries()) {
      const rows = Array.from({ length: 3 }, (_, n) => {
        const key = String(n * 20 + at).padStart(3, '0');
        return row(key, { i: [['a', 'b', 'c'][at % 3] ?? '', n] });
      });
      await change(store, scope, ...rows, { ...row(`x${at}`, { i: ['a', 1] }), ttlMs: 50 });
      if (at % 3 !== 2) expected.push(...rows.map(({ key, indexes: { i = [] } = {} }) => `${i[0]}${i[1]} ${key}`));
    }
    await pass(60);
    expected.sort();
    // As many as one statement of SQLite merges, and more.
    for (const [limit, names] of [
      [1, ['a', 'b']],
      [4, ['a', 'b', 'd', 'e']],
      [1000, ['a', 'b']],
    ] as const)
      for (const reverse of [false, true]) {
        const met: string[] = [];
        let after: string | undefined;
        do {
          const page = await store.scanSets(sets(scopes, names), 't', { index: 'i', limit, reverse, after });
          assert.ok(page.rows.length <= limit);
          met.push(...page.rows.map(({ key }) => key));
          after = page.next;
        } while (after !== undefined);
        const order = reverse ? expected.toReversed() : expected;
        assert.deepEqual(
          met,
          order.map(text => text.slice(3)),
        );
      }
  });

  it('give rows of a set whole, and from where its bounds begin', async () => {
    const { store } = subject();
    const [one, other] = [newScope(), newScope()];
    await change(store, one, ...TWEETS);
    await change(store, other, row('6', { both: ['ann', 25] }, 'six'), row('7', { both: ['ann', 15] }));
    const from = { value: 20, inclusive: true };
    const asked = [one, other].map(scope => ({ scope, prefix: ['ann'], from }));
    const { rows, next } = await store.scanSets(asked, 't', { index: 'both', limit: 10 });
    assert.equal(next, undefined);
    assert.deepEqual(
      rows.map(({ key, value }) => [key, text(value)]),
      [
        ['4', '4'],
        ['6', 'six'],
        ['1', '1'],
      ],
    );
    const { rows: alone } = await store.scan(other, 't', { index: 'both', prefix: ['ann'], from, limit: 1 });
    assert.deepEqual(rows[1], alone[0]);
    for (const limit of [0, 10_001])
      await rejectsWith('invalid-input', store.scanSets(asked, 't', { index: 'both', limit }));
    await rejectsWith('invalid-input', store.scanSets([], 't', { index: 'both', limit: 1 }));
  });
}

function describePages(subject: () => StoreSubject): void {
  it('answer pages that neither repeat nor miss a row that stays, whatever else changes between them', async () => {
    const { store } = subject();
    const scope = newScope();
    const key = (n: number) => String(n).padStart(3, '0');
    const stay = Array.from({ length: 50 }, (_, n) => row(key(n * 2), { i: [n % 3] }));
    for (const index of [undefined, 'i']) {
      await change(store, scope, ...stay);
      const met: string[] = [];
      let after: string | undefined;
      for (let turn = 0; ; turn++) {
        const page = await store.scan(scope, 't', { index, limit: 7, after });
        met.push(...page.rows.map(({ key }) => key));
        after = page.next;
        if (after === undefined) break;
        const last = met.at(-1) ?? '';
        await change(store, scope, row(key(((turn * 7) % 100) | 1), { i: [turn % 3] }), {
          kind: 'delete-row',
          table: 't',
          key: last,
        });
      }
      const stayed = met.filter(key => Number(key) % 2 === 0);
      assert.equal(new Set(stayed).size, 50);
      assert.equal(stayed.length, 50);
    }
  });

  it('go on behind any row, in both directions, also in another scope', async () => {
    const { store } = subject();
    const [scope, other] = [newScope(), newScope()];
    await change(store, scope, ...TWEETS);
    await change(store, other, row('8', { both: ['ann', 15] }), row('9', { both: ['ann', 40] }));
    const { rows } = await store.scan(scope, 't', { index: 'both', prefix: ['ann'], limit: 10 });
    const second = rows[1]?.position;
    assert.ok(second);
    assert.deepEqual(await keysOf(store, scope, { index: 'both', prefix: ['ann'], after: second }), ['1']);
    assert.deepEqual(await keysOf(store, scope, { index: 'both', prefix: ['ann'], after: second, reverse: true }), [
      '3',
    ]);
    assert.deepEqual(await keysOf(store, other, { index: 'both', prefix: ['ann'], after: second }), ['9']);
    const positions = rows.map(({ position }) => position);
    assert.deepEqual([...positions].sort(), positions);
  });

  it('tell apart neighbours of any name, and lists of any length', async () => {
    const { store } = subject();
    const scope = newScope();
    const keys = ['b', 'b\0', 'b\0\0', 'b\u0001', 'ba'];
    await change(store, scope, ...keys.map(key => row(key, { i: ['v'] })));
    for (const index of [undefined, 'i']) {
      for (const reverse of [false, true]) {
        const met: string[] = [];
        let after: string | undefined;
        do {
          const page = await store.scan(scope, 't', { index, reverse, limit: 1, after });
          met.push(...page.rows.map(({ key }) => key));
          after = page.next;
        } while (after !== undefined);
        assert.deepEqual(met, reverse ? [...keys].reverse() : keys);
      }
    }
    await change(store, scope, row('x', { j: ['v'] }), row('a', { j: ['v', 'w'] }), row('z', { j: ['v', null] }));
    assert.deepEqual(await keysOf(store, scope, { index: 'j' }), ['x', 'z', 'a']);
    assert.deepEqual(await keysOf(store, scope, { index: 'j', prefix: ['v'], from: { value: 'a', inclusive: true } }), [
      'a',
    ]);
  });

  it('never leave the range of the scan, whatever the cursor', async () => {
    const { store } = subject();
    const scope = newScope();
    await change(store, scope, ...TWEETS);
    for (const after of ['00', 'ff'.repeat(20), '40']) {
      for (const reverse of [false, true]) {
        const keys = await keysOf(store, scope, { index: 'author', prefix: ['bob'], after, reverse });
        assert.deepEqual(
          keys.filter(key => key !== '2'),
          [],
        );
      }
    }
    for (const after of ['', 'x', '0', '00ZZ']) await rejectsWith('invalid-input', keysOf(store, scope, { after }));
  });

  it('end a page early when it has many bytes', async () => {
    const { store } = subject();
    const scope = newScope();
    const large = 'x'.repeat(2 << 20);
    for (const key of ['1', '2', '3', '4', '5']) await change(store, scope, row(key, {}, large));
    const first = await store.scan(scope, 't', { limit: 5 });
    assert.ok(first.rows.length >= 1 && first.rows.length < 5, String(first.rows.length));
    const rest = await store.scan(scope, 't', { limit: 5, after: first.next });
    assert.ok(rest.rows.length >= 1);
  });
}
