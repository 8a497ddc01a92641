// What the story of an event has to say: while things break, nothing that has not happened; once
// all is at rest, all that did.
import type { ConsumerStory, EventStory } from '../../../admin/story-view.ts';
import type { Reading } from '../model/readings.ts';
import { BY_KIND, BY_SENSOR, type WindowRule } from '../site/wider.ts';
import type { Handled } from './handled.ts';
import type { KeptLetter } from './letters.ts';

/** An event, where it stands in the log, as another client has read it. */
export interface Placed {
  readonly topic: 'events' | 'readings';
  /** `PARTITION-OFFSET`. */
  readonly place: string;
  /** As the platform knows it. */
  readonly id: string;
  readonly data: unknown;
}

export interface Facts {
  readonly handled: Pick<Handled, 'has'>;
  /** At rest alone: dead letters by consumer and place. */
  letter(subscription: string, place: string): KeptLetter | undefined;
  /** At rest alone: the places of results of a Pipeline with the same reading. */
  results(pipeline: string, reading: Reading): readonly string[];
}

const PART = '/part';

type Says = (story: ConsumerStory) => readonly string[];

/** What the stories of its consumers have to say, by `KIND/NAME`. */
interface Expected {
  readonly meanwhile: Says;
  readonly atRest: Says;
}

/** Of the story of an event; empty where it is as it has to be. */
export function differsMeanwhile(event: Placed, story: EventStory, facts: Facts): string[] {
  return differs(event, story, facts, ({ meanwhile }) => meanwhile);
}

export function differsAtRest(event: Placed, story: EventStory, facts: Facts): string[] {
  return [...differs(event, story, facts, ({ atRest }) => atRest), ...linksThatDiffer(event, story, facts)];
}

function differs(
  { topic, place, id, data }: Placed,
  { event, consumers }: EventStory,
  facts: Facts,
  choose: (expected: Expected) => Says,
): string[] {
  const wrong: string[] = [];
  if (event.id !== id) wrong.push(`it is told of ${event.id}`);
  const expected = topic === 'events' ? ofEvents(id, place, data, facts) : ofReadings(id, place, data, facts);
  const told = new Map(consumers.map(story => [nameOf(story), story.fate]));
  for (const name of Object.keys(expected)) {
    // A part of a Pipeline tells nothing before its first stage has passed the event on.
    const isAhead = name.endsWith(PART) && told.get(name.slice(0, -PART.length)) !== 'done';
    if (!told.has(name) && !isAhead) wrong.push(`${name} tells nothing`);
  }
  for (const story of consumers) {
    const name = nameOf(story);
    const one = expected[name];
    if (one === undefined) wrong.push(`${name} is told, and takes no such events`);
    else wrong.push(...choose(one)(story).map(what => `${name} is told as ${shown(story)}: ${what}`));
  }
  return wrong;
}

function nameOf({ consumer: { kind, name } }: ConsumerStory): string {
  // The name of a part of a Pipeline ends with a number of the platform's.
  return `${kind}/${name.replace(/\/.*$/, PART)}`;
}

function shown({ consumer: _, ...story }: ConsumerStory): string {
  return JSON.stringify(story);
}

function ofEvents(id: string, place: string, data: unknown, facts: Facts): Record<string, Expected> {
  const { id: row, key } = data as { readonly id: string; readonly key: string };
  return {
    'Subscription/deliveries': delivered('deliveries', { fn: 'deliver', dies: false }, id, place, facts),
    'Subscription/bounded': delivered('bounded', { fn: 'bounded', dies: true }, id, place, facts),
    'View/rows': folded([row]),
    'View/counts': folded([key]),
    'View/found': folded([row]),
    'Pipeline/kept': passed(),
    'Pipeline/kept/part': passed(),
  };
}

function ofReadings(id: string, place: string, data: unknown, facts: Facts): Record<string, Expected> {
  const reading = data as Reading;
  return {
    'Subscription/mended': delivered('mended', { fn: 'mended', dies: true }, id, place, facts),
    'Subscription/held': delivered('held', { fn: 'held', dies: true }, id, place, facts),
    'Subscription/batched': delivered('batched', { fn: undefined, dies: false }, id, place, facts),
    'View/feed': folded([reading.sensor]),
    'Pipeline/by-sensor': counted(reading.sensor, reading, BY_SENSOR),
    'Pipeline/by-kind': passed(),
    'Pipeline/by-kind/part': counted(reading.kind, reading, BY_KIND),
    'Pipeline/unique': passed(),
    'Pipeline/joined': passed(),
  };
}

interface Target {
  /** Undefined where a call has several events, of which the function knows no ids. */
  readonly fn: string | undefined;
  /** Whether an event may be given up. */
  readonly dies: boolean;
}

function delivered(name: string, { fn, dies }: Target, id: string, place: string, facts: Facts): Expected {
  const notHandled = (fate: string) =>
    fate === 'done' && fn !== undefined && !facts.handled.has(fn, id) ? [`${fn} has never handled it`] : [];
  return {
    meanwhile(story) {
      const { fate, attempts = 0, error, because, behind } = story;
      const wrong = notHandled(fate);
      const isGivenUp = fate === 'dead' || fate === 'held';
      if (fate === 'unknown' || fate === 'filtered') wrong.push('it is not');
      if (isGivenUp && !dies) wrong.push('none of its events is given up');
      if ((isGivenUp || (fate === 'parked' && attempts > 0)) && error === undefined) wrong.push('nothing says why');
      if (fate === 'parked' && because === undefined) wrong.push('no sentence says why');
      if (behind !== undefined && !isBefore(behind, place)) wrong.push(`${behind} is not before it`);
      return wrong;
    },
    atRest(story) {
      const { fate, reason, attempts, redriven = 0 } = story;
      const letter = facts.letter(name, place);
      if (letter === undefined) return fate === 'done' ? notHandled(fate) : ['it has no dead letter'];
      const kept = [letter.held ? 'held' : 'dead', letter.reason, letter.attempts, letter.generation];
      return sameText([fate, reason, attempts, redriven], kept)
        ? []
        : [`its dead letter says ${JSON.stringify(letter)}`];
    },
  };
}

function folded(rows: readonly string[]): Expected {
  const otherRows = (story: ConsumerStory) =>
    story.rows === undefined || JSON.stringify(story.rows) === JSON.stringify(rows) ? [] : [`its rows are ${rows}`];
  return {
    meanwhile: story => [...otherRows(story), ...oneOf(story, ['done', 'waiting'])],
    atRest: story => [...otherRows(story), ...oneOf(story, ['done'])],
  };
}

/** What a Pipeline makes of it are events of their own. */
function passed(): Expected {
  return {
    meanwhile: story => oneOf(story, ['done', 'waiting', 'filtered', 'unknown']),
    atRest: story => oneOf(story, ['done', 'filtered']),
  };
}

function counted(key: string, { at }: Reading, { sizeMs }: WindowRule): Expected {
  const start = Math.floor(Date.parse(at) / sizeMs) * sizeMs;
  const windows = [{ key, start: new Date(start).toISOString(), end: new Date(start + sizeMs).toISOString() }];
  const otherWindows = (story: ConsumerStory) =>
    story.windows === undefined || story.windows.length === 0 || sameText(story.windows, windows)
      ? []
      : [`its window is ${JSON.stringify(windows)}`];
  return {
    // What is late for its window is given up.
    meanwhile: story => [...otherWindows(story), ...oneOf(story, ['done', 'waiting', 'dead', 'filtered', 'unknown'])],
    atRest: story => [...otherWindows(story), ...oneOf(story, ['done', 'dead', 'filtered'])],
  };
}

/** Each reading that is joined or passes as unique is there once, and its story leads to it. */
function linksThatDiffer({ topic, data }: Placed, { ledTo, moreLedTo = 0 }: EventStory, facts: Facts): string[] {
  const wrong: string[] = moreLedTo === 0 ? [] : [`${moreLedTo} further links`];
  if (topic === 'events') return ledTo.length === 0 ? wrong : [...wrong, `it led to ${JSON.stringify(ledTo)}`];
  for (const [name, least] of [
    ['joined', 1],
    ['unique', 0],
  ] as const) {
    const links = ledTo.filter(({ by }) => by.kind === 'Pipeline' && by.name === name);
    const made = facts.results(name, data as Reading);
    const foreign = links.filter(({ id = '' }) => !made.includes(id));
    if (links.length < least || links.length > 1) wrong.push(`${name} made ${links.length} events of it`);
    if (foreign.length > 0)
      wrong.push(`${name} is said to have made ${JSON.stringify(foreign)} of it, and not ${made}`);
  }
  return wrong;
}

function oneOf({ fate }: ConsumerStory, fates: readonly ConsumerStory['fate'][]): string[] {
  return fates.includes(fate) ? [] : [`it has to be ${fates.join(' or ')}`];
}

function sameText(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Of the same partition, and earlier. */
function isBefore(one: string, other: string): boolean {
  const [partition, offset] = one.split('-').map(Number);
  const [itsPartition, itsOffset] = other.split('-').map(Number);
  return partition === itsPartition && (offset ?? 0) < (itsOffset ?? 0);
}
