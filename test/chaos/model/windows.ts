// Each window is what its events say: those that were published, each once, less those that were
// told of as late; and only what came out of order may be late.
import type { WindowRule } from '../site/wider.ts';
import { type Appended, firstCopies, type Reading } from './readings.ts';

export interface WindowResult {
  readonly key?: string;
  readonly start: string;
  readonly count: number;
  readonly sum: number;
  readonly most: number;
}

export interface WindowEvidence {
  readonly rule: WindowRule;
  readonly keyOf: (reading: Reading) => string;
  readonly readings: readonly Appended<Reading>[];
  /** Those of a key in their order. */
  readonly results: readonly Appended<WindowResult>[];
  /** Ids of readings that were said to be late. */
  readonly late: readonly string[];
}

export function windowDifferences(evidence: WindowEvidence): string[] {
  const readings = firstCopies(evidence.readings);
  return [...sumsThatDiffer(evidence, readings), ...unsound(evidence), ...lateWithoutCause(evidence, readings)];
}

/** The newest result of each window against its events. */
function sumsThatDiffer(
  { rule, keyOf, results, late }: WindowEvidence,
  readings: readonly Appended<Reading>[],
): string[] {
  const isLate = new Set(late);
  const expected = new Map<string, { count: number; sum: number; most: number }>();
  for (const { id, data } of readings) {
    if (isLate.has(id)) continue;
    const window = `${keyOf(data)} from ${startOf(data, rule)}`;
    const { count, sum, most } = expected.get(window) ?? { count: 0, sum: 0, most: 0 };
    expected.set(window, { count: count + 1, sum: sum + data.value, most: Math.max(most, data.number) });
  }
  const found = new Map<string, string>();
  for (const { data } of results) found.set(`${data.key} from ${Date.parse(data.start)}`, shown(data));
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap(window => {
    const wanted = expected.get(window);
    const text = wanted ? shown(wanted) : 'nothing';
    const got = found.get(window) ?? 'nothing';
    return got === text ? [] : [`the window of ${window} says ${got}, and its events ${text}`];
  });
}

/** What has the same id says the same. */
function unsound({ results }: WindowEvidence): string[] {
  const said = new Map<string, string>();
  return results.flatMap(({ id, data }) => {
    const before = said.get(id);
    said.set(id, shown(data));
    return before === undefined || before === shown(data)
      ? []
      : [`the result ${id} says ${before}, and then ${shown(data)}`];
  });
}

/** An event is late where another came before it whose time closed its window. */
function lateWithoutCause({ rule, late }: WindowEvidence, readings: readonly Appended<Reading>[]): string[] {
  const isLate = new Set(late);
  const inOrder = [...readings].sort((one, other) => one.timestamp - other.timestamp);
  const known = new Set(readings.map(({ id }) => id));
  const wrong = [...isLate].filter(id => !known.has(id)).map(id => `${id} is late, and was never published`);
  let at = 0;
  let newest = Number.NEGATIVE_INFINITY;
  for (const { id, data, timestamp } of inOrder) {
    // Which of those of the same moment came first nobody knows.
    for (let next = inOrder[at]; next && next.timestamp <= timestamp; next = inOrder[++at])
      newest = Math.max(newest, Date.parse(next.data.at));
    const closed = newest - rule.disorderMs >= startOf(data, rule) + rule.sizeMs + rule.latenessMs;
    if (isLate.has(id) && !closed) wrong.push(`${id} is late, and came in order`);
  }
  return wrong;
}

const startOf = ({ at }: Reading, { sizeMs }: WindowRule) => Math.floor(Date.parse(at) / sizeMs) * sizeMs;

const shown = ({ count, sum, most }: Pick<WindowResult, 'count' | 'sum' | 'most'>) =>
  `count ${count}, sum ${sum}, most ${most}`;
