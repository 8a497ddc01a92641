// Publishes that a job has ended. The id of the event is made of the job and its end, so that a
// repeat is recognised.
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import { TenfoldError } from '../../core/errors.ts';
import { decodeWithHead, type FanOutJob } from '../../core/fan-outs/job.ts';
import { toFanOutView } from '../../core/fan-outs/job-view.ts';
import { INPUTS_TABLE, OUTCOMES_TABLE } from '../../core/fan-outs/layout.ts';
import { toTimestamp } from '../../core/world.ts';
import type { TopicPublisher } from '../deliver/topic-publisher.ts';
import type { FanOutSite } from './fan-out-settings.ts';
import type { JobPlace } from './task.ts';

/**
 * Rejects where another attempt may help; `problem` takes failures that no attempt would change.
 */
export function createAnnouncer(
  { store, settings }: Pick<FanOutSite, 'store' | 'settings'>,
  publisher: TopicPublisher,
  problem: (message: string, error: unknown) => void,
): (job: FanOutJob, place: JobPlace) => Promise<void> {
  const { name, layout } = settings;
  return async (job, { nonce, partition }) => {
    const scope = layout.scopeOf(partition);
    const [input, outcome] = await Promise.all([
      store.row(scope, INPUTS_TABLE, nonce),
      store.row(scope, OUTCOMES_TABLE, nonce),
    ]);
    const event: CloudEvent = {
      specversion: '1.0',
      id: `${job.id}-${job.generation}`,
      source: `/fan-outs/${name}`,
      type: `dev.tenfold.fan-out.${job.state}`,
      subject: job.id,
      time: toTimestamp(job.finishedAt ?? job.acceptedAt),
      datacontenttype: 'application/json',
      data: toFanOutView(name, job, outcome && decodeWithHead(outcome)?.body),
    };
    const headers: Record<string, string> = Object(input && decodeWithHead(input)?.head);
    const cause = {
      partition,
      record: { offset: 0, timestamp: 0, key: nonce, value: new Uint8Array(0), headers },
      attempt: 1,
    };
    try {
      await publisher.publish(event, cause);
    } catch (error) {
      if (error instanceof TenfoldError && error.retryable) throw error;
      problem(`The end of job ${job.id} of fan-out ${name} is not taken by its topic`, error);
    }
  };
}
