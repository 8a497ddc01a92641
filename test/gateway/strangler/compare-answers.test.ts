// Comparison of two answers: JSON whatever the order of members, places that may differ, noise, and hostile documents.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type CompareSettings,
  compareAnswers,
  MAX_DIFFERENCES,
  withoutNoise,
} from '../../../gateway/strangler/compare-answers.ts';
import { compilePlaces } from '../../../gateway/strangler/ignored-places.ts';

const settings = (more: Partial<CompareSettings> & { pointers?: string[] } = {}): CompareSettings => {
  const { pointers = [], ...rest } = more;
  return { status: true, body: 'json', headers: [], ignore: compilePlaces(pointers), ...rest };
};

const answer = (body: unknown, headers: Record<string, string> = {}, status = 200) => {
  return {
    status,
    fields: Object.entries(headers).flat(),
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  };
};

const places = (legacy: unknown, fresh: unknown, pointers: string[] = []) =>
  compareAnswers(answer(legacy), answer(fresh), settings({ pointers })).map(({ at }) => at);

/** The same value with all members in another order. */
function reordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reordered);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reordered(member)]),
  );
}

// Names without digits: members called like indexes always come first, whatever the order in which they are written.
const jsonValue = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: fc.constantFrom('a', 'b', '/', '~', 'é', ' ') }), tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('JSON bodies', () => {
  it('are equal in any order of members', () => {
    fc.assert(fc.property(jsonValue, value => assert.deepEqual(places(value, reordered(value)), [])));
  });

  it('differ exactly when their values differ', () => {
    fc.assert(
      fc.property(jsonValue, jsonValue, (one, other) => {
        let equal = true;
        try {
          assert.deepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)));
        } catch {
          equal = false;
        }
        assert.equal(places(one, other).length === 0, equal);
      }),
    );
  });

  it('are equal when every place that differs is ignored', () => {
    fc.assert(
      fc.property(jsonValue, jsonValue, (one, other) => {
        const found = places({ root: one }, { root: other });
        fc.pre(found.length < MAX_DIFFERENCES);
        assert.deepEqual(places({ root: one }, { root: other }, found), []);
      }),
    );
  });

  const rows: { name: string; legacy: unknown; fresh: unknown; ignore?: string[]; at: string[] }[] = [
    { name: 'a missing member', legacy: { a: 1 }, fresh: {}, at: ['/a'] },
    { name: 'a member that is null is not missing', legacy: { a: null }, fresh: {}, at: ['/a'] },
    { name: 'another type', legacy: { a: 1 }, fresh: { a: '1' }, at: ['/a'] },
    { name: 'a list that is an object', legacy: { a: [] }, fresh: { a: {} }, at: ['/a'] },
    { name: 'a longer list', legacy: [1], fresh: [1, 2], at: ['/1'] },
    { name: 'the whole document', legacy: 1, fresh: 2, at: ['body'] },
    { name: 'numbers by value', legacy: '{"a":1.0}', fresh: '{"a":1}', at: [] },
    { name: 'names with slashes and tildes', legacy: { 'a/b~c': 1 }, fresh: { 'a/b~c': 2 }, at: ['/a~1b~0c'] },
    { name: 'a member called __proto__', legacy: '{"__proto__":1}', fresh: '{"__proto__":2}', at: ['/__proto__'] },
    { name: 'JSON and something else', legacy: { a: 1 }, fresh: 'oops', at: ['body'] },
    { name: 'neither is JSON, letter by letter', legacy: '<p>a', fresh: '<p>b', at: ['body'] },
    { name: 'an ignored place and all below', legacy: { a: { b: 1 } }, fresh: { a: 2 }, ignore: ['/a'], at: [] },
    { name: 'an ignored member of every item', legacy: [{ t: 1 }], fresh: [{ t: 2 }], ignore: ['/*/t'], at: [] },
    {
      name: 'an ignored member, and not its siblings',
      legacy: { a: { t: 1, u: 1 } },
      fresh: { a: { t: 2, u: 2 } },
      ignore: ['/*/t'],
      at: ['/a/u'],
    },
    { name: 'an ignored escaped name', legacy: { 'a/b': 1 }, fresh: { 'a/b': 2 }, ignore: ['/a~1b'], at: [] },
  ];
  for (const { name, legacy, fresh, ignore, at } of rows) {
    it(name, () => assert.deepEqual(places(legacy, fresh, ignore), at));
  }

  it('may be nested deeper than any stack', () => {
    const deep = (inner: number) => `${'['.repeat(50_000)}${inner}${']'.repeat(50_000)}`;
    assert.equal(places(deep(1), deep(2)).length, 1);
  });

  it('stop after enough differences', () => {
    const list = (value: number) => Array.from({ length: 5000 }, () => value);
    assert.equal(places(list(1), list(2)).length, MAX_DIFFERENCES);
  });
});

describe('headers', () => {
  const rows: { legacy: string; fresh?: string; equal: boolean }[] = [
    { legacy: 'text/html; charset=utf-8', fresh: 'text/html;charset=UTF-8', equal: true },
    { legacy: 'text/html', fresh: 'text/plain', equal: false },
    { legacy: 'text/html', equal: false },
  ];
  for (const { legacy, fresh, equal } of rows) {
    it(`content-type ${legacy} and ${fresh ?? 'none'} are ${equal ? 'equal' : 'different'}`, () => {
      const found = compareAnswers(
        answer('', { 'content-type': legacy }),
        answer('', fresh === undefined ? {} : { 'content-type': fresh }),
        settings({ headers: ['content-type'] }),
      );
      assert.equal(found.length === 0, equal);
    });
  }
});

describe('noise', () => {
  const found = (...at: string[]) => at.map(each => ({ at: each, legacy: 1, fresh: 2 }));

  it('is a place where legacy does not agree with itself, and all below', () => {
    assert.deepEqual(withoutNoise(found('/at', '/a/b', '/total'), found('/at', '/a')), found('/total'));
  });

  it('is not a place above', () =>
    assert.deepEqual(withoutNoise(found('/items'), found('/items/0/at')), found('/items')));

  it('is not a place that only begins alike', () =>
    assert.deepEqual(withoutNoise(found('/at2'), found('/at')), found('/at2')));

  it('covers the status and headers', () =>
    assert.deepEqual(withoutNoise(found('status', 'header etag'), found('status', 'header etag')), []));
});
