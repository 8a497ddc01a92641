// GraphQL endpoints whose resolvers do not fit their schema: refused with the place.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';

describe('a GraphQL endpoint that does not fit its schema', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold.graphql-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const cases: Record<string, [schema: string, resolvers: string, path: string, message: RegExp]> = {
    'a type that is not there': [
      'type Query { a: Int }',
      'Qery.a: {}',
      'resolvers.Qery.a',
      /no object type Qery\. Did you mean Query\?/,
    ],
    'a field that is not there': [
      'type Query { order: Int }',
      'Query.ordr: {}',
      'resolvers.Query.ordr',
      /has no field ordr\. Did you mean order\?/,
    ],
    'an argument that is not there': [
      'type Query { order(id: ID): Int }',
      'Query.order: { path: "/${args.ids}" }',
      'resolvers.Query.order',
      /no argument "ids"\. Did you mean "id"\?/,
    ],
    'a schema that cannot be parsed': ['type Query {', 'Query.a: {}', 'schema', /line 1, column 13\): Syntax Error/],
    'an interface that no type implements': [
      'type Query { a: [Node!] } interface Node { id: ID }',
      'Query.a: {}',
      'schema',
      /^The field Query\.a can never be answered: no object type implements the interface Node\./,
    ],
    'a schema without queries': ['type Other { a: Int }', 'Other.a: {}', 'schema', /Query root type must be provided/],
  };
  for (const [name, [schema, resolver, path, message]] of Object.entries(cases)) {
    it(`is refused for ${name}, with its place`, async () => {
      await writeFile(join(folder, 'shop.graphql'), schema);
      const written = resolver.replace(/\{ ?/, "{ to: { url: 'http://a.example' }, ");
      const text = `apiVersion: tenfold.dev/v1alpha1\nkind: Api\nmetadata: { name: shop }\nspec: { graphql: { schema: ./shop.graphql, resolvers: { ${written} } } }`;
      const loaded = loadText(join(folder, 'app.yaml'), text);
      assert.deepEqual(loaded.problems, []);
      const environment = createFakeEnvironment();
      const { problems } = compilePlan(
        createResourceSet(loaded.resources),
        environment,
        createPlanStateStore().begin(),
      );
      assert.equal(problems[0]?.severity, 'error');
      assert.equal(problems[0]?.path.join('.'), `spec.graphql.${path}`);
      assert.match(problems[0]?.message ?? '', message);
    });
  }
});
