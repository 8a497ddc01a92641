// The best of several scopes: as of one.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Ranked } from '../../../drivers/store/rankings.ts';
import { mergeTops } from '../../../gateway/views/read-ranking.ts';

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
});
