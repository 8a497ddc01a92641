// Pages merged from several scopes: each row once and in order, however they are spread and cut.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mergePages } from '../../../drivers/store/merge-pages.ts';
import type { Page, ScannedRow } from '../../../drivers/store/tables.ts';

const row = (position: string): ScannedRow => ({ key: position, value: new Uint8Array(0), version: '1', position });

/** One scope's answer: at most `limit` rows, or fewer where its bytes are full. */
function scan(all: readonly string[], limit: number, reverse: boolean, after: string | undefined, cut: number): Page {
  const sorted = [...all].sort();
  if (reverse) sorted.reverse();
  const rest = sorted.filter(each => after === undefined || (reverse ? each < after : each > after));
  const taken = rest.slice(0, Math.max(1, Math.min(limit, cut)));
  return { rows: taken.map(row), next: taken.length < rest.length ? taken.at(-1) : undefined };
}

describe('pages of several scopes', () => {
  it('are one order, page after page', () => {
    const scopes = fc.array(fc.array(fc.integer({ min: 0, max: 1e6 }), { maxLength: 12 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(
        scopes,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        (drawn, limit, cut, reverse) => {
          // A row is in one scope.
          const spread = drawn.map((each, scope) =>
            [...new Set(each)].map(value => `${String(value).padStart(7, '0')}-${scope}`),
          );
          const expected = spread.flat().sort();
          if (reverse) expected.reverse();
          const found: string[] = [];
          let after: string | undefined;
          for (let pages = 0; ; pages++) {
            assert.ok(pages <= expected.length + 1, 'it comes to an end');
            const page = mergePages(
              spread.map(each => scan(each, limit, reverse, after, cut)),
              { limit, reverse },
            );
            assert.ok(page.rows.length <= limit);
            found.push(...page.rows.map(({ key }) => key));
            after = page.next;
            if (after === undefined) break;
          }
          assert.deepEqual(found, expected);
        },
      ),
    );
  });
});
