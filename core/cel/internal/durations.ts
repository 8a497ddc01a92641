// CEL's `duration("1h30m")`, parsed in linear time: the library's own pattern takes cubic
// time on a long run of digits. And the arithmetic of durations, which the library gets wrong where
// one is negative and no whole number of seconds: it makes -1.5s + 1s a -1.5s, and shows -10.5s.
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
  return ofNanos(text.startsWith('-') ? -nanos : nanos);
}

const MILLISECOND = 1_000_000n;

function nanosOf({ seconds, nanos }: Duration): bigint {
  return seconds * SECOND + BigInt(nanos);
}

/** Seconds and nanoseconds have one sign, so that equal durations are equal. */
function ofNanos(nanos: bigint): Duration {
  return new Duration(Number(nanos / SECOND), Number(nanos % SECOND));
}

function textOf(duration: Duration): string {
  const nanos = nanosOf(duration);
  const [sign, absolute] = nanos < 0n ? ['-', -nanos] : ['', nanos];
  const fraction = String(absolute % SECOND)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${sign}${absolute / SECOND}${fraction === '' ? '' : `.${fraction}`}s`;
}

/** All durations of the library are made right, also those that its operators make. */
Object.assign(Duration.prototype, {
  addDuration(this: Duration, other: Duration): Duration {
    return ofNanos(nanosOf(this) + nanosOf(other));
  },
  subtractDuration(this: Duration, other: Duration): Duration {
    return ofNanos(nanosOf(this) - nanosOf(other));
  },
  getMilliseconds(this: Duration): bigint {
    return nanosOf(this) / MILLISECOND;
  },
  toString(this: Duration): string {
    return textOf(this);
  },
});
