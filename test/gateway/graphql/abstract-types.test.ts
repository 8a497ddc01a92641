// Interfaces and unions over real sockets: an answer says by "__typename" which type it is, and one
// that does not is told from an empty one.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';
import { serveYaml } from '../serve-yaml.ts';

const SCHEMA = `
type Query {
  node(id: ID!): Node
  nodes: [Node]
  found: [Found!]
  only: Only
  made: Node
}
interface Node { id: ID! }
interface Only { id: ID }
union Found = Book | Film
type Book implements Node { id: ID! title: String parent: Node author: Author }
type Film implements Node { id: ID! length: Int }
type Author implements Only { id: ID name: String }
`;

const ANSWERS: Readonly<Record<string, unknown>> = {
  '/nodes/book': {
    __typename: 'Book',
    id: 1,
    title: 'Emma',
    authorId: 7,
    parent: { __typename: 'Film', id: 3, length: 9 },
  },
  '/nodes/film': { __typename: 'Film', id: 2, length: 90 },
  '/nodes/untold': { id: 4, title: 'Emma' },
  '/nodes/author': { __typename: 'Author', id: 5 },
  '/nodes/unknown': { __typename: 'constructor', id: 5 },
  '/nodes/number': { __typename: 5, id: 5 },
  '/nodes/text': 'Book',
  '/nodes': [{ __typename: 'Book', id: 1 }, { id: 2 }, null, { __typename: 'Film', id: 3 }],
  '/found': [
    { __typename: 'Book', title: 'Emma' },
    { __typename: 'Film', length: 90 },
  ],
  '/only': { id: 6, name: 'Ada' },
  '/authors/7': { name: 'Jane' },
};

const app = (body: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: media }
spec: { source: ./media.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: made }
spec:
  parts: { film: { to: { function: media }, path: /nodes/film } }
  response: { body: ${body} }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: media }
spec:
  graphql:
    schema: ./media.graphql
    resolvers:
      Query.node: { to: { function: media }, path: "/nodes/\${args.id}" }
      Query.nodes: { to: { function: media }, path: /nodes }
      Query.found: { to: { function: media }, path: /found }
      Query.only: { to: { function: media }, path: /only }
      Query.made: { to: { aggregate: made } }
      Book.author: { to: { function: media }, path: "/authors/\${parent.authorId}" }
`;

const MADE = '{ __typename: "${film.body.__typename}", id: "${film.body.id}" }';

describe('a field of GraphQL that is an interface or a union', () => {
  let folder: string;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let served: Awaited<ReturnType<typeof serveYaml>>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold.graphql-'));
    await writeFile(join(folder, 'media.graphql'), SCHEMA);
    upstream = await startUpstream((request, response) => {
      const found = ANSWERS[request.url ?? ''];
      response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(found ?? {}));
    });
    served = await serveYaml(app(MADE), { functions: { media: upstream.origin }, file: join(folder, 'app.yaml') });
  });
  after(async () => {
    await served.close();
    await upstream.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function ask(query: string): Promise<{ data: unknown; errors?: Record<string, unknown>[] }> {
    const response = await fetch(`${served.address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query }),
    });
    assert.equal(response.status, 200);
    return JSON.parse(await response.text());
  }

  const fields =
    '{ __typename id ... on Book { title author { name } parent { __typename id } } ... on Film { length } }';

  const answered: Record<string, [query: string, data: unknown]> = {
    'an interface': [
      `{ node(id: "book") ${fields} }`,
      {
        node: {
          __typename: 'Book',
          id: '1',
          title: 'Emma',
          author: { name: 'Jane' },
          parent: { __typename: 'Film', id: '3' },
        },
      },
    ],
    'another type of it': [`{ node(id: "film") ${fields} }`, { node: { __typename: 'Film', id: '2', length: 90 } }],
    'nothing of it': [`{ node(id: "none") ${fields} }`, { node: null }],
    'a list of a union': [
      '{ found { __typename ... on Book { title } ... on Film { length } } }',
      {
        found: [
          { __typename: 'Book', title: 'Emma' },
          { __typename: 'Film', length: 90 },
        ],
      },
    ],
    'an interface of one type only, without being told': [
      '{ only { __typename id ... on Author { name } } }',
      { only: { __typename: 'Author', id: '6', name: 'Ada' } },
    ],
    'what an Aggregate makes': ['{ made { __typename id } }', { made: { __typename: 'Film', id: '2' } }],
  };
  for (const [name, [query, data]] of Object.entries(answered)) {
    it(`is answered by "__typename": ${name}`, async () => {
      assert.deepEqual(await ask(query), { data });
    });
  }

  for (const id of ['untold', 'author', 'unknown', 'number', 'text']) {
    it(`is an error that names the field, and one line in the log, where the answer does not fit: ${id}`, async () => {
      const { data, errors = [] } = await ask(`{ node(id: "${id}") { id } }`);
      assert.deepEqual(data, { node: null });
      const told = errors.map(({ message, path, extensions }) => ({ message, path, extensions }));
      const message = 'The answer for "node" does not say which type it is.';
      assert.deepEqual(told, [{ message, path: ['node'], extensions: { code: 'bad-gateway' } }]);
      const lines = served.logged.filter(({ fields }) => fields['field'] === 'Query.node');
      assert.equal(lines.length, 1);
      assert.match(lines[0]?.message ?? '', /"__typename" which type of Node it is: Book, Film\.$/);
    });
  }

  it('leaves the others of a list as they are', async () => {
    const { data, errors = [] } = await ask('{ nodes { __typename id } }');
    assert.deepEqual(data, { nodes: [{ __typename: 'Book', id: '1' }, null, null, { __typename: 'Film', id: '3' }] });
    assert.deepEqual(
      errors.map(({ path }) => path),
      [['nodes', 1]],
    );
  });

  const refused: Record<string, [body: string, message: RegExp]> = {
    'no type': ['{ id: 1 }', /does not say which type of Node it is: Book, Film\. Give "__typename"/],
    'a type that is none of them': ['{ __typename: Flim, id: 1 }', /with the type "Flim".* Did you mean "Film"\?$/],
  };
  for (const [name, [body, message]] of Object.entries(refused)) {
    it(`is refused where an Aggregate answers it with ${name}`, () => {
      const { resources } = loadText(join(folder, 'app.yaml'), app(body));
      const { problems } = compilePlan(
        createResourceSet(resources),
        createFakeEnvironment(),
        createPlanStateStore().begin(),
      );
      const [problem, ...others] = problems.filter(({ severity }) => severity === 'error');
      assert.deepEqual(others, []);
      assert.equal(problem?.path.join('.'), 'spec.graphql.resolvers.Query.made.to.aggregate');
      assert.match(problem?.message ?? '', message);
    });
  }
});
