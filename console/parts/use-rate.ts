// This hook tells how fast a count grows while a page shows it.
import { useRef } from 'preact/hooks';
import { rateOf, type Sample, withSample } from './rate.ts';

/**
 * Per second over the last minute, or since the page was opened. Undefined before a second answer,
 * and where the count began anew.
 */
export function useRate(count: number | undefined, at: number | undefined): number | undefined {
  const samples = useRef<readonly Sample[]>([]);
  if (count !== undefined && at !== undefined) samples.current = withSample(samples.current, { at, count });
  return rateOf(samples.current);
}
