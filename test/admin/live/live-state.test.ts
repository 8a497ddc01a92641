// The numbered state behind the stream of changes: whoever has the state at some number and takes
// what has changed since then has the newest state.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Changed, ChangeName } from '../../../admin/live/change.ts';
import { LiveState } from '../../../admin/live/live-state.ts';

const topic = (name: string, value: unknown): Changed => ({
  what: 'topic',
  kind: 'Topic',
  namespace: 'shop',
  name,
  value,
});
const foundOf = (one: Changed) => ({ ...one, text: JSON.stringify(one) });
const look = (values: Readonly<Record<string, unknown>>) => ({
  found: Object.entries(values).map(([name, value]) => foundOf(topic(name, value))),
  unknown: new Set<never>(),
});
const textsOf = (state: LiveState, after = 0) => [...state.after(after)].map(({ text }) => text);

describe('the numbered state', () => {
  it('has no news where nothing has changed', () => {
    const state = new LiveState();
    state.take(look({ a: 1, b: 2 }));
    const { newest } = state;
    state.take(look({ b: 2, a: 1 }));
    assert.deepEqual([newest, state.newest, textsOf(state, newest)], [2, 2, []]);
  });

  it('tells each thing once, in its newest state, and names what is gone', () => {
    const state = new LiveState();
    state.take(look({ a: 1, b: 1 }));
    state.take(look({ a: 2, b: 1 }));
    state.take(look({ a: 3 }));
    const gone: ChangeName = { what: 'topic', kind: 'Topic', namespace: 'shop', name: 'b' };
    assert.deepEqual(textsOf(state, 2), [JSON.stringify(topic('a', 3)), JSON.stringify(gone)]);
    state.take(look({ a: 3, b: 1 }));
    assert.deepEqual(
      textsOf(state),
      [topic('a', 3), topic('b', 1)].map(one => JSON.stringify(one)),
    );
  });

  it('keeps what could not be asked', () => {
    const state = new LiveState();
    state.take(look({ a: 1 }));
    state.take({ found: [], unknown: new Set(['topic'] as const) });
    assert.deepEqual(textsOf(state, 1), []);
  });

  it('forgets the oldest names of what is gone, and says up to which number', () => {
    const state = new LiveState();
    for (let round = 0; round < 50; round++) {
      state.take(look(Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`${round}-${at}`, 1]))));
    }
    assert.ok([...state.after(0)].length <= 1_100);
    assert.ok(state.forgotten > 0);
    const kept = [...state.after(state.forgotten)].filter(({ isGone }) => isGone);
    assert.ok(kept.length >= 500, `${kept.length}`);
  });

  it('is reached from every earlier state by what came after it (property)', () => {
    const values = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(2), { maxKeys: 4 });
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 12 }), looks => {
        const state = new LiveState();
        const readers: { number: number; readonly known: Map<string, unknown> }[] = [];
        for (const found of looks) {
          readers.push({ number: 0, known: new Map() });
          state.take(look(found));
          // Every second reader is away for a while.
          for (const [at, reader] of readers.entries()) {
            if (at % 2 === 1 && found !== looks.at(-1)) continue;
            for (const { number, text, isGone, name } of state.after(reader.number)) {
              reader.number = number;
              if (isGone) reader.known.delete(name);
              else reader.known.set(name, JSON.parse(text).value);
            }
            assert.deepEqual(Object.fromEntries(reader.known), { ...found });
          }
        }
      }),
    );
  });
});
