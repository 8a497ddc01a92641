// CEL's `duration("1h30m")`, parsed in linear time: the library's own pattern takes cubic
// time on a long run of digits.
import { EvaluationError } from '@marcbachmann/cel-js';
import { Duration } from '@marcbachmann/cel-js/evaluator';

const UNIT_NANOS: Readonly<Record<string, bigint>> = {
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1000n,
  µs: 1000n,
  ns: 1n,
};
const SECOND = 1_000_000_000n;
/** Longer than any sensible duration, short enough that quadratic matching does no harm. */
const MAX_LENGTH = 64;
const WHOLE = /^[-+]?((\d+(\.\d+)?|\.\d+)(h|ms|m|s|us|µs|ns))+$/;
const PARTS = /(\d*)\.?(\d*)(h|ms|m|s|us|µs|ns)/g;

export function parseCelDuration(text: string): Duration {
  if (text === '0') return new Duration(0);
  if (text.length > MAX_LENGTH || !WHOLE.test(text)) {
    throw new EvaluationError({ code: 'invalid_duration', message: 'duration() needs text such as "1h30m"' });
  }
  let nanos = 0n;
  for (const [, whole, fraction = '', unit = ''] of text.matchAll(PARTS)) {
    const size = UNIT_NANOS[unit] ?? 0n;
    nanos += BigInt(whole || '0') * size + (BigInt(fraction || '0') * size) / 10n ** BigInt(fraction.length);
  }
  const signed = text.startsWith('-') ? -nanos : nanos;
  return new Duration(Number(signed / SECOND), Number(signed % SECOND));
}
