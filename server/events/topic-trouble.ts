// What a consumer tells of its topics in the log: that one is gone, once, however often it is looked for; that it was made again; that retention was faster.
import { isRetryable, TenfoldError } from '../../core/errors.ts';
import { isOfLaterRelease } from '../../core/stored-version.ts';
import { isRecreated } from '../../drivers/event-log/epochs.ts';
import type { GatewayLog } from '../../gateway/plan/plan-context.ts';

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
  /** What is told once: what was not there, in these words, until a topic was made again; that a later release has written something. */
  const told = new Set<string>();
  return {
    jumped(partition, from, to) {
      const fields = { ...who, partition, from, to };
      if (isRecreated(from, to)) {
        told.clear();
        log('warn', texts.madeAgain, fields);
      } else log('error', texts.deleted, fields);
    },
    trouble(partition, error) {
      // What is tried again by itself would fill the log while a service is away.
      const isLater = isOfLaterRelease(error);
      if (isRetryable(error) && !isLater) return;
      const text = String(error);
      const once = isLater ? error.code : text;
      if (told.has(once)) return;
      if (isLater || (error instanceof TenfoldError && error.code === 'not-found')) told.add(once);
      log('warn', 'something could not be done and is tried again', { ...who, partition, error: text });
    },
  };
}
