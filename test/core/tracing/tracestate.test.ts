// What core/tracing/tracestate.ts promises: a list of members is passed on whole, or not at all.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readTracestate, tracestateField, tracestateOfRecord } from '../../../core/tracing/tracestate.ts';
import { computingMs } from '../../computing-ms.ts';

const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a tracestate header', () => {
  for (const [title, text, expected] of [
    ['is read as it is', 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE', 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'],
    ['loses white space around its members, and empty ones', ' a=1 ,\t,,b= 2', 'a=1,b= 2'],
    ['may have members of tenants', 'fw529a3039@dt=1', 'fw529a3039@dt=1'],
    ['is none when it is absent', undefined, undefined],
    ['is none when it is empty', ' , ', undefined],
    ['is dropped whole with a key twice', 'a=1,b=2,a=3', undefined],
    ['is dropped whole with a key in upper case', 'a=1,B=2', undefined],
    ['is dropped whole with a member without a value', 'a=1,b=', undefined],
    ['is dropped whole with a member that is none', 'a=1,b', undefined],
    ['is dropped whole with a second =', 'a=1=2', undefined],
    ['is dropped whole with other characters', 'a=ü', undefined],
    ['is dropped whole with a line break', 'a=1\r\nb: 2', undefined],
    ['is dropped whole beyond 512 characters', `a=${'x'.repeat(256)},b=${'x'.repeat(252)}`, undefined],
    ['is dropped whole with a value of more than 256 characters', `a=${'x'.repeat(257)}`, undefined],
  ] as const)
    it(title, () => assert.equal(readTracestate(text), expected));

  it('costs little, however long it is', () => {
    const long = 1_000_000;
    for (const text of [`a=b${' '.repeat(long)}c`, ' '.repeat(long), ','.repeat(long), `a=${'\t'.repeat(long)},b=1`])
      assert.ok(computingMs(() => readTracestate(text)) < 1_000);
  });

  it('has at most 32 members', () => {
    const members = (count: number) => Array.from({ length: count }, (_, index) => `k${index}=v`).join(',');
    assert.equal(readTracestate(members(32)), members(32));
    assert.equal(readTracestate(members(33)), undefined);
  });

  const key = fc.stringMatching(/^[a-z0-9][a-z0-9_*/@-]{0,20}$/);
  const value = fc.stringMatching(/^[ -+\--<>-~]{0,20}[!-+\--<>-~]$/);
  const space = fc.constantFrom('', ' ', '\t', ' \t ');

  it('is read again as it was written, and each text is passed on within its limits or not at all', () => {
    const member = fc.tuple(key, value, space, space);
    const list = fc.uniqueArray(member, { minLength: 1, maxLength: 12, selector: ([name]) => name });
    fc.assert(
      fc.property(list, members => {
        const text = members.map(([name, said, before, behind]) => `${before}${name}=${said}${behind}`).join(',');
        const state = members.map(([name, said]) => `${name}=${said.replace(/^[ \t]+(?=$)/, '')}`).join(',');
        const read = readTracestate(text);
        assert.equal(read, state.length > 512 ? undefined : state);
        if (read !== undefined) assert.equal(readTracestate(read), read);
      }),
    );
    const pieces = fc.constantFrom('a', 'b', '=', ',', ' ', 'A', '\n', 'ü', 'x'.repeat(100), 'a=1,', 'b=2');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), parts => {
        const read = readTracestate(parts.join(''));
        if (read === undefined) return;
        assert.ok(read.length <= 512 && read.split(',').length <= 32);
        assert.match(read, /^[ -~]+$/);
        assert.equal(readTracestate(read), read);
      }),
    );
  });

  it('means nothing without a traceparent, in the header of a record and in its event', () => {
    const of = (headers: Record<string, string>) => tracestateOfRecord({ headers });
    assert.equal(of({ traceparent: PARENT, tracestate: 'a=1' }), 'a=1');
    assert.equal(of({ traceparent: 'none', tracestate: 'a=1' }), undefined);
    assert.equal(of({ tracestate: 'a=1' }), undefined);
    assert.equal(of({ ce_traceparent: PARENT, ce_tracestate: 'b=2' }), 'b=2');
    // The request that brought the event was in another trace.
    assert.equal(of({ traceparent: PARENT, ce_traceparent: PARENT, ce_tracestate: 'b=2' }), undefined);
    assert.deepEqual(tracestateField({ headers: { traceparent: PARENT, tracestate: 'a=1' } }), ['tracestate', 'a=1']);
    assert.deepEqual(tracestateField({ headers: { traceparent: PARENT } }), []);
  });
});
