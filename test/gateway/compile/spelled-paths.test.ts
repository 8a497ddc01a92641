// Other spellings of a guarded path: for random Apis and Stranglers each is answered by a route
// that asks for the same, or `validate` warns.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { normalizePath } from '../../../core/paths/normalize-path.ts';
import { hasMatrix } from '../../../core/paths/path-spelling.ts';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { checkReferences } from '../../../resources/references/checks.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';
import { headOf } from '../routing/head-of.ts';

const PATHS = ['/*', '/admin', '/admin/', '/Admin', '/admin/*', '/a/b', '/a/:id', '/:id', '/a/*', '/:id/b', '/a/b/'];
const options = fc.record({
  caseSensitive: fc.boolean(),
  trailingSlash: fc.constantFrom('strict', 'ignore'),
  matrix: fc.constantFrom('refuse', 'ignore', 'literal'),
  escapedSlash: fc.constantFrom('literal', 'refuse'),
});
const route = fc.record({
  path: fc.constantFrom(...PATHS),
  target: fc.constantFrom('http://one', 'http://other'),
  rule: fc.constantFrom(undefined, 'first', 'second'),
});
const api = fc.record({
  kind: fc.constant('Api'),
  options,
  host: fc.constantFrom(undefined, 'h.example', '*.example'),
  rule: fc.constantFrom(undefined, undefined, 'all'),
  routes: fc.uniqueArray(route, { minLength: 1, maxLength: 4, selector: ({ path }) => path }),
});
const strangler = fc.record({
  kind: fc.constant('Strangler'),
  options,
  host: fc.constantFrom(undefined, 'h.example'),
  rule: fc.constant(undefined),
  routes: fc.uniqueArray(route, { maxLength: 2, selector: ({ path }) => path }),
});
const declared = fc.array(fc.oneof({ weight: 3, arbitrary: api }, { weight: 1, arbitrary: strangler }), {
  minLength: 1,
  maxLength: 3,
});
type Sketch = typeof declared extends fc.Arbitrary<readonly (infer S)[]> ? S : never;

const ruleOf = (name: string) => `\${request.headers['x-${name}'] == 'yes'}`;

function toYaml(sketches: readonly Sketch[]): string {
  return sketches
    .map(({ kind, options: path, host, rule, routes }, index) => {
      const hosts = host === undefined ? {} : { hosts: [host] };
      const spec =
        kind === 'Api'
          ? {
              ...hosts,
              path,
              ...(rule && { auth: { allow: ruleOf(rule) } }),
              routes: routes.map((each, place) => ({
                name: `r${place}`,
                match: { path: each.path },
                to: { url: each.target },
                ...(each.rule && { auth: { allow: ruleOf(each.rule) } }),
              })),
            }
          : {
              ...hosts,
              path,
              legacy: { url: 'http://one' },
              features: routes.map((each, place) => ({
                name: `r${place}`,
                match: { path: each.path },
                to: { url: each.target },
                phase: 'live',
              })),
            };
      return JSON.stringify({ apiVersion: 'tenfold.dev/v1alpha1', kind, metadata: { name: `s${index}` }, spec });
    })
    .join('\n---\n');
}

/** What one server or another takes for the same path. */
const respell = {
  letters: (path: string, at: number) =>
    path.replace(/[a-z]/gi, (letter, place) => (place === at ? swap(letter) : letter)),
  slash: (path: string) => (path.endsWith('/') ? path.slice(0, -1) : `${path}/`),
  matrix: (path: string, at: number) => `${path.slice(0, at)};v=1${path.slice(at)}`,
  escapedMatrix: (path: string) => `${path}%3Bv`,
  escapedSlash: (path: string, at: number) =>
    at > 0 && path[at] === '/' ? `${path.slice(0, at)}%2f${path.slice(at + 1)}` : path,
  escapedEnd: (path: string) => `${path}%2F`,
  escapedLetter: (path: string, at: number) =>
    /[a-z]/i.test(path[at] ?? '')
      ? `${path.slice(0, at)}%${path.charCodeAt(at).toString(16)}${path.slice(at + 1)}`
      : path,
  emptySegment: (path: string) => `/${path}`,
};
const swap = (letter: string) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase());
const ends = (path: string) =>
  [...path].flatMap((_, index) => (index > 0 && (path[index + 1] ?? '/') === '/' ? [index + 1] : []));

describe('other spellings of a guarded path', () => {
  const counts = { same: 0, refused: 0, warned: 0 };

  it('take a route that asks for the same, are refused, or are warned of', () => {
    fc.assert(
      fc.property(declared, fc.constantFrom('h.example', 'x.example', 'y.test'), fc.nat(20), (sketches, host, at) => {
        const text = toYaml(sketches);
        const { resources, problems } = loadText('app.yaml', text);
        assert.deepEqual(problems, []);
        const set = createResourceSet(resources);
        const found = checkReferences(set, { filesBeside: () => undefined });
        fc.pre(!found.some(({ severity }) => severity === 'error'));
        const { plan } = compilePlan(set, createFakeEnvironment(), createPlanStateStore().begin());
        const answer = (path: string) => {
          let normal: string;
          try {
            normal = normalizePath(path);
          } catch {
            return 'refused';
          }
          const taken = plan.find(headOf('GET', normal, host))?.route;
          if (taken === undefined) return 'refused';
          const sketch = sketches[Number(taken.name.slice(1))];
          assert.ok(sketch);
          const { escapedSlash, matrix } = sketch.options;
          if (escapedSlash === 'refuse' && normal.includes('%2F')) return 'refused';
          if (matrix === 'refuse' && hasMatrix(normal)) return 'refused';
          if (matrix === 'ignore' && /\/(?:;|%3B)[^/]*\//.test(normal)) return 'refused';
          const place = taken.label === undefined ? -1 : Number(taken.label.slice(1));
          const each = sketch.routes[place];
          // Which side of a Strangler answers is decided later: it may be legacy.
          const targets = sketch.kind === 'Api' ? [each?.target] : ['http://one', each?.target];
          return { sketch, place, targets, asks: [sketch.rule, sketch.kind === 'Api' ? each?.rule : undefined] };
        };
        for (const [index, sketch] of sketches.entries()) {
          for (const [place, strict] of sketch.routes.entries()) {
            if (sketch.kind !== 'Api') continue;
            const asked = [sketch.rule, strict.rule].filter(rule => rule !== undefined);
            const path = strict.path.replace(':id', 'x').replace('*', 'rest');
            const own = answer(path);
            // Only where its own spelling is taken by it.
            if (own === 'refused' || own.sketch !== sketch || own.place !== place || asked.length === 0) continue;
            const spots = ends(path);
            for (const [way, spell] of Object.entries(respell)) {
              const spelled = spell(
                path,
                way === 'matrix' ? (spots[at % spots.length] ?? path.length) : at % path.length,
              );
              const got = spelled.startsWith('/') ? answer(spelled) : 'refused';
              if (got === 'refused') {
                counts.refused++;
                continue;
              }
              if (asked.every(rule => got.asks.includes(rule)) || !got.targets.includes(strict.target)) {
                counts.same++;
                continue;
              }
              const warned = found.some(
                ({ message, line, path: where }) =>
                  where === `spec.routes[${place}].match.path` &&
                  message.startsWith('Many servers take') &&
                  line === 1 + 2 * index,
              );
              assert.ok(
                warned,
                `${way}: ${spelled} of ${strict.path} in s${index} takes r${got.place} of ${got.sketch.kind}\n${text}`,
              );
              counts.warned++;
            }
          }
        }
      }),
      { numRuns: 500 },
    );
    for (const [outcome, count] of Object.entries(counts)) assert.ok(count > 10, `${outcome}: ${count}`);
  });
});
