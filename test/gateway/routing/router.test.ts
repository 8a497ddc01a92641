// Which of several routes takes a request: precedence, conditions and falling
// back, against a plain model.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareShapes, matchShape, shapeOf } from '../../../core/paths/path-shape.ts';
import type { Route } from '../../../gateway/plan/plan.ts';
import { compileCondition, type MatchSpec } from '../../../gateway/routing/condition.ts';
import { createPlan } from '../../../gateway/routing/router.ts';
import { computingMs } from '../../computing-ms.ts';
import { headOf } from './head-of.ts';

interface Sketch extends MatchSpec {
  readonly path: string;
  readonly host?: string;
  readonly methods?: readonly string[];
}

function route({ path, host, methods = [], ...match }: Sketch): Route {
  return {
    kind: 'Api',
    namespace: 'default',
    family: 'Api/default/test',
    name: JSON.stringify({ path, host, methods, ...match }),
    methods,
    host,
    path,
    condition: compileCondition(match),
    target: 'function test',
    timeoutMs: 1000,
    logSample: 1,
    steps: [],
  };
}

const taken = (
  sketches: readonly Sketch[],
  target: string,
  fields: string[] = [],
  host = 'a.example',
  method = 'GET',
) => {
  const routes = sketches.map(route);
  const match = createPlan(routes).find(headOf(method, target, host, fields));
  return match ? { index: routes.indexOf(match.route), params: match.params } : undefined;
};

describe('the router', () => {
  it('prefers a named host to *. to any, whatever the paths', () => {
    const sketches = [{ path: '/a/x' }, { path: '/a/:id', host: 'shop.example' }, { path: '/*', host: '*.example' }];
    assert.equal(taken(sketches, '/a/x', [], 'shop.example')?.index, 1);
    assert.equal(taken(sketches, '/a/x', [], 'other.example')?.index, 2);
    assert.equal(taken(sketches, '/a/x', [], 'a.b.example')?.index, 0);
  });

  it('falls back to a less specific host when the host itself has no such path', () => {
    const sketches = [{ path: '/a' }, { path: '/b', host: 'shop.example' }];
    assert.equal(taken(sketches, '/a', [], 'shop.example')?.index, 0);
  });

  it('tries more conditions first', () => {
    const sketches = [
      { path: '/a' },
      { path: '/a', headers: { 'x-client': 'mobile' } },
      { path: '/a', headers: { 'x-client': 'mobile' }, query: { beta: '1' } },
    ];
    assert.equal(taken(sketches, '/a')?.index, 0);
    assert.equal(taken(sketches, '/a', ['x-client', 'mobile'])?.index, 1);
    assert.equal(taken(sketches, '/a?beta=1', ['x-client', 'mobile'])?.index, 2);
  });

  it('gives each route the parameters under its own names', () => {
    const sketches = [{ path: '/:one/b' }, { path: '/:other/b', headers: { 'x-a': '1' } }];
    assert.deepEqual(taken(sketches, '/v/b')?.params, { one: 'v' });
    assert.deepEqual(taken(sketches, '/v/b', ['x-a', '1'])?.params, { other: 'v' });
  });

  it('goes on to a less specific path when no condition holds', () => {
    const sketches = [{ path: '/orders/:id', headers: { 'x-new': '1' } }, { path: '/orders/*' }, { path: '/*' }];
    assert.deepEqual(taken(sketches, '/orders/7', ['x-new', '1']), { index: 0, params: { id: '7' } });
    assert.deepEqual(taken(sketches, '/orders/7'), { index: 1, params: { '*': '7' } });
  });

  const values: Record<string, [MatchSpec, string, string[], boolean]> = {
    'a header with its text': [{ headers: { a: 'x' } }, '/', ['a', 'x'], true],
    'a header with another text': [{ headers: { a: 'x' } }, '/', ['a', 'y'], false],
    'a header that is absent': [{ headers: { a: { present: false } } }, '/', [], true],
    'a header that must be absent and is there': [{ headers: { a: { present: false } } }, '/', ['a', ''], false],
    'a prefix': [{ headers: { a: { prefix: 'ab' } } }, '/', ['a', 'abc'], true],
    'a pattern over the whole value': [{ headers: { a: { pattern: 'v[0-9]+' } } }, '/', ['a', 'v12'], true],
    'a pattern over a part of the value only': [{ headers: { a: { pattern: 'v[0-9]+' } } }, '/', ['a', 'xv12'], false],
    'the first value of a query parameter': [{ query: { q: '1' } }, '/?q=1&q=2', [], true],
    'the second value of a query parameter': [{ query: { q: '2' } }, '/?q=1&q=2', [], false],
    'an encoded query parameter': [{ query: { q: 'a b' } }, '/?q=a%20b', [], true],
    'a cookie among others': [{ cookies: { sid: '7' } }, '/', ['cookie', 'a=1; sid=7; b=2'], true],
    'a cookie that is part of another name': [{ cookies: { sid: '7' } }, '/', ['cookie', 'xsid=7'], false],
  };
  for (const [name, [match, target, fields, expected]] of Object.entries(values)) {
    it(`${expected ? 'takes' : 'does not take'} ${name}`, () => {
      assert.equal(taken([{ path: '/', ...match }], target, fields) !== undefined, expected);
    });
  }

  it('matches a hostile header against a hostile pattern in linear time', () => {
    const routes = [{ path: '/', headers: { a: { pattern: '(a+)+' } } }];
    assert.ok(computingMs(() => void taken(routes, '/', ['a', `${'a'.repeat(8000)}!`])) < 500);
  });

  it('finds what a plain search by precedence finds', () => {
    const segment = fc.constantFrom('a', 'b', ':x', ':y');
    const path = fc
      .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(
        ([parts, open]) =>
          `/${parts.map((part, index) => (part.startsWith(':') ? `${part}${index}` : part)).join('/')}${open ? '/*' : ''}`,
      );
    const sketch = fc
      .record({ path, header: fc.constantFrom(undefined, '1', '2') })
      .map(({ path, header }): Sketch => (header === undefined ? { path } : { path, headers: { h: header } }));
    const request = fc.record({
      parts: fc
        .tuple(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }), fc.boolean())
        .map(([parts, slash]) => (slash ? [...parts, ''] : parts)),
      header: fc.constantFrom('1', '2', '3'),
    });
    fc.assert(
      fc.property(fc.array(sketch, { maxLength: 12 }), request, (sketches, { parts, header }) => {
        const routes = sketches.map(route);
        const head = headOf('GET', `/${parts.join('/')}`, 'a.example', ['h', header]);
        const found = createPlan(routes).find(head);
        const [expected] = routes
          .filter(({ path, condition }) => matchShape(shapeOf(path), head.path) && (condition?.holds(head) ?? true))
          .sort(
            (a, b) =>
              compareShapes(shapeOf(a.path), shapeOf(b.path)) ||
              (b.condition?.says.length ?? 0) - (a.condition?.says.length ?? 0),
          );
        assert.equal(found === undefined, expected === undefined);
        if (!found || !expected) return;
        assert.equal(compareShapes(shapeOf(found.route.path), shapeOf(expected.path)), 0);
        assert.equal(found.route.condition?.says.length, expected.condition?.says.length);
        assert.deepEqual(found.params, matchShape(shapeOf(found.route.path), head.path));
      }),
      { numRuns: 3000 },
    );
  });
});
