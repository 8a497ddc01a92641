// Comparison of two answers: JSON whatever the order of members, places that may differ,
// noise, and hostile documents.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileExpression } from '../../../../core/cel/expression.ts';
import { type CompareSettings, compareAnswers } from '../../../../gateway/strangler/compare/compare-answers.ts';
import { BEYOND } from '../../../../gateway/strangler/compare/findings.ts';
import { compilePlaces } from '../../../../gateway/strangler/compare/ignored-places.ts';
import { scopeOf } from '../../../../resources/references/scopes.ts';

const settings = (more: Partial<CompareSettings> & { pointers?: string[] } = {}): CompareSettings => {
  const { pointers = [], ...rest } = more;
  return {
    status: true,
    body: 'auto',
    headers: [],
    places: compilePlaces(pointers),
    tolerance: undefined,
    normalize: undefined,
    ...rest,
  };
};

const answer = (body: unknown, headers: Record<string, string> = {}, status = 200) => {
  return {
    status,
    fields: Object.entries(headers).flat(),
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  };
};

const places = (legacy: unknown, fresh: unknown, pointers: string[] = []) => [
  ...compareAnswers(answer(legacy), answer(fresh), settings({ pointers })).places.keys(),
];

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

// Names without digits: members called like indexes always come first, whatever the order
// in which they are written.
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
        fc.pre(!found.includes(BEYOND));
        assert.deepEqual(places({ root: one }, { root: other }, found), []);
      }),
    );
  });

  const rows: { name: string; legacy: unknown; fresh: unknown; ignore?: string[]; at: string[] }[] = [
    { name: 'a missing member', legacy: { a: 1 }, fresh: {}, at: ['/a'] },
    { name: 'a member that is null is not missing', legacy: { a: null }, fresh: {}, at: ['/a'] },
    { name: 'another type', legacy: { a: 1 }, fresh: { a: '1' }, at: ['/a'] },
    { name: 'a list that is an object', legacy: { a: [] }, fresh: { a: {} }, at: ['/a'] },
    { name: 'a longer list', legacy: [1], fresh: [1, 2], at: ['/-'] },
    { name: 'the whole document', legacy: 1, fresh: 2, at: ['body'] },
    { name: 'numbers by value', legacy: '{"a":1.0}', fresh: '{"a":1}', at: [] },
    { name: 'names with slashes and tildes', legacy: { 'a/b~c': 1 }, fresh: { 'a/b~c': 2 }, at: ['/a~1b~0c'] },
    { name: 'a name with a line feed', legacy: { 'a\n': 1 }, fresh: { 'a\n': 2 }, at: ['/a\\n'] },
    { name: 'a member called __proto__', legacy: '{"__proto__":1}', fresh: '{"__proto__":2}', at: ['/__proto__'] },
    { name: 'JSON and something else', legacy: { a: 1 }, fresh: 'oops', at: ['body'] },
    {
      name: 'whole numbers that JavaScript rounds',
      legacy: '{"id":9007199254740993}',
      fresh: '{"id":9007199254740992}',
      at: ['/id'],
    },
    { name: 'neither is JSON, letter by letter', legacy: '<p>a', fresh: '<p>b', at: ['body line 1'] },
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

  it('tell apart a bounded number of places, and forget none', () => {
    const object = (value: number) =>
      Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`a${index}`, value]));
    const { places: found } = compareAnswers(answer(object(1)), answer(object(2)), settings());
    assert.equal(found.size, 513);
    assert.equal(found.get(BEYOND)?.count, 5000 - 512);
  });

  it('count all items of a list at one place', () => {
    const list = (value: number) => Array.from({ length: 5000 }, () => ({ value }));
    const { places: found } = compareAnswers(answer(list(1)), answer(list(2)), settings());
    assert.deepEqual(
      [...found].map(([place, { count }]) => [place, count]),
      [['/*/value', 5000]],
    );
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
      assert.equal(found.places.size === 0, equal);
    });
  }
});

describe('lists without order', () => {
  const lists = [{ list: '/items', by: '/id' }, { list: '/tags' }];
  const found = (legacy: unknown, fresh: unknown) => {
    const { places: all } = compareAnswers(
      answer(legacy),
      answer(fresh),
      settings({ places: compilePlaces([], lists) }),
    );
    return [...all].map(([place, { count }]) => `${place} ${count}`);
  };
  const items = [
    { id: 1, total: 1 },
    { id: 2, total: 2 },
    { id: 3, total: 3 },
  ];

  it('are equal in any order', () => {
    assert.deepEqual(found({ items, tags: ['a', 'b'] }, { items: items.toReversed(), tags: ['b', 'a'] }), []);
  });

  it('differ in the item of the same key', () => {
    const changed = [
      { id: 3, total: 3 },
      { id: 1, total: 9 },
      { id: 2, total: 2 },
    ];
    assert.deepEqual(found({ items }, { items: changed }), ['/items/*/total 1']);
  });

  it('differ by what only one side has, and by how often', () => {
    assert.deepEqual(found({ items }, { items: items.slice(1) }), ['/items/- 1']);
    assert.deepEqual(found({ tags: ['a', 'a', 'b'] }, { tags: ['b', 'b', 'a'] }), ['/tags/* 1']);
  });
});

describe('a tolerance', () => {
  const rows: [CompareSettings['tolerance'], unknown, unknown, boolean][] = [
    [{ amount: 0.01 }, 12.5, 12.51, true],
    [{ amount: 0.01 }, 12.5, 12.52, false],
    [{ amount: 0.01 }, 12.5, '12.5', false],
    [{ amount: 0.01 }, 12.5, null, false],
    [{ share: 0.001 }, 1000, 1001, true],
    [{ share: 0.001 }, 1000, 1002, false],
    [{ share: 1e-9 }, 0.1 + 0.2, 0.3, true],
    [undefined, 0.1 + 0.2, 0.3, false],
  ];
  for (const [tolerance, legacy, fresh, equal] of rows) {
    it(`${JSON.stringify(tolerance)} takes ${legacy} and ${fresh} for ${equal ? 'equal' : 'different'}`, () => {
      const { places: all } = compareAnswers(answer({ a: legacy }), answer({ a: fresh }), settings({ tolerance }));
      assert.equal(all.size === 0, equal);
    });
  }
});

describe('a normaliser', () => {
  const normalize = compileExpression('answer.body.items.map(item, item.id)', scopeOf('answer'), 'any');

  it('makes what is compared', () => {
    const one = { at: 1, items: [{ id: 1, at: 1 }] };
    const found = (other: unknown) => [
      ...compareAnswers(answer(one), answer(other), settings({ normalize })).places.keys(),
    ];
    assert.deepEqual(found({ at: 2, items: [{ id: 1, at: 2 }] }), []);
    assert.deepEqual(found({ at: 2, items: [{ id: 2 }] }), ['/*']);
  });

  it('that does not take an answer makes no pair equal', () => {
    assert.throws(() => compareAnswers(answer({}), answer({}), settings({ normalize })), { code: 'expression-failed' });
  });
});
