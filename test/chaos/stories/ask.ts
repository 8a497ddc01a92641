// Asks for the stories of random events, while things break and when all is at rest, and compares
// each with what the model says of it.
import { setTimeout as pause } from 'node:timers/promises';
import type { EventStory } from '../../../admin/story-view.ts';
import { deadTopicOf, subscriptionGroupOf, topicOf } from '../../../core/names.ts';
import { TOKEN } from '../../processes/start-process.ts';
import type { Chance } from '../../simulation/kernel/chance.ts';
import { eventOf, type Records, type SeenRecord } from '../checks/records.ts';
import type { UseSite } from '../load/use-site.ts';
import { type Reading, readingId } from '../model/readings.ts';
import { differsAtRest, differsMeanwhile, type Facts, type Placed } from './expected.ts';
import type { Handled } from './handled.ts';
import { type KeptLetter, keptLetters } from './letters.ts';

export interface StoryAsker {
  /** Asks on and on until it is stopped. */
  startMeanwhile(): { stop(): Promise<Asked> };
  /** Compares so many once all is at rest. */
  askAtRest(count: number): Promise<Asked>;
}

/** How stories were told. */
export interface Asked {
  /** Compared with the model. */
  readonly told: number;
  /** Of these, those that said so only when they were asked for again. */
  readonly late: number;
  /** For people: which differ from the model, and how. */
  readonly wrong: readonly string[];
  /** Tries without a story, by what came instead. */
  readonly unanswered: ReadonlyMap<string, number>;
  /** How long each took to be told, milliseconds. */
  readonly ms: readonly number[];
}

export interface StoryAskerOptions {
  readonly site: UseSite;
  readonly records: Records;
  readonly handled: Handled;
  readonly chance: Chance;
}

const TOPICS = ['events', 'readings'] as const;
const MENDABLE = ['deliveries', 'bounded', 'mended', 'held', 'batched'] as const;
const RESULTS = ['joined', 'unique'] as const;
const ASKED_EVERY_MS = 100;
const LOOKED_EVERY_MS = 2_000;
const TRY_MS = 15_000;
/** By which all that is at rest is written down. */
const WRITTEN_WITHIN_MS = 30_000;
const AGAIN_AFTER_MS = 250;
const SHOWN = 5;

interface Found extends Asked {
  told: number;
  late: number;
  readonly wrong: string[];
  readonly unanswered: Map<string, number>;
  readonly ms: number[];
}

export function createStoryAsker({ site, records, handled, chance }: StoryAskerOptions): StoryAsker {
  const pick = (all: readonly Placed[]) => all[chance.int('story of', 0, all.length - 1)];
  const tell = async (event: Placed, found: Found): Promise<EventStory | undefined> => {
    const asked = performance.now();
    const answer = await ask(site, chance, event);
    if (typeof answer === 'string') {
      found.unanswered.set(answer, (found.unanswered.get(answer) ?? 0) + 1);
      return undefined;
    }
    found.ms.push(performance.now() - asked);
    return answer;
  };
  return {
    startMeanwhile() {
      const found = nothingFound();
      const stopped = new AbortController();
      const facts: Facts = { handled, letter: () => undefined, results: () => [] };
      let events: readonly Placed[] = [];
      const look = async () => {
        while (!stopped.signal.aborted) {
          // The brokers may be away: what was there before is asked for meanwhile.
          events = await placedIn(records).catch(() => events);
          await pause(LOOKED_EVERY_MS, undefined, { signal: stopped.signal }).catch(() => {});
        }
      };
      const askOn = async () => {
        while (!stopped.signal.aborted) {
          const event = pick(events);
          const story = event && (await tell(event, found));
          if (story) compared(found, event, differsMeanwhile(event, story, facts));
          await pause(ASKED_EVERY_MS, undefined, { signal: stopped.signal }).catch(() => {});
        }
      };
      look().catch(() => {});
      const asking = askOn();
      return {
        async stop() {
          stopped.abort();
          await asking;
          return found;
        },
      };
    },
    async askAtRest(count) {
      const found = nothingFound();
      const events = await placedIn(records);
      const facts = await factsAtRest(site, records, handled);
      for (let number = 0; number < count; number++) {
        const event = pick(events);
        // What is wrong with one is mostly wrong with many, and each takes its time.
        if (event === undefined || found.wrong.length === SHOWN) break;
        const end = performance.now() + WRITTEN_WITHIN_MS;
        for (let again = false; ; again = true) {
          const story = await tell(event, found);
          const differences = story ? differsAtRest(event, story, facts) : ['it was not told'];
          if (differences.length > 0 && performance.now() < end) {
            await pause(AGAIN_AFTER_MS);
            continue;
          }
          if (again && differences.length === 0) found.late++;
          compared(found, event, differences);
          break;
        }
      }
      return found;
    },
  };
}

function nothingFound(): Found {
  return { told: 0, late: 0, wrong: [], unanswered: new Map(), ms: [] };
}

function compared(found: Found, { topic, place, id }: Placed, differences: readonly string[]): void {
  found.told++;
  if (differences.length > 0)
    found.wrong.push(`${id} at ${place} of ${topic}: ${differences.slice(0, SHOWN).join('; ')}`);
}

/** The story, or why there is none. */
async function ask(site: UseSite, chance: Chance, { topic, place }: Placed): Promise<EventStory | string> {
  const workers = site.adminAddresses();
  const worker = workers[chance.int('story told by', 0, workers.length - 1)];
  try {
    const response = await fetch(`${worker}/api/topics/${site.namespace}/${topic}/events/${place}/story`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: AbortSignal.timeout(TRY_MS),
    });
    const text = await response.text();
    return response.ok ? JSON.parse(text) : `${response.status} ${text.slice(0, 200)}`;
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'connection lost';
  }
}

async function placedIn(records: Records): Promise<Placed[]> {
  const placed: Placed[] = [];
  for (const topic of TOPICS) {
    for (const [partition, all] of (await records.byPartition(topic)).entries()) {
      placed.push(
        ...all.map(record => ({ topic, place: `${partition}-${record.offset}`, ...eventOf<unknown>(record) })),
      );
    }
  }
  return placed;
}

async function factsAtRest(site: UseSite, records: Records, handled: Handled): Promise<Facts> {
  const letters = new Map<string, ReadonlyMap<string, KeptLetter>>();
  for (const name of MENDABLE) {
    const topic = deadTopicOf(subscriptionGroupOf(site.namespace, name));
    letters.set(name, keptLetters(await records.inLog(topic)));
  }
  const results = new Map<string, Map<string, string[]>>();
  for (const name of RESULTS) results.set(name, placesByReading(await records.inLog(topicOf(site.namespace, name))));
  return {
    handled,
    letter: (subscription, place) => letters.get(subscription)?.get(place),
    results: (pipeline, reading) => results.get(pipeline)?.get(readingId(reading)) ?? [],
  };
}

function placesByReading(partitions: readonly (readonly SeenRecord[])[]): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const [partition, all] of partitions.entries())
    for (const record of all) {
      const id = readingId(eventOf<Reading>(record).data);
      places.set(id, [...(places.get(id) ?? []), `${partition}-${record.offset}`]);
    }
  return places;
}

/** One line for people. */
export function askedText({ told, late, wrong, unanswered, ms }: Asked): string {
  const sorted = [...ms].sort((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  const others = [...unanswered].map(([what, count]) => `${count} ${what}`).join(', ');
  const times = `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, at most ${at(1)} ms`;
  return `${told - wrong.length} of ${told} stories equal the model's (${late} when asked again), ${times}; not told: ${others || 'none'}`;
}
