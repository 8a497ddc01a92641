// How fast a count grows, from the answers that a page has got so far.

const OVER_MS = 60_000;

export interface Sample {
  readonly at: number;
  readonly count: number;
  /** The highest count from before the samples began anew. */
  readonly under?: number;
}

/**
 * The newest of those that are too old stays, so that the rate is over the whole time; one that is
 * twice too old does not, as nobody looked at the page in between.
 *
 * Each process counts for itself, and another one may answer each time. After a count has fallen,
 * one that is back where the earlier one was is that of the other process.
 */
export function withSample(samples: readonly Sample[], newest: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last === undefined) return [newest];
  if (newest.at <= last.at) return samples;
  const under = samples[0]?.under;
  if (newest.count < last.count) return [{ ...newest, under: Math.max(last.count, under ?? 0) }];
  if (under !== undefined && newest.count >= under) return [newest];
  const all = [...samples, newest];
  const first = all.findLastIndex(each => newest.at - each.at >= OVER_MS);
  const kept = all.slice(Math.max(0, first)).filter(each => newest.at - each.at <= 2 * OVER_MS);
  return kept.map(each => (under === undefined ? each : { ...each, under }));
}

export function rateOf(samples: readonly Sample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return undefined;
  return ((last.count - first.count) * 1000) / (last.at - first.at);
}
