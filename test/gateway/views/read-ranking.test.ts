// The best of several scopes: as of one.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { viewLayoutOf } from '../../../core/views/view-layout.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import type { Ranked, RankedPlace, Rankings } from '../../../drivers/store/rankings.ts';
import { mergeTops, readAround, readTop } from '../../../gateway/views/read-ranking.ts';

describe('rankings of several scopes', () => {
  it('are one, higher scores first and equal ones by member', () => {
    const members = fc.uniqueArray(
      fc.record({ member: fc.string({ minLength: 1, maxLength: 3 }), score: fc.integer({ min: 0, max: 4 }) }),
      { selector: ({ member }) => member, maxLength: 20 },
    );
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 4 }), (all, limit, scopes) => {
        const ranked = (list: typeof all): Ranked[] =>
          list
            .toSorted((a, b) => b.score - a.score || Buffer.compare(Buffer.from(a.member), Buffer.from(b.member)))
            .slice(0, limit)
            .map((each, index) => ({ ...each, rank: index + 1, value: undefined }));
        const tops = Array.from({ length: scopes }, (_, scope) => ranked(all.filter((_, at) => at % scopes === scope)));
        assert.deepEqual(mergeTops(tops, limit), ranked(all));
      }),
    );
  });

  it('are read as one, however the best are spread, and each of them once', async () => {
    const layout = viewLayoutOf('shop', 'trends', '0123456789ab');
    const scores = fc.array(
      fc.record({ scope: fc.integer({ min: 0, max: 7 }), score: fc.integer({ min: 0, max: 30 }) }),
      {
        maxLength: 120,
      },
    );
    /** Many in one scope, so that it must be asked twice. */
    const lopsided = scores.map(all => all.map(each => ({ ...each, scope: each.score % 5 === 0 ? each.scope : 3 })));
    await fc.assert(
      fc.asyncProperty(fc.oneof(scores, lopsided), fc.integer({ min: 1, max: 100 }), async (all, limit) => {
        const members = all.map(({ scope, score }, n) => ({ scope, score, member: `m${n}` }));
        const sorted = (list: typeof members) =>
          list
            .toSorted((a, b) => b.score - a.score || Buffer.compare(Buffer.from(a.member), Buffer.from(b.member)))
            .map(({ member, score }, index): Ranked => ({ member, score, rank: index + 1, value: undefined }));
        let told = 0;
        const store = {
          async top(scope: string, _ranking: string, { limit: most, from = 1 }: { limit: number; from?: number }) {
            const found = sorted(members.filter(each => layout.scopeOf(each.scope) === scope));
            const page = found.slice(from - 1, from - 1 + most);
            told += page.length;
            return page;
          },
        };
        assert.deepEqual(await readTop(store, layout, limit), sorted(members).slice(0, limit));
        assert.ok(told <= members.length);
      }),
    );
  });

  it('rank a member among all, and show its neighbours', async () => {
    const layout = viewLayoutOf('shop', 'trends', '0123456789ab');
    const scores = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(scores, fc.integer({ min: 0, max: 4 }), fc.nat({ max: 70 }), async (all, around, kept) => {
        const members = all.map((score, n) => ({ member: `m${n}`, score }));
        const sorted = (list: readonly RankedPlace[]) =>
          list
            .toSorted((a, b) => b.score - a.score || Buffer.compare(Buffer.from(a.member), Buffer.from(b.member)))
            .map((each, index): Ranked => ({ ...each, rank: index + 1, value: undefined }));
        const ofScope = (scope: string) =>
          sorted(members.filter(({ member }) => layout.scopeOf(partitionOf(member, layout.partitions)) === scope));
        const store: Pick<Rankings, 'around' | 'aroundPlace'> = {
          around: async (scope, _, member) => ofScope(scope).filter(each => each.member === member),
          async aroundPlace(scope, _, place, { before, after }) {
            const those = ofScope(scope);
            const ahead = sorted([...those.filter(({ member }) => member !== place.member), place]).findIndex(
              ({ member }) => member === place.member,
            );
            return { ahead, ranked: those.slice(Math.max(0, ahead - before), ahead + after) };
          },
        };
        const expected = sorted(members);
        for (const { member, rank } of expected) {
          const neighbours = expected.slice(Math.max(0, rank - 1 - around), Math.min(rank + around, kept));
          const found = await readAround(store, layout, member, { around, kept });
          assert.deepEqual(found, rank > kept ? [] : neighbours);
        }
        assert.deepEqual(await readAround(store, layout, 'nobody', { around, kept }), []);
      }),
      { numRuns: 50 },
    );
  });
});
