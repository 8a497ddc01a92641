// Judges the early results of simulated windows by the records that they count: each says what its
// window holds at its place, and none comes behind the final one.
import { fromRecord } from '../../../core/cloudevents/record.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { LATER } from '../../../worker/pipelines/window/later-offsets.ts';
import { EARLY_EVENTS, END, modelOf, type Variant } from './app.ts';

interface Early {
  readonly pane: 'early' | 'final';
  readonly index: number;
  readonly window: string;
  readonly what: string;
  /** Whether the window was still open. */
  readonly ofOpen: boolean;
  /** Whether it was counted after keys had moved; a final one does not say. */
  readonly isMoved: boolean;
}

/**
 * `counted`: records of the topic that the windows read, by partition. `results`: by partition of
 * the results. `forgot`: whether a store has lost its newest steps. Undefined when all is right.
 */
export function compareEarly(
  variant: Variant,
  counted: readonly (readonly LogRecord[])[],
  results: readonly (readonly LogRecord[])[],
  forgot: boolean,
): string | undefined {
  const places = new Map<string, Early>();
  const moves = variant.grows && variant.way === 'keyed as the topic';
  for (const records of results) {
    const wrong = judgeOrder(records, places, forgot, moves);
    if (wrong !== undefined) return wrong;
  }
  for (const [id, { window, what, index }] of places) {
    const [, partition, offset] = /\/early\/(\d+)-(\d+)$/.exec(id) ?? [];
    // What was counted in place, and what came after that, is in two topics then.
    if (partition === undefined || Number(offset) >= LATER) continue;
    const before = counted[Number(partition)]?.filter(record => record.offset <= Number(offset)) ?? [];
    const should = modelOf(variant, distinct(before)).get(window);
    if (should !== what || !what.startsWith(`${index} `))
      return `${id} is ${what}, index ${index}; should be ${should}`;
  }
  const isWhole = variant.early === 'events' && variant.idle === 'never';
  return isWhole ? missing(variant, counted, places) : undefined;
}

/** Of copies of a result, the first counts. */
function judgeOrder(
  records: readonly LogRecord[],
  places: Map<string, Early>,
  forgot: boolean,
  moves: boolean,
): string | undefined {
  const newest = new Map<string, Early>();
  for (const record of records) {
    const { id, data } = fromRecord(record);
    const { key = '', start, end, count, sum, most, pane, index } = data as Record<string, string>;
    if (key.startsWith(END)) continue;
    if (pane !== 'early' && pane !== 'final') return `${id} has the pane ${pane}`;
    const window = `${key} ${Date.parse(start ?? '')} ${Date.parse(end ?? '')}`;
    const what = `${count} with ${sum}, most ${most}`;
    const result: Early = {
      pane,
      index: Number(index),
      window,
      what,
      ofOpen: pane === 'final' && /\/\d+-\d+$/.test(id),
      isMoved: Number(/\/\d+-(\d+)$/.exec(id)?.[1] ?? 0) >= LATER,
    };
    const known = places.get(id);
    if (known !== undefined) {
      if (JSON.stringify(known) !== JSON.stringify(result)) return `${id} says ${JSON.stringify([known, result])}`;
      continue;
    }
    places.set(id, result);
    const before = newest.get(window);
    // A store may forget that a window was reported in a silence. The window is open and goes on.
    // It may forget a final one, too, just as keys move: then the window is counted on another way.
    if (forgot && (before?.ofOpen || result.isMoved)) continue;
    // Who stood still while keys moved hands on what it made before, and nobody makes that again.
    if (moves && !result.isMoved && (before?.isMoved || before?.pane === 'final')) continue;
    if (before && before.pane === 'final' && pane === 'early') return `${id} comes behind the final one`;
    if (before && before.index > result.index) return `${id} has index ${index} behind ${before.index}`;
    newest.set(window, result);
  }
  return undefined;
}

/** By count a window has each of its early results, as nothing else ends them. */
function missing(
  variant: Variant,
  counted: readonly (readonly LogRecord[])[],
  places: ReadonlyMap<string, Early>,
): string | undefined {
  const found = new Set([...places.values()].filter(({ pane }) => pane === 'early').map(nameOf));
  for (const [window, what] of modelOf(variant, distinct(counted.flat()))) {
    const count = Number(what.split(' ')[0]);
    for (let index = EARLY_EVENTS; index <= count; index += EARLY_EVENTS)
      if (!found.has(nameOf({ window, index }))) return `the early result ${index} of ${window} is missing`;
  }
  return undefined;
}

function nameOf({ window, index }: Pick<Early, 'window' | 'index'>): string {
  return `${window} ${index}`;
}

/** Events, each once: one that was published twice counts once, and so does one handed on twice. */
function distinct(records: readonly LogRecord[]): LogRecord[] {
  const events = new Map<number, LogRecord>();
  for (const record of records) {
    if (record.headers['ce_id'] === undefined) continue;
    const { n } = fromRecord(record).data as { n?: number };
    if (n !== undefined && !events.has(n)) events.set(n, record);
  }
  return [...events.values()];
}
