// Where a change has been: read from what anybody may have written, joined, and bounded.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  formatOrigins,
  joinOrigins,
  ORIGIN_ATTRIBUTE,
  originOf,
  originOfRecord,
  parseOrigins,
  withOrigin,
} from '../../../core/cloudevents/origins.ts';
import { toRecord } from '../../../core/cloudevents/record.ts';

const event = { specversion: '1.0', id: '1', source: '/a', type: 'b' } as const;

describe('origins of a change', () => {
  const rows: [string | undefined, readonly string[]][] = [
    [undefined, []],
    ['', []],
    ['shop', ['here/shop']],
    ['other/shop', ['other/shop']],
    [' shop , other/shop,shop,here/shop', ['here/shop', 'other/shop']],
    ['Shop,ä,a b,/,a/,/a,a/b/c,-a, ,\r\nx', ['here/x']],
  ];
  for (const [text, expected] of rows) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parseOrigins(text, 'here'), expected));
  }

  it('are at most eight: a change that has been in more goes round', () => {
    const names = Array.from({ length: 9 }, (_, index) => `s${index}`);
    assert.equal(parseOrigins(names.slice(1).join(','), 'a').length, 8);
    assert.throws(() => parseOrigins(names.join(','), 'a'), { code: 'loop-detected' });
  });

  it('are never lost by joining, nor by writing and reading', () => {
    const name = fc.stringMatching(/^[a-z]{1,3}\/[a-z]{1,3}$/);
    const some = fc.option(
      fc.array(name, { maxLength: 4 }).map(names => names.join(',')),
      { nil: undefined },
    );
    fc.assert(
      fc.property(some, some, (one, other) => {
        const joined = parseOrigins(joinOrigins(one, other), 'x');
        assert.deepEqual(new Set(joined), new Set([...parseOrigins(one, 'x'), ...parseOrigins(other, 'x')]));
        assert.deepEqual(parseOrigins(formatOrigins(joined), 'y'), joined);
      }),
    );
  });

  it('are those that are said, and no others', () => {
    const marked = withOrigin(event, 'a/b');
    assert.equal(originOf(marked), 'a/b');
    assert.ok(!(ORIGIN_ATTRIBUTE in withOrigin(marked, undefined)));
    assert.ok(!(ORIGIN_ATTRIBUTE in withOrigin({ ...event, [ORIGIN_ATTRIBUTE]: 7 }, undefined)));
    assert.equal(withOrigin(event, undefined), event);
  });

  it('are found in records of both modes', () => {
    const marked = { ...event, [ORIGIN_ATTRIBUTE]: 'a/b' };
    assert.equal(originOfRecord(toRecord(marked, null)), 'a/b');
    const headers = { 'content-type': 'application/cloudevents+json' };
    assert.equal(originOfRecord({ value: Buffer.from(JSON.stringify(marked)), headers }), 'a/b');
    assert.equal(originOfRecord({ value: Buffer.from('no event'), headers: {} }), undefined);
  });
});
