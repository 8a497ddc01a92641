// The sources of the stories of jobs, beside those of the stories of events.
import type { FanOutControl } from '../../../admin/fan-out-view.ts';
import type { StoryJobName, StoryQuery } from '../../../admin/story-view.ts';
import { topicLimits } from '../../../admin/topic-view.ts';
import { tracesOfRecord } from '../../../core/cloudevents/record-names.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import type { JobList } from '../control/job-list.ts';
import type { RecordMasker } from '../masking/mask-record.ts';
import { toTopicEvent } from '../topics/topic-event.ts';
import type { TellOptions } from './tell-of.ts';
import type { StoryDeps } from './told.ts';

export interface JobSources {
  readonly queues: Pick<JobList, 'find'>;
  readonly fanOuts: Pick<FanOutControl, 'read' | 'failed'>;
  /** With the parts of Queues that make callbacks. */
  plans(): readonly ConsumerPlan[];
}

export interface JobStoryOptions extends TellOptions {
  readonly store: StoryDeps['store'] & Pick<Store, 'get'>;
  readonly jobs: JobSources;
}

export interface JobQuestion {
  readonly query: StoryQuery;
  /** The masker of the Queue or the FanOut. */
  readonly mask: RecordMasker | undefined;
  readonly signal: AbortSignal;
}

/** Whether the plan belongs to the Queue or the FanOut. */
export function isPartOf({ resource }: ConsumerPlan, { kind, namespace, name }: StoryJobName): boolean {
  const { metadata } = resource;
  return resource.kind === kind && metadata.namespace === namespace && metadata.name === name;
}

/** Headers of ours are left out: an address may hold a secret, and the story says the rest. */
export function shownEvent(record: LogRecord, partition: number, mask: RecordMasker | undefined) {
  const headers = Object.fromEntries(Object.entries(record.headers).filter(([name]) => !name.startsWith('tenfold-')));
  const traces = tracesOfRecord(record);
  return {
    event: toTopicEvent({ ...record, headers }, partition, topicLimits.dataBytes, mask),
    ...(traces.length === 0 ? {} : { traces }),
  };
}
