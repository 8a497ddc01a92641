// Questions to a View that is searched: how words, filters and order are read, and what is refused.
import assert from 'node:assert/strict';
import { searchQuery } from '../../../drivers/search-index/query.ts';
import { readViewQuery } from '../../../gateway/views/view-query.ts';
import { viewSpec } from '../../../resources/kinds/view.ts';
import type { Resource } from '../../../resources/resource.ts';
import { fakeResource } from '../../fakes/platform-view.ts';

const viewOf = (fields: object) =>
  ({
    ...fakeResource('View', 'tweets'),
    spec: viewSpec.parse({ from: ['tweets'], query: { maxLimit: 50 }, search: { id: '${event.id}', fields } }),
  }) as Resource<'View'>;
const view = viewOf({
  text: { suggest: true },
  title: {},
  author: { type: 'keyword' },
  likes: { type: 'number' },
  at: { type: 'date' },
  isNew: { type: 'boolean' },
  place: { type: 'geo' },
});
const read = (query: string) => readViewQuery(view, query);
const blank = {
  text: '',
  fields: undefined,
  words: 'all',
  unfinished: false,
  filter: undefined,
  sort: [],
  highlight: [],
  limit: 20,
  after: undefined,
};

describe('a question to a View that is searched', () => {
  const asked: Readonly<Record<string, object>> = {
    '?q=flat+white': { text: 'flat white' },
    '?q=': {},
    '?q=x&in=text,title&words=any&unfinished=true&limit=5&highlight=text': {
      text: 'x',
      fields: ['text', 'title'],
      words: 'any',
      unfinished: true,
      limit: 5,
      highlight: ['text'],
    },
    '?q=x&after=c3Vy': { text: 'x', after: 'c3Vy' },
    '?filter=author:ada': { filter: { all: [{ all: [{ field: 'author', in: ['ada'] }] }] } },
    '?filter=author:ada&filter=author:bo*': {
      filter: {
        all: [
          {
            any: [
              { field: 'author', in: ['ada'] },
              { field: 'author', startsWith: 'bo' },
            ],
          },
        ],
      },
    },
    '?filter=author:"bo*"': { filter: { all: [{ all: [{ field: 'author', in: ['bo*'] }] }] } },
    '?filter=author:a:b': { filter: { all: [{ all: [{ field: 'author', in: ['a:b'] }] }] } },
    '?filter=!author:ada': { filter: { all: [{ not: { field: 'author', in: ['ada'] } }] } },
    '?filter=place:*': { filter: { all: [{ all: [{ field: 'place', exists: true }] }] } },
    '?filter=likes:10..20': { filter: { all: [{ all: [{ field: 'likes', from: 10, to: 20 }] }] } },
    '?filter=likes:-1.5..': { filter: { all: [{ all: [{ field: 'likes', from: -1.5, to: undefined }] }] } },
    '?filter=likes:7': { filter: { all: [{ all: [{ field: 'likes', in: [7] }] }] } },
    '?filter=at:2026-01-01T00:00:00Z..': {
      filter: { all: [{ all: [{ field: 'at', from: '2026-01-01T00:00:00Z', to: undefined }] }] },
    },
    '?filter=isNew:true': { filter: { all: [{ all: [{ field: 'isNew', in: [true] }] }] } },
    '?filter=place:52.5,-13.4,5km': {
      filter: { all: [{ all: [{ field: 'place', near: { lat: 52.5, lon: -13.4 }, meters: 5000 }] }] },
    },
    '?sort=-likes,at': {
      sort: [
        { field: 'likes', order: 'descending' },
        { field: 'at', order: 'ascending' },
      ],
    },
    '?sort=place:52.5,13.4&sort=author': {
      sort: [
        { field: 'place', near: { lat: 52.5, lon: 13.4 } },
        { field: 'author', order: 'ascending' },
      ],
    },
  };
  for (const [query, is] of Object.entries(asked)) {
    it(`is read from ${query}`, () => {
      const question = { ...blank, ...is };
      assert.deepEqual(read(query), { kind: 'search', query: question, waitFor: [] });
      assert.ok(searchQuery.safeParse(question).success, 'the index takes it');
    });
  }

  it('may be for a document, or for what a word becomes', () => {
    assert.deepEqual(read('?key=7'), { kind: 'document', key: '7', waitFor: [] });
    const query = { text: 'esp', field: 'text', limit: 20 };
    assert.deepEqual(read('?suggest=esp'), { kind: 'suggest', query, waitFor: [] });
    assert.deepEqual(read('?suggest=esp&in=text&limit=3'), {
      kind: 'suggest',
      query: { ...query, limit: 3 },
      waitFor: [],
    });
  });

  it('waits for events, and goes on behind a page', () => {
    const { waitFor } = read('?q=x&after=tweets@0:17&after=abc');
    assert.deepEqual(waitFor, [{ topic: 'tweets', partition: 0, offset: 17 }]);
  });

  const refused: Readonly<Record<string, RegExp>> = {
    '': /is asked for \?q=/,
    '?top=3': /not asked by "top"/,
    '?q=x&limit=51': /1 to 50/,
    '?q=x&in=author': /text fields: text, title/,
    '?q=x&words=some': /all or any/,
    '?q=x&highlight=likes': /text fields/,
    '?filter=author': /written field:value/,
    '?filter=autor:ada': /Did you mean "author"/,
    '?filter=text:ada': /is text/,
    '?filter=author:': /is empty/,
    '?filter=likes:many': /by a number/,
    '?filter=likes:..': /no end/,
    '?filter=at:yesterday': /by a date/,
    '?filter=isNew:yes': /true or false/,
    '?filter=place:52.5,13.4': /latitude,longitude,distance/,
    '?filter=place:91,13.4,5km': /in degrees/,
    '?filter=place:1,1,0m': /above 0/,
    '?sort=text': /is text/,
    '?sort=place': /nearest first/,
    '?sort=likes:1,2': /needs no place/,
    '?sort=likes,at,author,isNew,likes': /at most 4/,
    '?suggest=': /is empty/,
    '?suggest=x&in=title': /is one of text/,
    '?suggest=x&q=y': /does not go with/,
    '?key=7&limit=3': /does not go with/,
    '?key=7&after=abc': /position of an event/,
    [`?${Array.from({ length: 33 }, (_, n) => `filter=author:a${n}`).join('&')}`]: /more than 32/,
  };
  for (const [query, message] of Object.entries(refused)) {
    it(`is refused when it is ${query.slice(0, 60)}`, () => {
      assert.throws(() => read(query), { code: 'bad-request', message });
    });
  }

  it('for suggestions says which field where several have them, and is refused where none has', () => {
    const two = viewOf({ a: { suggest: true }, b: { suggest: true } });
    assert.throws(() => readViewQuery(two, '?suggest=x'), { message: /one of a, b/ });
    assert.throws(() => readViewQuery(viewOf({ a: {} }), '?suggest=x'), { message: /suggests nothing/ });
  });
});
