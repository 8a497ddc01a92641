// Rare states that a sweep must have visited: if one is never seen, what it is
// there to test is not tested.
// What fewer than some fifty of 5,000 drawn plans see has a plan of its own
// (scenario/rare-plans.ts).

/** Every sweep of at least so many runs must see them all. */
const ENOUGH_RUNS = 5_000;

const SIGHTS = [
  'a acked of a former owner',
  'a dead-lettered of a former owner',
  'a claim while a key is held',
  'a claim while events are parked',
  'a commit by a former owner',
  'a commit of a dead process',
  'a commit that goes back',
  'a dead letter was appended twice',
  'a dead of a former owner',
  'a done of a former owner',
  'a former owner delivers after a newer claim',
  'a held event redriven before one that waits for room',
  'a park of a former owner',
  'a parked event moves',
  'a record repeated',
  'a retry of a former owner',
  'a story: dead',
  'a story: dead, as it moved',
  'a story: dead, redriven',
  'a story: done, as it moved',
  'a story: filtered',
  'a story: held',
  'a story: not begun',
  'a story: parked',
  'a story: parked behind another',
  'a story: waiting',
  'a story: waiting, as it moved',
  'an event given up: abandoned',
  'an event given up: cancelled',
  'an event given up: exhausted',
  'an event given up: expired',
  'an event given up: held',
  'an event given up: refused',
  'an event is handled twice',
  'an event parked behind another',
  'an event redriven',
  'an order to give-up: done',
  'an order to retry: done',
  'an order to retry: not-first',
  'an order to retry: running',
  'an owner claims anew',
  'an owner stops: a commit was made under the newer claim n',
  'an owner stops: a newer claim lies in the parking log at n',
  'an owner stops: its claim has been trimmed away by a newer owner',
  'metadata nearly full',
  'outcomes of one batch differ',
  'retention overtakes a reader',
  'the function is back',
  'the function is left alone',
  'two owners deliver the same event at once',
] as const satisfies readonly string[];

export function missingSights(seen: ReadonlyMap<string, number>, runs: number): readonly string[] {
  return runs < ENOUGH_RUNS ? [] : SIGHTS.filter(sight => !seen.has(sight));
}
