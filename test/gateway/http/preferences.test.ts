// Prefer (RFC 7240) and `?wait=` as clients write them.
import assert from 'node:assert/strict';
import { readPreferences, readWait } from '../../../gateway/http/preferences.ts';

describe('Prefer', () => {
  const none = { waitMs: undefined, applied: '' };
  for (const [values, expected] of [
    [[], none],
    [['wait=10'], { waitMs: 10_000, applied: 'wait=10' }],
    [['WAIT = "10"'], { waitMs: 10_000, applied: 'wait=10' }],
    [['respond-async, wait=10'], { waitMs: 10_000, applied: 'respond-async, wait=10' }],
    [['respond-async', 'wait=5;x=1, respond-async'], { waitMs: 5_000, applied: 'respond-async, wait=5' }],
    [['wait=5, wait=9'], { waitMs: 5_000, applied: 'wait=5' }],
    [['return=minimal; foo="a,b"'], none],
    [['wait=soon, wait=-1, wait'], none],
    [[','.repeat(10_000)], none],
  ] as const) {
    it(`"${values.join(' | ').slice(0, 60)}"`, () => {
      assert.deepEqual(readPreferences(['accept', '*/*', ...values.flatMap(value => ['prefer', value])]), expected);
    });
  }

  it('waits as long as the query says', () => {
    assert.deepEqual(['', '?x=1', '?wait=10', '?wait=500ms', '?wait=1m'].map(readWait), [
      undefined,
      undefined,
      10_000,
      500,
      60_000,
    ]);
    for (const query of ['?wait=', '?wait=x', '?wait=-1', '?wait=9999999'])
      assert.throws(() => readWait(query), { status: 400 });
  });
});
