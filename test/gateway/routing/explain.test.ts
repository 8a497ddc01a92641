// Why a request takes the route that it takes: what is told agrees with what the listener does.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { type Candidate, explainRoute } from '../../../gateway/routing/explain.ts';
import { findRoute } from '../../../gateway/routing/find-route.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';
import { headOf } from './head-of.ts';

function compile(yaml: string) {
  const { resources, problems } = loadText('app.yaml', yaml);
  assert.deepEqual(problems, []);
  const compiled = compilePlan(createResourceSet(resources), createFakeEnvironment(), createPlanStateStore().begin());
  assert.deepEqual(
    compiled.problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  return compiled.plan;
}

const url = "to: { url: 'http://any.example' }";
const plan = compile(`
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  auth: { apiKey: { secret: keys } }
  routes:
    - { match: { path: '/orders/:id', headers: { x-client: mobile }, query: { beta: '1' } }, ${url} }
    - { match: { path: '/orders/:order', headers: { x-client: mobile } }, ${url} }
    - { match: { path: '/orders/:id', consumers: [acme, umbrella] }, ${url} }
    - { match: { path: /orders/new, method: POST }, ${url} }
    - { match: { path: /orders/* }, cors: { origins: [https://shop.example] }, ${url} }
    - { match: { path: /only, consumers: [acme] }, ${url} }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: named }
spec:
  hosts: [shop.example]
  routes:
    - { match: { path: '/orders/*', headers: { x-client: tv } }, ${url} }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: menu-v1 }
spec:
  basePath: /menu
  version: { name: v1, by: header, default: true }
  routes: [{ match: { path: /drinks, method: GET }, ${url} }]
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: menu-v2 }
spec:
  basePath: /menu
  version: { name: v2, by: header }
  routes: [{ match: { path: /drinks, method: GET }, ${url} }]
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: other }
spec:
  routes: [{ match: { path: /* }, ${url} }]
`);

const line = ({ route, verdict, checks, behind }: Candidate) =>
  [
    verdict,
    route.path,
    ...checks.map(({ says, holds }) => `${says}: ${holds ? 'yes' : 'no'}`),
    ...(behind ? [`behind by ${behind}`] : []),
  ].join('; ');

function explain(method: string, target: string, fields: string[] = [], consumer?: string, host = 'any.example') {
  const { candidates, refusal } = explainRoute(plan, headOf(method, target, host, fields), consumer);
  return { lines: candidates.map(line), refusal };
}

describe('explainRoute', () => {
  it('tells which condition of each route before the one that is taken does not hold, and what is never reached', () => {
    const { lines, refusal } = explain('GET', '/orders/17', ['x-client', 'mobile']);
    assert.equal(refusal, undefined);
    assert.deepEqual(lines, [
      'passed-over; /orders/:id; header x-client is "mobile": yes; query beta is "1": no',
      'takes; /orders/:order; header x-client is "mobile": yes; behind by conditions',
      'not-reached; /orders/:id; consumer is acme or umbrella: no; behind by order',
      'not-reached; /orders/*; behind by path',
      'not-reached; /*; behind by path',
    ]);
  });

  it('tells the parameters under the names that the taken route gives them', () => {
    const { candidates } = explainRoute(plan, headOf('GET', '/orders/17', 'a', ['x-client', 'mobile']), undefined);
    assert.deepEqual(candidates.find(({ verdict }) => verdict === 'takes')?.params, { order: '17' });
  });

  it('tells a host that is named before all others', () => {
    const { lines } = explain('GET', '/orders/a/b', ['x-client', 'tv'], undefined, 'shop.example');
    assert.deepEqual(lines, [
      'takes; /orders/*; header x-client is "tv": yes',
      'not-reached; /orders/*; behind by host',
      'not-reached; /*; behind by path',
    ]);
  });

  it('takes a route for consumers only for one of them', () => {
    assert.match(
      explain('GET', '/orders/17', [], 'acme').lines[2] ?? '',
      /^takes; .*consumer is acme or umbrella: yes/,
    );
  });

  it('tells who is none of the consumers which route of the same Api comes next', () => {
    const { lines } = explain('GET', '/orders/17', [], 'stranger');
    assert.deepEqual(lines.slice(2), [
      'passed-over; /orders/:id; consumer is acme or umbrella: no; behind by order',
      'takes; /orders/*; belongs to Api shop, as the route for consumers before it: yes; behind by path',
      'not-reached; /*; belongs to Api shop, as the route for consumers before it: no; behind by path',
    ]);
  });

  it('tells that a route of another Api is no way out for who is none of the consumers', () => {
    const { lines, refusal } = explain('GET', '/only');
    assert.deepEqual(lines, [
      'passed-over; /only; consumer is acme: no',
      'passed-over; /*; belongs to Api shop, as the route for consumers before it: no; behind by path',
    ]);
    assert.equal(refusal?.error.code, 'not-found');
  });

  it('tells which version is meant', () => {
    assert.deepEqual(explain('GET', '/menu/drinks', ['api-version', 'v2']).lines.slice(0, 2), [
      'passed-over; /menu/drinks; version is v1: no',
      'takes; /menu/drinks; version is v2: yes; behind by order',
    ]);
  });

  it('tells which of several routes answers a preflight, whatever their conditions', () => {
    const asked = ['origin', 'https://shop.example', 'access-control-request-method', 'PUT'];
    const { lines } = explain('OPTIONS', '/orders/17', asked);
    assert.deepEqual(lines.slice(2), [
      'passed-over; /orders/:id; cors allows pages of https://shop.example: no; behind by order',
      'takes; /orders/*; cors allows pages of https://shop.example: yes; behind by path',
      'not-reached; /*; cors allows pages of https://shop.example: no; behind by path',
    ]);
  });

  it('tells the methods when the method is what is wrong', () => {
    const own = compile(`
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: own }
spec:
  routes: [{ match: { path: /a, method: [GET, PUT] }, ${url} }]
`);
    const { candidates, refusal } = explainRoute(own, headOf('POST', '/a', 'a'), undefined);
    assert.deepEqual(candidates, []);
    assert.equal(refusal?.error.code, 'method-not-allowed');
    assert.deepEqual(refusal?.allowed, ['GET', 'HEAD', 'PUT']);
    assert.equal(explainRoute(own, headOf('TRACE', '/a', 'a'), undefined).refusal?.error.code, 'method-not-allowed');
  });

  it('tells for any request what the listener does', () => {
    const fields = fc.subarray(
      [
        ['x-client', 'mobile'],
        ['api-version', 'v2'],
        ['origin', 'https://shop.example'],
        ['access-control-request-method', 'GET'],
      ],
      { minLength: 0 },
    );
    const request = fc.record({
      method: fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'PURGE', 'TRACE'),
      target: fc.constantFrom('/orders/17', '/orders/', '/orders/new?beta=1', '/menu/drinks', '/only', '/x', '/menu'),
      host: fc.constantFrom('shop.example', 'any.example'),
      fields,
    });
    fc.assert(
      fc.property(request, ({ method, target, host, fields }) => {
        const head = headOf(method, target, host, fields.flat());
        const found = findRoute(plan, head);
        // For everybody for whom no route turns anybody away.
        const { candidates, refusal } = explainRoute(plan, head, 'acme');
        const taken = candidates.filter(({ verdict }) => verdict === 'takes');
        if (!('route' in found)) {
          assert.deepEqual(taken, []);
          assert.equal(refusal?.error.message, found.error.message);
          return;
        }
        assert.equal(refusal, undefined);
        assert.equal(taken.length, 1);
        assert.deepEqual([taken[0]?.route.path, taken[0]?.params], [found.route.path, found.params]);
        assert.deepEqual(taken[0]?.route.host, found.route.host);
        if (found.route.target !== 'preflight') assert.ok(taken[0]?.checks.every(({ holds }) => holds));
      }),
      { numRuns: 500 },
    );
  });
});
