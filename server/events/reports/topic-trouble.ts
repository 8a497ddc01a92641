// The reports of a consumer about its topics in the log. It reports a missing topic once, however
// often it looks for it. It also reports a topic that was made again, and retention that was
// faster.
import { isRetryable, TenfoldError } from '../../../core/errors.ts';
import { isOfLaterRelease } from '../../../core/stored-version.ts';
import { isRecreated } from '../../../drivers/event-log/epochs.ts';
import type { GatewayLog } from '../../../gateway/gateway-log.ts';

export interface TopicTrouble {
  jumped(partition: number, from: number, to: number): void;
  trouble(partition: number, error: unknown): void;
}

export interface TopicTroubleOptions {
  /** Among the members of each line. */
  readonly who: Readonly<Record<string, string>>;
  readonly log: GatewayLog;
  readonly texts: { readonly madeAgain: string; readonly deleted: string };
}

export function createTopicTrouble({ who, log, texts }: TopicTroubleOptions): TopicTrouble {
  /**
   * The reports that were made: a missing topic, in these words, until it is made again; and a
   * record of a later release. Each with the partitions that have met the new topic since, as
   * another one may still report the old one for a while.
   */
  const told = new Map<string, Set<number>>();
  return {
    jumped(partition, from, to) {
      const fields = { ...who, partition, from, to };
      if (isRecreated(from, to)) {
        for (const met of told.values()) met.add(partition);
        log('warn', texts.madeAgain, fields);
      } else log('error', texts.deleted, fields);
    },
    trouble(partition, error) {
      // An error that is retried automatically would fill the log while a service is away.
      const isLater = isOfLaterRelease(error);
      if (isRetryable(error) && !isLater) return;
      const text = String(error);
      const once = isLater ? error.code : text;
      if (told.get(once)?.has(partition) === false) return;
      // A conflict stays until somebody acts.
      if (isLater || (error instanceof TenfoldError && ['not-found', 'conflict'].includes(error.code)))
        told.set(once, new Set());
      log('warn', 'something could not be done and is tried again', { ...who, partition, error: text });
    },
  };
}
