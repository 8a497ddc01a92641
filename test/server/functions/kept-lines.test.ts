// The lines of Functions that a process keeps: bounded, searched, and followed without a gap.
import assert from 'node:assert/strict';
import { createKeptLines } from '../../../server/functions/kept-lines.ts';

const LIMITS = { lines: 8, characters: 100, functions: 2 };

describe('the kept lines of Functions', () => {
  const make = (run = 'run') => createKeptLines({ now: () => 0, id: () => run }, LIMITS);
  const menu = { namespace: 'default', name: 'menu', limit: 100 };
  const write = (kept: ReturnType<typeof make>, ...texts: string[]) => {
    for (const text of texts) kept.add('default', 'menu', 'stdout', text);
  };
  const textsOf = ({ items }: { readonly items: readonly { readonly text: string }[] }) =>
    items.map(({ text }) => text);
  const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `line ${from + index}`);

  it('are the newest ones, and say how many more there are and were', () => {
    const kept = make();
    write(kept, ...numbers(9));
    const { items, earlier, dropped } = kept.read({ ...menu, limit: 3 });
    assert.deepEqual(textsOf({ items }), ['line 6', 'line 7', 'line 8']);
    assert.deepEqual([earlier, dropped, earlier + dropped + items.length], [4, 2, 9]);
    assert.deepEqual(items[0], { at: '1970-01-01T00:00:00.000Z', stream: 'stdout', text: 'line 6' });
  });

  it('are those with a text, in any case', () => {
    const kept = make();
    write(kept, 'Order 17', 'order 18', 'ORDER 17 again');
    assert.deepEqual(textsOf(kept.read({ ...menu, text: 'order 17' })), ['Order 17', 'ORDER 17 again']);
  });

  it('come once each to a reader that follows, a page at a time', () => {
    const kept = make();
    write(kept, 'line 0');
    let { position } = kept.read(menu);
    write(kept, ...numbers(5, 1));
    const seen: string[] = [];
    for (let isMore = true; isMore; ) {
      const page = kept.read({ ...menu, limit: 2, after: position });
      seen.push(...textsOf(page));
      ({ position, isMore } = page);
    }
    assert.deepEqual(seen, numbers(5, 1));
    assert.deepEqual(textsOf(kept.read({ ...menu, after: position })), []);
  });

  it('are never more than there is room for, and at least the newest', () => {
    const kept = make();
    write(kept, 'a'.repeat(60), 'b'.repeat(60), 'c'.repeat(60));
    assert.deepEqual(textsOf(kept.read(menu)), ['c'.repeat(60)]);
    write(kept, 'd'.repeat(500));
    assert.deepEqual(textsOf(kept.read(menu)), ['d'.repeat(500)]);
    assert.equal(kept.read(menu).dropped, 3);
  });

  it('are of as many Functions as there is room for; the silent ones go first', () => {
    const kept = make();
    for (const name of ['one', 'two', 'one', 'three']) kept.add('default', name, 'stderr', name);
    const counts = ['one', 'two', 'three'].map(name => kept.read({ ...menu, name }).items.length);
    assert.deepEqual(counts, [2, 0, 1]);
  });

  it('begin anew for a position of an earlier process', () => {
    const before = make('before');
    write(before, ...numbers(3));
    const { position } = before.read(menu);
    const kept = make('after');
    write(kept, 'line 0');
    assert.deepEqual(textsOf(kept.read({ ...menu, after: position })), ['line 0']);
  });
});
