// Handles the events that a pipeline gives up: keeps them with its dead letters, and publishes them
// where it says so.
import { deadTopicOf } from '../../core/names.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ConsumerDeps } from '../deliver/create-consumer.ts';
import { createDeadLetterPublisher } from '../deliver/dead-letter-topic.ts';
import { createPublisher } from '../deliver/topic-publisher.ts';
import { encodeLetter } from '../dispatch/dead-letters/dead-letter-codec.ts';
import { createGrowth } from '../dispatch/group/ensure-at-least.ts';
import type { DeadLetter } from '../dispatch/settings.ts';
import { appendInParts } from '../fold/append-in-parts.ts';
import { letterNumberOf } from '../fold/letter-number.ts';

type Deps = Pick<ConsumerDeps, 'world' | 'log' | 'resources' | 'problem'>;

/** Publishes to the Topic of dead letters, where there is one. */
export function createDeadLetterHandler(
  pipeline: Resource<'Pipeline'>,
  group: string,
  { log, resources, problem }: Deps,
) {
  const { from, deadLetter } = pipeline.spec;
  return async (letter: DeadLetter): Promise<void> => {
    if (deadLetter.topic === undefined) return;
    const topic = resources().get('Topic', pipeline.metadata.namespace, deadLetter.topic);
    if (topic) await createDeadLetterPublisher(group, from.topic, createPublisher(log, topic), problem)(letter);
  };
}

/** A record that is given up. */
export interface GivenUp {
  readonly record: LogRecord;
  readonly error: unknown;
  readonly reason: 'refused' | 'late';
}

interface GivingUp {
  readonly pipeline: Resource<'Pipeline'>;
  /** The group of the pipeline, whichever part of it gives up. */
  readonly group: string;
  /**
   * The internal topic of the pipeline that holds the records; undefined for those of its source.
   */
  readonly internal?: string | undefined;
  /** Name of the pipeline. */
  readonly partitions: number;
}

/**
 * Gives up records that are unusable, or that came too late. The letter of each is in the same
 * partition of the group's dead letters, so that topic needs as many partitions. A process may own
 * a partition that it does not know yet; then the next owner gives the record up again.
 */
export function createGivenUp({ pipeline, group, internal, partitions }: GivingUp, deps: Deps) {
  const { world, log } = deps;
  const deadLettered = createDeadLetterHandler(pipeline, group, deps);
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
    for (const letter of letters) await deadLettered(letter);
  };
}

/** The same for one unusable record. */
export function createRefused(giving: GivingUp, deps: Deps) {
  const giveUp = createGivenUp(giving, deps);
  return (partition: number, record: LogRecord, error: unknown): Promise<void> =>
    giveUp(partition, [{ record, error, reason: 'refused' }]);
}
