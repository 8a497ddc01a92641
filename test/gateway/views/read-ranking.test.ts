// The best of several scopes: as of one.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { viewLayoutOf } from '../../../core/views/view-layout.ts';
import type { Ranked } from '../../../drivers/store/rankings.ts';
import { mergeTops, readTop } from '../../../gateway/views/read-ranking.ts';

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
});
