// Durations, sizes, rates and percentages as they are written in resources, parsed to milliseconds,
// bytes, counts and fractions.
import * as z from 'zod';
import { DURATION_PATTERN, formatDuration, parseDuration } from '../../../core/units/duration.ts';
import { PERCENT_PATTERN, parsePercent } from '../../../core/units/percent.ts';
import { parseRate, RATE_PATTERN } from '../../../core/units/rate.ts';
import { parseSize, SIZE_PATTERN } from '../../../core/units/size.ts';
import { withMarks } from './marks.ts';

interface Bounds {
  readonly min?: string;
  readonly max?: string;
}

/** A duration string; the output is in milliseconds. Bounds are part of it. */
export function duration(bounds: Bounds = {}) {
  const wrong = 'This must be a duration such as 300ms, 30s, 15m or 7d.';
  const least = bounds.min === undefined ? 0 : parseDuration(bounds.min);
  const most = bounds.max === undefined ? Number.MAX_SAFE_INTEGER : parseDuration(bounds.max);
  if (least === undefined || most === undefined) throw new Error(`Not a duration: ${bounds.min} or ${bounds.max}`);
  const schema = unit(DURATION_PATTERN, 32, wrong, parseDuration)
    .refine(ms => ms >= least, `This must be at least ${formatDuration(least)}.`)
    .refine(ms => ms <= most, `This must be at most ${formatDuration(most)}.`);
  return withMarks(schema, { typeName: 'duration' });
}

/** A duration, or `never`. */
export function durationOrNever(bounds: Bounds) {
  const wrong = 'This must be a duration such as 30s, or never.';
  return withMarks(z.union([z.literal('never'), duration(bounds)], wrong), { typeName: 'duration, or never' });
}

/** A rate string such as `100/s`; the output is a count and its period in milliseconds. */
export function rate() {
  const wrong = 'This must be a rate above zero such as 100/s, 20/m or 1000/h.';
  return withMarks(unit(RATE_PATTERN, 32, wrong, parseRate), { typeName: 'rate' });
}

/** A percentage string such as `0.1%`; the output is a fraction from 0 to 1. */
export function percent() {
  const wrong = 'This must be a percentage from 0% to 100%, such as 50% or 0.1%.';
  return withMarks(unit(PERCENT_PATTERN, 16, wrong, parsePercent), { typeName: 'percentage' });
}

/** The share of calls for a canary, in whole percent. */
export function canaryPercent() {
  return z.int().min(0).max(100).prefault(10);
}

/** A size such as `1Mi`, or a plain number of bytes; the output is in bytes. */
export function size() {
  const wrong = 'This must be a size such as 512Ki, 1Mi or 10G, or a number of bytes.';
  const text = unit(SIZE_PATTERN, 20, wrong, parseSize);
  return withMarks(z.union([z.int(wrong).min(0, wrong), text], wrong), { typeName: 'size', intOrString: true });
}

/** A count from 0, or a percentage of the whole. */
export function countOrPercent() {
  const wrong = 'This must be a count such as 3, or a percentage such as 5%.';
  const text = unit(PERCENT_PATTERN, 16, wrong, parsePercent).transform(fraction => ({ fraction }));
  const count = z
    .int(wrong)
    .min(0, wrong)
    .transform(count => ({ count }));
  return withMarks(z.union([count, text], wrong), { typeName: 'count or percentage', intOrString: true });
}

/** How far two numbers may be apart: an amount, or a percentage of the larger one. */
export function tolerance() {
  const wrong = 'This must be an amount such as 0.01, or a percentage such as 0.1%.';
  const text = unit(PERCENT_PATTERN, 16, wrong, parsePercent).transform(share => ({ share }));
  const amount = z
    .number(wrong)
    .min(0, wrong)
    .transform(amount => ({ amount }));
  return withMarks(z.union([amount, text], wrong), { typeName: 'number or percentage' });
}

function unit<T>(pattern: string, maxLength: number, wrong: string, parse: (text: string) => T | undefined) {
  return z
    .string(wrong)
    .max(maxLength, wrong)
    .regex(new RegExp(pattern), wrong)
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.issues.push({ code: 'custom', input: text, message: wrong });
      return z.NEVER;
    });
}
