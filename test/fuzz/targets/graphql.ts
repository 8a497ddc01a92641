// GraphQL queries: refused in its own words, or measured: as deep and as dear as they are,
// however they are written.
import assert from 'node:assert/strict';
import { createDocuments } from '../../../gateway/graphql/documents.ts';
import { loadLibrary } from '../../../gateway/graphql/library.ts';
import { measure } from '../../../gateway/graphql/measure.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

const library = loadLibrary();
const SCHEMA = library.buildSchema(`
  input Page { first: Int, size: Int, inner: Page }
  interface Named { name: String }
  type Query { list(first: Int, page: Page, pages: [Page]): [Item!]!, one(id: ID = "a"): Item, named: [Named], plain: [String] }
  type Item implements Named { id: ID, name: String, more(limit: Int): [Item!], one: Item }
  type Mutation { add(item: Page): Item }
`);
const documents = createDocuments(library, SCHEMA, { maxAliases: 20, introspection: false });
const VARIABLES = { n: 1000, page: { size: 50 }, text: '3' };

export const graphql: FuzzTarget = {
  name: 'graphql',
  words: [
    ...[
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      ':',
      '...',
      ' on Item ',
      ' on Named ',
      'fragment f on Item { id }',
      '...f',
      '@skip(if: true)',
    ],
    ...[
      'query q($n: Int) ',
      'mutation ',
      'subscription ',
      'list',
      '(first: 9)',
      '(first: $n)',
      'page: {size: 0}',
      'one ',
      'more(limit: 2)',
    ],
    ...['named', 'a: ', '__typename', '__schema', '$page', '1e400', '-1', '"""', '"', '\\u0000', '#', ',', '\ufeff'],
  ],
  runs: 3_000,
  run(input) {
    const text = input.toString('utf8');
    const checked = documents(text);
    if ('errors' in checked) {
      assert.ok(checked.errors.length > 0);
      return (checked.errors[0]?.message ?? '').replaceAll(/"[^"]*"|[^ -~]|[0-9]/g, '').slice(0, 40);
    }
    const again = documents(library.print(checked.document));
    assert.ok('document' in again, 'it is valid as it is printed');
    const measures = [checked.document, again.document].map(document =>
      document.definitions.flatMap(each =>
        each.kind === 'OperationDefinition' ? [measure(library, SCHEMA, document, each, VARIABLES)] : [],
      ),
    );
    assert.deepEqual(measures[1], measures[0], 'it measures the same as it is printed');
    for (const { depth, cost } of measures[0] ?? []) {
      assert.ok(depth >= 1 && depth <= text.length, `it is ${depth} deep`);
      assert.ok(cost >= depth, `it costs ${cost} and is ${depth} deep`);
    }
    return (measures[0] ?? []).map(({ depth, cost }) => `${depth} ${Math.min(cost, 1e6).toString().length}`).join();
  },
};
