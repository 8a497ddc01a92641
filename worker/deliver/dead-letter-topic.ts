// Publishes what a consumer has given up to a Topic as well: the event as it was, with what became of it in extension attributes.
import { bytesEventOf, dataBytesOf, fromRecord } from '../../core/cloudevents/record.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { DeadLetter } from '../dispatch/settings.ts';
import type { Outlet } from './outlet.ts';

/** `group`: who gave it up. Rejects where trying again may help; `problem` is told of what no attempt would change. */
export function createDeadLetterPublisher(
  group: string,
  source: string,
  outlet: Outlet,
  problem: (message: string, error: unknown) => void,
): (letter: DeadLetter) => Promise<void> {
  return async ({ partition, offset, reason, error, attempts, generation, record }) => {
    try {
      const plain = { source: `/topics/${source}`, type: source, partition, ...record };
      const bytes = bytesEventOf(record, plain);
      const event = bytes ?? fromRecord(record, plain);
      const told = {
        ...event,
        deadreason: reason,
        deadattempts: attempts,
        deadby: group,
        // Tells a repeat of this from the same event given up again after it was redriven.
        deadid: `${group}/${partition}-${offset}-${generation}`,
        ...(error === undefined ? {} : { deaderror: error.message.replace(/[^ -~]/g, ' ') }),
      };
      await outlet.publish(told, { partition, record, attempt: attempts }, bytes ? record.value : dataBytesOf(record));
    } catch (failure) {
      if (failure instanceof TenfoldError && failure.retryable) throw failure;
      problem(
        `The dead letter ${partition}-${offset} of ${group} is not taken by the topic of its dead letters`,
        failure,
      );
    }
  };
}
