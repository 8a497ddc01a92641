// No part of a question to a View is left out of account: each is refused with its name,
// or changes what is asked.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TenfoldError } from '../../../core/errors.ts';
import { readViewQuery } from '../../../gateway/views/view-query.ts';
import { viewSpec } from '../../../resources/kinds/view.ts';
import type { Resource } from '../../../resources/resource.ts';
import { fakeResource } from '../../fakes/platform-view.ts';

const viewOf = (shape: object): Resource<'View'> =>
  ({ ...fakeResource('View', 'v'), spec: viewSpec.parse({ from: ['t'], ...shape }) }) as Resource<'View'>;

const VIEWS = {
  table: viewOf({ table: { key: '${event.id}', indexes: ['author', ['author', 'at']] } }),
  ranking: viewOf({ ranking: { member: '${event.id}' } }),
  feed: viewOf({ feed: { owner: '${event.id}' } }),
  search: viewOf({
    search: {
      id: '${event.id}',
      fields: {
        title: { type: 'text', suggest: true },
        author: { type: 'keyword' },
        likes: { type: 'number' },
        at: { type: 'date' },
        place: { type: 'geo' },
      },
    },
  }),
} as const;

const NAMES = [
  ...['key', 'index', 'value', 'order', 'limit', 'after', 'top', 'owner', 'q', 'in', 'words', 'unfinished', 'filter'],
  ...['sort', 'highlight', 'suggest', 'from', 'to', 'count', 'keys', 'fields', 'around', 'facets', 'Key', 'limit ', ''],
];
const VALUES = [
  ...[
    '',
    '1',
    '20',
    '0',
    '-1',
    '1e3',
    '10..20',
    '10..',
    '..20',
    '20..10',
    'abc',
    'author',
    'author,at',
    'title',
    'likes',
  ],
  ...[
    'asc',
    'desc',
    'all',
    'any',
    'true',
    'false',
    'null',
    'orders@0:17',
    'orders@x',
    '-likes',
    'likes,-likes',
    'nothing',
  ],
  ...[
    'author:ada',
    'author:10..20',
    'author:"10..20"',
    'likes:10..20',
    'likes:20..10',
    'likes:..',
    'likes:abc',
    'likes',
    '!',
  ],
  ...['at:2026-01-31T00:00:00Z..', 'at:2026-13-45', 'place:52,13,5km', 'place:52,13', 'place:1,2', '"10..20"'],
];
/** What it means where it is not said. */
const DEFAULTS = new Set(['order=asc', 'limit=20', 'words=all', 'unfinished=false', 'q=']);

const questionOf = (view: Resource<'View'>, list: readonly (readonly [string, string])[]): string | TenfoldError => {
  try {
    const query = new URLSearchParams(list.map(([name, value]): [string, string] => [name, value]));
    return JSON.stringify(readViewQuery(view, String(query)));
  } catch (error) {
    if (error instanceof TenfoldError) return error;
    throw error;
  }
};

describe('a question to a View', () => {
  for (const [kind, view] of Object.entries(VIEWS)) {
    it(`of a ${kind} is refused, or each part of it changes what is asked`, () => {
      const parameter = fc.tuple(
        fc.constantFrom(...NAMES),
        fc.oneof(fc.constantFrom(...VALUES), fc.string({ maxLength: 8 })),
      );
      let asked = 0;
      fc.assert(
        fc.property(fc.array(parameter, { minLength: 1, maxLength: 4 }), list => {
          const question = questionOf(view, list);
          if (question instanceof TenfoldError) {
            assert.equal(question.code, 'bad-request');
            assert.ok(question.message.length > 10);
            return;
          }
          asked++;
          for (const [index, [name, value]] of list.entries()) {
            if (DEFAULTS.has(`${name}=${value}`)) continue;
            // Of the one field that suggests.
            if (`${name}=${value}` === 'in=title' && list.some(([other]) => other === 'suggest')) continue;
            const same = list.some(([other, text], at) => at !== index && other === name && text === value);
            if (same) continue;
            const without = questionOf(view, list.toSpliced(index, 1));
            assert.notEqual(without, question, `${name}=${value} changes nothing in ${JSON.stringify(list)}`);
          }
        }),
        { numRuns: 4_000 },
      );
      assert.ok(asked > 10, `${asked} questions were taken`);
    });
  }

  const refused = (view: Resource<'View'>, query: string, said: RegExp) => {
    assert.throws(
      () => readViewQuery(view, query),
      (error: TenfoldError) => error.code === 'bad-request' && said.test(error.message),
    );
  };

  it('takes no range for a value, unless it is in quotes', () => {
    for (const range of ['10..20', '10..', '..20', '2026-01-01T00:00:00Z..']) {
      refused(VIEWS.table, `index=author&value=${range}`, /"value" takes no ranges/);
      refused(VIEWS.search, `filter=author:${range}`, /"author" takes no ranges/);
    }
    const { prefixes } = readViewQuery(VIEWS.table, 'index=author&value="10..20"') as { prefixes: unknown };
    assert.deepEqual(prefixes, [['10..20']]);
    const plain = readViewQuery(VIEWS.table, 'index=author&value=wait..what') as { prefixes: unknown };
    assert.deepEqual(plain.prefixes, [['wait..what']]);
  });

  it('names the setting that bounds how much is asked for', () => {
    refused(VIEWS.ranking, 'top=500', /"top" is a whole number from 1 to 100; "query.maxLimit"/);
  });

  it('is refused where a range begins behind its end, or something is said of words that are not there', () => {
    refused(VIEWS.search, 'filter=likes:20..10', /"likes" begins behind/);
    refused(VIEWS.search, 'filter=likes:1&words=any', /"words" goes with "q"/);
    refused(VIEWS.search, 'sort=likes,-likes', /twice/);
  });
});
