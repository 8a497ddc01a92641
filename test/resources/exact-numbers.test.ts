// Every place of the kinds that has an expression gives a whole number of data with all its digits,
// or refuses it. It never gives another number.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TenfoldError } from '../../core/errors.ts';
import { fieldsOf } from '../../resources/generate/fields.ts';
import { type SchemaNode, toNode } from '../../resources/generate/schema-node.ts';
import { type KindInfo, kinds } from '../../resources/kinds/index.ts';
import type { Place } from './exact-data.ts';
import { copies, places } from './exact-places.ts';

/** They work with doubles or times, and refuse what these do not hold. */
const REFUSING = new Set([
  'Subscription.deliverAt',
  'Queue.deliverAt',
  'View.ranking.score',
  'View.search.document',
  'Pipeline.steps[].joinTopic.otherTime',
  'Pipeline.steps[].branch[].steps[].joinTopic.otherTime',
  'Pipeline.time.of',
]);

describe('a whole number that JavaScript would round', () => {
  const edge = fc.bigInt({ min: 2n ** 53n, max: 2n ** 53n + 9n });
  const digits = fc.oneof(
    edge,
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 2n }),
    fc.bigInt({ min: 2n ** 63n, max: 10n ** 45n }),
  );
  const number = fc.tuple(digits, fc.boolean()).map(([n, isNegative]) => (isNegative ? -n : n));

  for (const [name, written] of Object.entries({ ...places, ...copies })) {
    it(`is never another one: ${name}`, async () => {
      const all = [written].flat();
      for (const place of all)
        await fc.assert(
          fc.asyncProperty(number, async n => void (await isExact(place, n))),
          { numRuns: 15 },
        );
      const given = await Promise.all(all.map(place => isExact(place, 2n ** 53n + 1n)));
      assert.equal(given.includes(true), !REFUSING.has(name));
    });
  }

  it('meets every expression of the kinds in these tests', () => {
    assert.deepEqual(Object.keys(places).sort(), [...expressionsOfKinds()].sort());
  });
});

/** False where the place refuses the number. */
async function isExact(place: Place, n: bigint): Promise<boolean> {
  let given: unknown;
  try {
    given = await place(`{"id":${n},"list":[1,${n}],"small":2}`, n);
  } catch (error) {
    if (error instanceof TenfoldError && error.code !== 'internal') return false;
    throw error;
  }
  const text = [given]
    .flat()
    .map(String)
    .join('\n')
    .replaceAll(/e\+?\d+/g, '');
  for (const [found] of text.matchAll(/-?\d{16,}/g)) {
    // A sum of two is allowed to be one more.
    assert.ok([n, n + 1n].includes(BigInt(found)) || BigInt(found) === -n, `${found} was ${n}`);
  }
  return true;
}

function expressionsOfKinds(): Set<string> {
  const found = new Set<string>();
  const visit = (path: string, node: SchemaNode) => {
    if (node.marks?.expression) found.add(path);
    if (node.items) visit(`${path}[]`, node.items);
    if (node.additionalProperties) visit(`${path}.*`, node.additionalProperties);
    for (const alternative of node.anyOf ?? []) visit(path, alternative);
  };
  for (const [kind, { spec }] of Object.entries<KindInfo>(kinds)) {
    for (const { path, node } of fieldsOf(toNode(spec), kind)) visit(path, node);
  }
  return found;
}
