// Puts the callback that a finished job owes into the log. From there it is delivered as durably as
// any event.
import { toRecord } from '../../core/cloudevents/record.ts';
import { CALLBACK_HEADER } from '../../core/jobs/job-id.ts';
import type { JobRow } from '../../core/jobs/job-row.ts';
import { toJobView } from '../../core/jobs/job-view.ts';
import { toTimestamp } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Job } from './job-of.ts';

export type OweCallback = (job: Job, row: JobRow, url: string) => Promise<void>;

/** Receivers know a repeat by it: a job ends once, unless it is redriven. `job`: its id. */
export function callbackIdOf(job: string, { state, finishedAt = 0 }: JobRow): string {
  return `${job}-${state}-${finishedAt}`;
}

/** `topic`: the topic of the queue's callbacks. */
export function createOwe(log: EventLog, topic: string, queue: string): OweCallback {
  return async (job, row, url) => {
    const event = {
      specversion: '1.0' as const,
      id: callbackIdOf(job.text, row),
      source: `/queues/${queue}`,
      type: `dev.tenfold.job.${row.state}`,
      subject: job.text,
      time: toTimestamp(row.finishedAt ?? row.acceptedAt),
      datacontenttype: 'application/json',
      data: toJobView(job.text, queue, row),
    };
    const record = toRecord(event, null);
    record.headers[CALLBACK_HEADER] = url;
    for (const name of ['traceparent', 'tracestate']) {
      const value = job.record.headers[name];
      if (value !== undefined) record.headers[name] = value;
    }
    await log.append(topic, [record]);
  };
}
