// Keeps unusable events of a View as dead letters. The same event has the same letter, whichever
// generation meets it.
import type { Failure } from '../../core/failure.ts';
import { deadTopicOf, viewGroupOf } from '../../core/names.ts';
import type { World } from '../../core/world.ts';
import type { EventLog, LogRecord, TopicSettings } from '../../drivers/event-log/event-log.ts';
import { encodeLetter } from '../dispatch/dead-letters/dead-letter-codec.ts';
import { createGrowth } from '../dispatch/group/ensure-at-least.ts';
import type { DeadLetter } from '../dispatch/settings.ts';
import { letterNumberOf } from '../fold/letter-number.ts';
import { markOf } from '../fold/source-mark.ts';

export interface SetAsideOptions {
  readonly world: World;
  readonly log: Pick<EventLog, 'append' | 'ensureTopic'>;
  readonly namespace: string;
  readonly name: string;
  /**
   * The settings of the topic of dead letters. It has at least as many partitions: a letter is in
   * the partition that the event is in.
   */
  readonly deadLetters: TopicSettings;
  /** Called for each, too; rejects where another attempt may help. */
  deadLettered?(letter: DeadLetter): Promise<void>;
}

type Refused = (
  partition: number,
  record: LogRecord,
  error: unknown,
  how?: Pick<DeadLetter, 'reason' | 'attempts'> & { readonly failure?: Failure | undefined },
) => Promise<void>;

/**
 * `source`: the topic of the records; undefined for those of the internal topic, which name their
 * origin.
 */
export function createSetAside({ world, log, namespace, name, deadLetters, deadLettered }: SetAsideOptions) {
  const deadTopic = deadTopicOf(viewGroupOf(namespace, name));
  const growFor = createGrowth(log, deadTopic, deadLetters);
  return (source?: string): Refused =>
    async (partition, record, error, { failure, ...how } = { reason: 'refused', attempts: 1 }) => {
      const from = (source === undefined ? markOf(record) : undefined) ?? { topic: source ?? '', partition, ...record };
      const letter: DeadLetter = {
        partition: from.partition,
        offset: letterNumberOf(from.topic, from.offset),
        generation: 0,
        ...how,
        error: failure ?? { message: error instanceof Error ? error.message : String(error) },
        at: world.now(),
        held: false,
        record,
      };
      await growFor(from.partition);
      await log.append(deadTopic, [encodeLetter(letter)]);
      await deadLettered?.(letter);
    };
}
