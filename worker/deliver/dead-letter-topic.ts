// Publishes given-up events of a consumer to a Topic as well: the event as it was, with its failure
// in extension attributes.
import { bytesEventOf, dataBytesOf, exactFromRecord } from '../../core/cloudevents/record.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { DeadLetter } from '../dispatch/settings.ts';
import type { TopicPublisher } from './topic-publisher.ts';

/**
 * `group`: the consumer that gave it up. Rejects where another attempt may help; `problem` takes
 * failures that no attempt would change.
 */
export function createDeadLetterPublisher(
  group: string,
  source: string,
  publisher: TopicPublisher,
  problem: (message: string, error: unknown) => void,
): (letter: DeadLetter) => Promise<void> {
  return async ({ partition, offset, reason, error, attempts, generation, record }) => {
    try {
      const plain = { source: `/topics/${source}`, type: source, partition, ...record };
      const bytes = bytesEventOf(record, plain);
      const event = bytes ?? exactFromRecord(record, plain);
      const told = {
        ...event,
        deadreason: reason,
        deadattempts: attempts,
        deadby: group,
        // Tells a repeat of this from the same event given up again after a redrive.
        deadid: `${group}/${partition}-${offset}-${generation}`,
        ...(error === undefined ? {} : { deaderror: error.message.replace(/[^ -~]/g, ' ') }),
      };
      await publisher.publish(
        told,
        { partition, record, attempt: attempts },
        bytes ? record.value : dataBytesOf(record),
      );
    } catch (failure) {
      if (failure instanceof TenfoldError && failure.retryable) throw failure;
      problem(
        `The dead letter ${partition}-${offset} of ${group} is not taken by the topic of its dead letters`,
        failure,
      );
    }
  };
}
