// What a consumer tells of its topics in the log: that one is gone, once, however often it is looked for; that it was made again; that retention was faster.
import { isRetryable, TenfoldError } from '../../core/errors.ts';
import { isMadeAgain } from '../../drivers/event-log/lives.ts';
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
  /** What was not there, in the words in which it was told; until a topic was made again. */
  const missing = new Set<string>();
  return {
    jumped(partition, from, to) {
      const fields = { ...who, partition, from, to };
      if (isMadeAgain(from, to)) {
        missing.clear();
        log('warn', texts.madeAgain, fields);
      } else log('error', texts.deleted, fields);
    },
    trouble(partition, error) {
      // What is tried again by itself would fill the log while a service is away.
      if (isRetryable(error)) return;
      const text = String(error);
      if (missing.has(text)) return;
      if (error instanceof TenfoldError && error.code === 'not-found') missing.add(text);
      log('warn', 'something could not be done and is tried again', { ...who, partition, error: text });
    },
  };
}
