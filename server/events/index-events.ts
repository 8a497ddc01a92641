// Keeps an index of the events of all Topics and Queues where the log has none: a consumer group of
// each topic writes it into the search index.
import { eventIndexGroupOf, queueTopicOf } from '../../core/names.ts';
import { every } from '../../core/retry/every.ts';
import { sleep, type World } from '../../core/world.ts';
import type { KeptEventIndex } from '../../drivers/event-index/event-index.ts';
import { createSearchEventIndex } from '../../drivers/event-index/search/search-event-index.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { GatewayLog } from '../../gateway/gateway-log.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { indexTopic } from '../../worker/event-index/index-topic.ts';
import type { Stage, StageObserver } from '../../worker/fold/stage.ts';
import { logTopicOf } from '../../worker/plan/compile.ts';
import { type Runner, runConsumer } from '../../worker/plan/consumer-runner.ts';
import type { Storage } from '../storage/open-storage.ts';
import { createTopicTrouble } from './reports/topic-trouble.ts';

export interface EventIndexing {
  /** Indexes the topics of these resources, and no others. */
  apply(resources: ResourceSet): void;
  close(graceMs: number): Promise<void>;
}

export interface EventIndexingOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly index: KeptEventIndex;
  readonly tell: GatewayLog;
  /** Shorter pauses for tests, milliseconds. */
  readonly lookEveryMs?: number;
  readonly lookSoonMs?: number;
}

/** Blocks of topics and events that are gone are looked for as often, milliseconds. */
const LOOK_EVERY_MS = 600_000;
/** The log deletes a topic some time after its resource. */
const LOOK_SOON_MS = 20_000;

/** Undefined where the log has an index, where there is no search index, or where it is off. */
export function searchEventIndexOf({ index, indexesEvents, search, log }: Storage): KeptEventIndex | undefined {
  if (index !== undefined || !indexesEvents) return undefined;
  return createSearchEventIndex({ search, log, groupOf: eventIndexGroupOf });
}

export function createEventIndexing(options: EventIndexingOptions): EventIndexing {
  const { world, index, tell, lookEveryMs = LOOK_EVERY_MS, lookSoonMs = LOOK_SOON_MS } = options;
  const running = new Map<string, Runner<Stage>>();
  const closed = new AbortController();
  const look = async () => {
    try {
      await index.sweep(running.keys());
    } catch (error) {
      tell('warn', 'blocks of topics and events that are gone stay in the event index until the next look', {
        error: error instanceof Error ? error.message : String(error),
      });
    }
  };
  void every(lookEveryMs, look, { world, signal: closed.signal });
  const lookSoon = () => void sleep(world, lookSoonMs, closed.signal).then(look, () => undefined);
  return {
    apply(resources) {
      const wanted = topicsOf(resources);
      for (const [topic, runner] of running) {
        if (wanted.has(topic)) continue;
        running.delete(topic);
        void runner.close(0);
        lookSoon();
      }
      for (const topic of wanted) if (!running.has(topic)) running.set(topic, run(topic, options));
    },
    async close(graceMs) {
      closed.abort();
      await Promise.all([...running.values()].map(runner => runner.close(graceMs)));
    },
  };
}

function topicsOf(resources: ResourceSet): ReadonlySet<string> {
  const queues = resources.ofKind('Queue').map(({ metadata }) => queueTopicOf(metadata.namespace, metadata.name));
  return new Set([...resources.ofKind('Topic').map(logTopicOf), ...queues]);
}

function run(topic: string, { world, log, index, tell }: EventIndexingOptions): Runner<Stage> {
  const who = { topic };
  const observer: StageObserver = {
    trouble: createTopicTrouble({ who, log: tell, texts: { madeAgain: '', deleted: '' } }).trouble,
    // Events that are gone cannot be found.
    jumped: (partition, from, to) =>
      tell('info', 'events were gone before they were indexed', { ...who, partition, from, to }),
    refused() {},
    superseded: (partition, why) => tell('info', 'the index of a partition begins again', { ...who, partition, why }),
  };
  const start = () => indexTopic({ world, log, index, group: eventIndexGroupOf(topic), topic, observer });
  return runConsumer(world, start, error => observer.trouble(0, error));
}
