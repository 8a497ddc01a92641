// Every toggle of the chart by itself: what it brings, takes away or changes, and nothing else.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CHART, type Manifest, render } from './helm.ts';
import { everything } from './samples.ts';
import { ofCallers } from './toggles-of-callers.ts';
import { ofListeners } from './toggles-of-listeners.ts';
import { ofPods } from './toggles-of-pods.ts';

const keyOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`;
/** Made anew by each rendering, as they are random. */
const RANDOM = new Set(['Secret tenfold-auth', 'Api tenfold-test', 'Pod tenfold-test']);

const toggles = { ...ofCallers, ...ofPods, ...ofListeners };

/** Where a value is, and what is there by default. Lists and maps of the user's own are one. */
function leaves(value: unknown, path: readonly string[] = []): (readonly [path: string, value: unknown])[] {
  const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
  if (!isGroup) return [[path.join('.'), value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

const defaults = leaves(parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')));
/** Changes the name of all there is; rbac.test.ts has it. */
const ELSEWHERE = new Set(['fullnameOverride']);
const isEmpty = (value: unknown) =>
  value === '' || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
/** Of values that set something: `a.b` for `{ a: { b: … } }`, and for what is below it. */
const sets = (values: object, path: string) =>
  leaves(values).some(([one]) => one === path || one.startsWith(`${path}.`));

/** What toggles are compared with; most share theirs. */
const bases = new Map<string, Promise<Manifest[]>>();
function renderBase(values: object): Promise<Manifest[]> {
  const key = JSON.stringify(values);
  const rendered = bases.get(key) ?? render(values);
  bases.set(key, rendered);
  return rendered;
}

describe("the chart's toggles", () => {
  for (const [name, { base = {}, values, brings = [], takes = [], changes = [], look }] of Object.entries(toggles)) {
    it(name, async () => {
      const [before, after] = [await renderBase(base), await render({ ...base, ...values })];
      const text = (found: readonly Manifest[]) => new Map(found.map(one => [keyOf(one), JSON.stringify(one)]));
      const [was, is] = [text(before), text(after)];
      assert.deepEqual([...is.keys()].filter(key => !was.has(key)).sort(), [...brings].sort(), 'brings');
      assert.deepEqual([...was.keys()].filter(key => !is.has(key)).sort(), [...takes].sort(), 'takes');
      const changed = [...is.keys()].filter(key => was.has(key) && was.get(key) !== is.get(key) && !RANDOM.has(key));
      assert.deepEqual(changed.sort(), [...changes].sort(), 'changes');
      if (look) assert.deepEqual(look[0](after), look[1]);
    });
  }

  it('are all tried: whatever is on or off', () => {
    const all = Object.values(toggles).map(({ values }) => values);
    const never = defaults.filter(([path, value]) => typeof value === 'boolean' && !all.some(one => sets(one, path)));
    assert.deepEqual(
      never.map(([path]) => path),
      [],
    );
  });

  it('are all tried: whatever is left out by default, by itself or with all the rest', () => {
    const all = [...Object.values(toggles).map(({ values }) => values), everything];
    const optional = defaults.filter(([path, value]) => isEmpty(value) && !ELSEWHERE.has(path));
    const never = optional.filter(([path]) => !all.some(one => sets(one, path)));
    assert.deepEqual(
      never.map(([path]) => path),
      [],
    );
  });

  it('has nothing empty in it: every object has a kind and a name', async () => {
    for (const { apiVersion, kind, metadata } of await render()) assert.ok(apiVersion && kind && metadata.name);
  });
});
