// What the judge says of the job of a FanOut when all has come to its end: it ended once for each
// time that it was taken up, its items are counted right, and what was gathered is what was worked.

export interface SeenFanOut {
  /** For people. */
  readonly name: string;
  /** How many items it was begun with. */
  readonly items: number;
  /** Its state now; undefined where it is not known at all. */
  readonly state: string | undefined;
  /** How often it was taken up again. */
  readonly generation?: number;
  /** By generation: each way it was told to have ended, `expired-early` before its time. */
  readonly told: ReadonlyMap<number, ReadonlySet<string>>;
  /** So many results are the least with which it may succeed; all when left out. */
  readonly least?: number;
  /** Items that have to have a result in the end, where somebody knows. */
  readonly worked?: Iterable<number>;
  /** Items of which a result is kept, where that can be seen. */
  readonly results?: readonly number[];
  /** Items of which a failure is kept, where that can be seen. */
  readonly failures?: readonly number[];
  /** What it says of itself, where that can be seen. */
  readonly counted?: { readonly items: number | undefined; readonly succeeded: number; readonly failed: number };
  /** Items whose results were gathered, in their order; undefined where nothing was to be. */
  readonly gathered?: readonly number[] | 'nothing' | undefined;
  /** So many items at least are in what was gathered; `least` when left out. */
  readonly leastGathered?: number;
}

export function judgeFanOut(seen: SeenFanOut): string[] {
  if (seen.state === undefined) return [`${seen.name} was begun and is not known`];
  const state = seen.state;
  const wrong = [...judgeEnds(seen, state), ...judgeItems(seen)];
  if (state === 'succeeded') wrong.push(...judgeSuccess(seen), ...judgeGathered(seen));
  return wrong.map(text => `${seen.name} ${text}`);
}

function judgeEnds({ generation = 0, told }: SeenFanOut, state: string): string[] {
  const wrong: string[] = [];
  for (const [when, states] of told) {
    if (states.has('expired-early')) wrong.push(`expired before its deadline in generation ${when}`);
    if (states.size > 1) wrong.push(`ended as ${[...states].join(' and ')} in generation ${when}`);
    if (when > generation) wrong.push(`was told to have ended in generation ${when}, which there never was`);
  }
  const last = told.get(generation);
  if (last === undefined) wrong.push('ended, and nobody was told');
  else if (!last.has(state)) wrong.push(`is ${state}, and was told to be ${[...last].join()}`);
  return wrong;
}

function judgeItems({ items, state, results, failures, counted, worked }: SeenFanOut): string[] {
  const wrong: string[] = [];
  const beyond = results?.filter(index => index >= items) ?? [];
  if (beyond.length > 0) wrong.push(`has results of items that it has not: ${beyond.join()}`);
  if (worked && results) {
    const should = new Set(worked);
    const missing = [...should].filter(index => !results.includes(index));
    const besides = results.filter(index => !should.has(index));
    if (missing.length > 0) wrong.push(`has no result of ${missing.join()}`);
    if (besides.length > 0) wrong.push(`has results of ${besides.join()}, which had none`);
  }
  if (counted?.items !== undefined && counted.items !== items)
    wrong.push(`was divided into ${counted.items} items and has ${items}`);
  if (counted && results && counted.succeeded !== results.length)
    wrong.push(`counts ${counted.succeeded} results, and ${results.length} are kept`);
  const failed = failures?.filter(index => results?.includes(index) !== true).length;
  // An item that has failed may be worked all the same while others make the job succeed.
  if (counted && failed !== undefined && counted.failed !== failed && state !== 'succeeded')
    wrong.push(`counts ${counted.failed} failures, and ${failed} are kept`);
  return wrong;
}

function judgeSuccess({ items, least = items, results }: SeenFanOut): string[] {
  if (results === undefined || results.length >= least) return [];
  return [`succeeded with ${results.length} of ${least} results that it needs`];
}

function judgeGathered({ items, results, gathered, least = items, leastGathered = least }: SeenFanOut): string[] {
  if (gathered === undefined) return [];
  if (gathered === 'nothing') return ['succeeded and was not gathered'];
  const wrong: string[] = [];
  if (gathered.some((index, at) => at > 0 && index <= (gathered[at - 1] ?? -1)))
    wrong.push(`was gathered out of order: ${gathered.join()}`);
  const unknown = gathered.filter(index => results?.includes(index) === false);
  if (unknown.length > 0) wrong.push(`was gathered from what is not there: ${unknown.join()}`);
  if (gathered.length < leastGathered) wrong.push(`was gathered from ${gathered.length} of ${leastGathered}`);
  return wrong;
}
