// Which share of the traces is exported whatever becomes of them.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseTraceparent } from '../../../core/trace-context.ts';
import { isInRatio, leastDigitsOf, samplingOf } from '../../../core/tracing/sampling.ts';
import { recordSpans } from './record-spans.ts';

const parent = (flags: string) => parseTraceparent(`00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-${flags}`);

describe('sampling', () => {
  const rows: [string, number, string | undefined, boolean][] = [
    ['always_on', 0, undefined, true],
    ['always_off', 1, '01', false],
    ['parentbased_always_on', 0, '00', false],
    ['parentbased_always_off', 1, '01', true],
    ['parentbased_always_off', 1, undefined, false],
    ['traceidratio', 1, '00', true],
    ['parentbased_traceidratio', 0, '01', true],
    ['parentbased_traceidratio', 0, '03', true],
    ['parentbased_traceidratio', 0, undefined, false],
  ];
  for (const [name, ratio, flags, exported] of rows) {
    it(`${name} with ${ratio} exports ${exported ? 'all' : 'nothing'} of a caller that says ${flags}`, () => {
      const { tracer, spans } = recordSpans({ sampling: samplingOf(name as 'always_on', ratio) });
      tracer.begin(flags === undefined ? undefined : parent(flags), 'server', 'x').finish();
      assert.equal(spans.length, exported ? 1 : 0);
    });
  }

  it('reads the share from the end of the id, as OpenTelemetry does', () => {
    // Of the specification: a trace is sampled when its last 56 bits are at least (1 - ratio) 2^56.
    assert.equal(isInRatio(`${'0'.repeat(18)}80000000000000`, leastDigitsOf(0.5)), true);
    assert.equal(isInRatio(`${'f'.repeat(18)}7fffffffffffff`, leastDigitsOf(0.5)), false);
    assert.equal(isInRatio(`${'0'.repeat(18)}ff000000000000`, leastDigitsOf(1 / 256)), true);
    assert.equal(isInRatio(`${'0'.repeat(18)}fe000000000000`, leastDigitsOf(1 / 256)), false);
  });

  it('samples with a larger share whatever it samples with a smaller one', () => {
    const trace = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(id => id.toString(16).padStart(32, '0'));
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(trace, share, share, (id, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map(leastDigitsOf);
        if (isInRatio(id, less ?? '')) assert.ok(isInRatio(id, more ?? ''));
      }),
    );
  });

  it('compares the digits as the number that they are', () => {
    const RANGE = 2 ** 52;
    const near = fc.tuple(fc.integer({ min: 0, max: RANGE }), fc.integer({ min: -2, max: 2 }));
    fc.assert(
      fc.property(near, ([least, above]) => {
        const random = Math.min(RANGE - 1, Math.max(0, least + above));
        const id = `${'0'.repeat(18)}${random.toString(16).padStart(13, '0')}0`;
        assert.equal(isInRatio(id, leastDigitsOf(1 - least / RANGE)), random >= least);
      }),
    );
  });
});
