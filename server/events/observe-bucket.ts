// Follows the events of the bucket for large contents, where it is configured to, and reports
// unusable ones.
import { bucketGroupOf } from '../../core/names.ts';
import type { World } from '../../core/world.ts';
import type { GatewayLog } from '../../gateway/gateway-log.ts';
import type { Stage, StageObserver } from '../../worker/fold/stage.ts';
import { followBucket } from '../../worker/jobs/follow-bucket.ts';
import { type Runner, runConsumer } from '../../worker/plan/consumer-runner.ts';
import type { Storage } from '../storage/open-storage.ts';
import { createTopicTrouble } from './reports/topic-trouble.ts';

export interface HeardBucket {
  readonly topic: string;
  readonly runner: Runner<Stage>;
}

/** Undefined where the bucket says nothing. Begins when the topic is there. */
export function observeBucket(
  world: World,
  { log: eventLog, bucketEvents }: Pick<Storage, 'log' | 'bucketEvents'>,
  log: GatewayLog,
): HeardBucket | undefined {
  if (bucketEvents === undefined) return undefined;
  const { topic, hear } = bucketEvents;
  const who = { topic };
  const observer: StageObserver = {
    ...createTopicTrouble({
      who,
      log,
      texts: {
        madeAgain: 'the topic of events of the bucket was deleted and made again: it is read from its first record',
        deleted: 'events of the bucket were deleted by retention before they were heard; uploads may have begun no job',
      },
    }),
    refused: (partition, { offset }, error) =>
      log('warn', 'an event of the bucket was left out', { ...who, partition, offset, error: String(error) }),
    superseded: (partition, why) => log('info', 'a partition begins again', { ...who, partition, why }),
  };
  const group = bucketGroupOf(topic);
  const start = () => followBucket({ world, log: eventLog, group, topic, hear, observer });
  return { topic, runner: runConsumer(world, start, error => observer.trouble(0, error)) };
}
