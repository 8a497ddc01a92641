// What becomes of events that a pipeline gives up: kept with its dead letters, and published where it says so.
import { deadTopicOf } from '../../core/names.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ConsumerDeps } from '../deliver/create-consumer.ts';
import { createDeadLetterPublisher } from '../deliver/dead-letter-topic.ts';
import { createOutlet } from '../deliver/outlet.ts';
import { createGrowth } from '../dispatch/group/ensure-at-least.ts';
import { encodeLetter } from '../dispatch/letters/dead-letter-codec.ts';
import type { DeadLetter } from '../dispatch/settings.ts';
import { appendInParts } from '../fold/append-in-parts.ts';
import { letterNumberOf } from '../fold/letter-number.ts';

type Deps = Pick<ConsumerDeps, 'world' | 'log' | 'resources' | 'problem'>;

/** To the Topic of dead letters, where there is one. */
export function createBuried(pipeline: Resource<'Pipeline'>, group: string, { log, resources, problem }: Deps) {
  const { from, deadLetter } = pipeline.spec;
  return async (letter: DeadLetter): Promise<void> => {
    if (deadLetter.topic === undefined) return;
    const topic = resources().get('Topic', pipeline.metadata.namespace, deadLetter.topic);
    if (topic) await createDeadLetterPublisher(group, from.topic, createOutlet(log, topic), problem)(letter);
  };
}

/** A record that goes no further. */
export interface GivenUp {
  readonly record: LogRecord;
  readonly error: unknown;
  readonly reason: 'refused' | 'late';
}

interface GivingUp {
  readonly pipeline: Resource<'Pipeline'>;
  /** Of the pipeline, whatever part of it gives up. */
  readonly group: string;
  /** The topic of the pipeline's own that the records are of; undefined for those of its source. */
  readonly internal?: string | undefined;
  /** Of the pipeline. */
  readonly partitions: number;
}

/**
 * For records that nothing can be made of, or that came too late. The letter of each is in the same partition of the group's dead letters, which have so many at least: a process
 * may own a partition of which it was not told yet, and what it gives up comes again from the next owner.
 */
export function createGivenUp({ pipeline, group, internal, partitions }: GivingUp, deps: Deps) {
  const { world, log } = deps;
  const buried = createBuried(pipeline, group, deps);
  const deadTopic = deadTopicOf(group);
  const growFor = createGrowth(log, deadTopic, { partitions, retentionMs: pipeline.spec.deadLetter.retention });
  return async (partition: number, records: readonly GivenUp[]): Promise<void> => {
    const letters = records.map(({ record, error, reason }): DeadLetter => {
      return {
        partition,
        offset: internal === undefined ? record.offset : letterNumberOf(internal, record.offset),
        generation: 0,
        reason,
        error: { message: error instanceof Error ? error.message : String(error) },
        attempts: 1,
        at: world.now(),
        held: false,
        record,
      };
    });
    await growFor(partition);
    await appendInParts(log, deadTopic, letters.map(encodeLetter));
    for (const letter of letters) await buried(letter);
  };
}

/** The same, of one record that nothing can be made of. */
export function createRefused(giving: GivingUp, deps: Deps) {
  const giveUp = createGivenUp(giving, deps);
  return (partition: number, record: LogRecord, error: unknown): Promise<void> =>
    giveUp(partition, [{ record, error, reason: 'refused' }]);
}
