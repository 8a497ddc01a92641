// Authentication that would not do what it seems to is refused when resources are loaded.
import assert from 'node:assert/strict';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';
import { ordersYaml, shopYaml } from '../api/shop-yaml.ts';

const jwt = (more: string) => `  auth: { jwt: { issuer: 'https://login.example.com', audience: shop, ${more} } }`;

describe('checkAuth', () => {
  const route = (auth: string) => `    - { match: { path: /orders }, to: { function: orders }, auth: ${auth} }`;
  const rows: Record<string, [spec: string, routes: string | undefined, problem: string | undefined]> = {
    'an issuer that can be asked': [jwt(''), undefined, undefined],
    'an issuer that cannot be asked, with jwksUri': [
      "  auth: { jwt: { issuer: me, audience: shop, jwksUri: 'https://keys.example.com/k' } }",
      undefined,
      undefined,
    ],
    'an issuer that cannot be asked': [
      '  auth: { jwt: { issuer: me, audience: shop } }',
      undefined,
      'error spec.auth.jwt.issuer',
    ],
    'a claim in a header of the platform': [
      jwt('forward: { x-forwarded-for: sub }'),
      undefined,
      'error spec.auth.jwt.forward.x-forwarded-for',
    ],
    'a claim in Host': [jwt('forward: { host: sub }'), undefined, 'error spec.auth.jwt.forward.host'],
    'a key in a header that ends at a proxy': [
      '  auth: { apiKey: { secret: keys, header: te } }',
      undefined,
      'error spec.auth.apiKey.header',
    ],
    'a key in Authorization beside tokens': [
      jwt('').replace(' } }', ' }, apiKey: { secret: keys, header: authorization } }'),
      undefined,
      'error spec.auth.apiKey.header',
    ],
    'a key in Authorization alone': [
      '  auth: { apiKey: { secret: keys, header: authorization } }',
      undefined,
      undefined,
    ],
    'auth that asks for nothing': ['  auth: {}', undefined, 'warning spec.auth'],
    'a rule alone': ['  auth: { allow: "${request.method == \'GET\'}" }', undefined, undefined],
    'a route that requires what its Api does not have': ['  basePath: /x', route('{}'), 'error spec.routes.0.auth'],
    'a rule of a route alone': ['  basePath: /x', route('{ allow: "${request.method == \'GET\'}" }'), undefined],
  };
  for (const [name, [spec, routes, expected]] of Object.entries(rows)) {
    it(`${expected === undefined ? 'takes' : `reports an ${expected.split(' ')[0]} for`} ${name}`, () => {
      const { resources, problems } = loadText('app.yaml', shopYaml(spec, routes) + ordersYaml);
      assert.deepEqual(problems, []);
      const compiled = compilePlan(
        createResourceSet(resources),
        createFakeEnvironment(),
        createPlanStateStore().begin(),
      );
      assert.deepEqual(
        compiled.problems.map(({ severity, path }) => `${severity} ${path.join('.')}`),
        expected === undefined ? [] : [expected],
      );
    });
  }
});
