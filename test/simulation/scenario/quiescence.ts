// Once all is well again everything must come to an end, within bounded time: first what never
// failed, then the rest; and a fresh owner finds nothing to do.

import { Broken } from '../../judge/broken.ts';
import { GROUP, TOPIC } from '../consumers/consumer.ts';
import { type Ledger, nameOf, type Tracked } from '../model/ledger.ts';
import type { Truth } from '../model/truth.ts';
import type { Stage } from './happen.ts';
import type { Limits } from './limits.ts';
import type { Publisher } from './publisher.ts';

export interface Ending {
  readonly stage: Stage;
  readonly publisher: Publisher;
  readonly limits: Limits;
  readonly truth: Truth;
  /** Events whose being given up was told. */
  readonly told: ReadonlySet<string>;
}

/**
 * So long, and some more, an event may be put down to a function that is down,
 * until it counts as an attempt.
 */
const LONGEST_DOUBT_MS = 660_000;
/**
 * For what has never failed: sessions to run out, former owners to notice, a parking log to
 * be replayed, milliseconds.
 */
const SOON_MS = 90_000;
/** Longer than any call is late, milliseconds. */
const LATEST_MS = 21_000;
/** For the next commit, also of what is committed already and was overwritten, milliseconds. */
const COMMITTED_MS = 35_000;
/** For an owner to write down that all is done. */
const WRITTEN_MS = 90_000;

export function demandQuiescence(ending: Ending): void {
  const { stage, publisher, limits, truth } = ending;
  const { broker, ledger } = stage;
  const { simulation } = broker;
  const within = (ms: number, until: () => boolean) => simulation.run(simulation.now + ms, until);
  const isHeld = (event: Tracked) => truth.isHeld(event.partition, event.record.offset);
  const waitsForPerson = (event: Tracked) =>
    event.lane.events.some((each, index) => index <= event.index && isHeld(each));
  const capped = limits.parkedKeys < 100 || limits.parkedBytes < 100_000;
  // At the parking log's cap reading stops, and what is held stays there until a person decides.
  const waitsForRoom = ({ partition }: Tracked) => capped && hasHeld(ending, partition);
  const isBack = (event: Tracked) => truth.isBack(event.partition, event.record.offset);
  const isOpen = (event: Tracked) =>
    (!ledger.isClosed(event) || isBack(event)) && !waitsForPerson(event) && !waitsForRoom(event);

  const none = (is: (event: Tracked) => boolean) => noneOf(ledger, is);
  const healed = simulation.now;
  // What was on its way when all became well may still come.
  within(SOON_MS, () => publisher.finished && simulation.now > healed + LATEST_MS);
  // At the cap a failing key may hold up the others: that is what the cap is for.
  if (!capped) {
    const isUnharmed = (event: Tracked) => isOpen(event) && event.lane.events.every(({ troubled }) => !troubled);
    if (!within(SOON_MS + limits.delayMs, none(isUnharmed))) {
      const unharmed = ledger.events.filter(isUnharmed).map(nameOf);
      throw new Broken('blocked', `${unharmed} never failed and did not get through`);
    }
    // Whatever happened to them before, and however many others go on failing.
    const { poison } = stage.functions.faults;
    const bad = new Set(poison.map(key => `k${key}`));
    const isHealthy = ({ lane }: Tracked) => lane.events.every(({ record }) => !bad.has(record.key ?? ''));
    const isHeldUp = (event: Tracked) => isOpen(event) && isHealthy(event);
    if (!within(soonMs(limits), none(isHeldUp))) {
      const heldUp = ledger.events.filter(isHeldUp).map(nameOf);
      throw new Broken('held up', `${heldUp} did not get through beside ${poison.length} keys that fail`);
    }
  }
  const open = () => ledger.events.filter(isOpen);
  const end = () => {
    if (within(boundMs(limits, ledger.events.length), none(isOpen))) return;
    throw new Broken('loss', `${open().map(nameOf)} came to no end`);
  };
  end();
  const { person, functions } = stage;
  if (person && ledger.events.some(isHeld)) {
    ledger.remark('a person decides what is held');
    functions.faults = { ...functions.faults, poison: [] };
    person.decide(() => ledger.events.some(isHeld));
    const isUndecided = (event: Tracked) => isHeld(event) || isOpen(event);
    if (!within(boundMs(limits, ledger.events.length), none(isUndecided))) {
      const undecided = ledger.events.filter(isUndecided).map(nameOf);
      throw new Broken('undecided', `${undecided} came to no end though all was decided`);
    }
  }
  const unwritten = () => [...untold(ending), ...behind(ending)];
  const isWritten = () => behind(ending).length === 0 && untold(ending).length === 0;
  if (!within(WRITTEN_MS, isWritten)) throw new Broken('unwritten', unwritten().join('; '));

  within(COMMITTED_MS, () => false);
  // A redrive that waited for room in the parking log is carried out when the last event has
  // ended: then one is open again.
  for (const _ of ledger.events) {
    if (open().length === 0) break;
    end();
    within(COMMITTED_MS, () => false);
  }
  // Behind what is held an owner may not have got as far as a former one.
  const isOver = (event: Tracked) => ledger.isClosed(event) && !event.overtaken && !hasHeld(ending, event.partition);
  const before = new Map(ledger.events.filter(isOver).map(event => [event, event.attempts]));
  for (const owner of stage.owners) {
    owner.kill();
    owner.start();
  }
  within(WRITTEN_MS, () => false);
  const again = [...before].filter(([event, attempts]) => event.attempts > attempts).map(([event]) => event);
  if (again.length > 0) throw new Broken('forgotten', `${again.map(nameOf)} delivered again by a fresh owner`);
}

/**
 * Asks whether no event is so. It is asked after every step, and the event that was so before is
 * mostly so still.
 */
function noneOf({ partitions }: Ledger, is: (event: Tracked) => boolean): () => boolean {
  let last: Tracked | undefined;
  return () => {
    if (last && is(last)) return false;
    last = undefined;
    for (const events of partitions) {
      last = events.find(is);
      if (last) return false;
    }
    return true;
  };
}

/**
 * For what failed before, and fails no more: the longest pause that was begun, and the rate. It
 * does not depend on how many keys fail.
 */
function soonMs({ initialMs, events, rate, attempts, delayMs }: Limits): number {
  const paced = rate === 0 ? 0 : (events * attempts * 1_000) / rate;
  return SOON_MS + delayMs + initialMs * 8 + paced;
}

/**
 * All attempts of all events one after the other, each with the longest pause between. `events`:
 * those of the log, where some may be twice.
 */
function boundMs({ attempts, withinMs, initialMs, delayMs, maxAgeMs }: Limits, events: number): number {
  const doubted = withinMs > 0 ? 2 * withinMs : attempts * LONGEST_DOUBT_MS;
  const each = attempts * (initialMs * 2 ** attempts + 5_000) + doubted;
  return SOON_MS + delayMs + maxAgeMs + events * each;
}

function untold({ stage, truth, told }: Ending): string[] {
  return stage.ledger.events.flatMap(event => {
    const { partition, record } = event;
    if (!truth.wasGivenUp(partition, record.offset)) return [];
    if (!told.has(`${partition}/${record.offset}`)) return [`${nameOf(event)} was given up and nobody was told`];
    const missing = truth.missing(partition, record.offset);
    return missing === undefined ? [] : [`${nameOf(event)}: ${missing}`];
  });
}

/**
 * Partitions whose position is not past their last event, though nothing there waits for a person.
 */
function behind(ending: Ending): string[] {
  const { broker } = ending.stage;
  return (broker.partitions(TOPIC) ?? []).flatMap((log, partition) => {
    const last = log.history.at(-1)?.offset ?? -1;
    const position = broker.position(GROUP, TOPIC, partition)?.offset ?? 0;
    if (position > last || log.bounds.start > last || hasHeld(ending, partition)) return [];
    return [`position ${position} of partition ${partition} is not past ${last}`];
  });
}

function hasHeld({ stage: { ledger }, truth }: Ending, partition: number): boolean {
  return ledger.partitions[partition]?.some(({ record }) => truth.isHeld(partition, record.offset)) ?? false;
}
