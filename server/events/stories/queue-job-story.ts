// Tells the story of a job of a Queue: what its row and its record say, where it stands at the
// dispatcher, and what its end has led to.
import type { HeldUp } from '../../../admin/failure-view.ts';
import type { ConsumerStory, JobStory, StoryJobName } from '../../../admin/story-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { ACCEPTED_HEADER, OWNER_HEADER } from '../../../core/jobs/job-id.ts';
import { type JobRow, jobKeysOf, jobScopeOf } from '../../../core/jobs/job-row.ts';
import { queueTopicOf } from '../../../core/names.ts';
import { toTimestamp } from '../../../core/world.ts';
import { storiesOfCallbacks } from './callback-stories.ts';
import { deedsOfJob, sharedDeeds } from './deeds.ts';
import { type JobQuestion, type JobStoryOptions, shownEvent } from './job-sources.ts';
import { tellOf } from './tell-of.ts';

const OPEN: ReadonlySet<ConsumerStory['fate']> = new Set(['waiting', 'parked']);
const STORED = {
  fate: 'done',
  note: 'Its end is stored. The log does not know of it yet, so it may be worked once more after a crash.',
} as const;
/** A call that is under way may itself wait for these. */
const IN_CALL: ReadonlySet<HeldUp['by']> = new Set(['starting', 'limits', 'instances']);

export async function tellQueueJob(
  of: StoryJobName,
  text: string,
  { query, mask, signal }: JobQuestion,
  options: JobStoryOptions,
): Promise<JobStory> {
  const { namespace, name } = of;
  const queue = options.resources().get('Queue', namespace, name);
  if (!queue) throw new TenfoldError('not-found', `There is no Queue "${name}" in namespace "${namespace}".`);
  const { id, summary, row, record, lostAt } = await options.jobs.queues.find(of, text, signal);
  const { partition } = id;
  const deeds = sharedDeeds(options.deeds, signal);
  const told = record && { topic: queueTopicOf(namespace, name), partition, record, signal };
  const sources = { ...options, ...(deeds && { deeds }) };
  const story = told ? await tellOf(told, namespace, query, sources) : { consumers: [], cameFrom: [], ledTo: [] };
  const consumers = row ? withAttempt(story.consumers, row, lostAt) : story.consumers;
  const because = consumers.find(each => each.because !== undefined)?.because;
  const owner = row?.owner ?? record?.headers[OWNER_HEADER] ?? '';
  const cancelAsked = await options.store.get(jobScopeOf(namespace, name, partition), jobKeysOf(id).cancel);
  const cancelled =
    summary.state === 'cancelled' || cancelAsked !== undefined
      ? await deedsOfJob(
          { of, id: text, since: summary.queuedAt, until: summary.finishedAt },
          ['cancel'],
          deeds?.ofStory(signal),
        )
      : {};
  const callbacks = await storiesOfCallbacks(
    { of, job: text, row, record, consumers: story.consumers },
    options,
    signal,
  );
  return {
    ...story,
    of,
    job: summary,
    ...(record === undefined ? {} : shownEvent(record, partition, mask)),
    ...(record && { acceptedBy: record.headers[ACCEPTED_HEADER] === undefined ? 'consumer' : 'endpoint' }),
    ...(owner === '' ? {} : { owner }),
    ...(row?.sameAs === undefined ? {} : { sameAs: row.sameAs }),
    ...(cancelAsked === undefined ? {} : { cancelAsked: true as const }),
    ...cancelled,
    ...(lostAt === undefined ? {} : { attemptLostAt: toTimestamp(lostAt) }),
    ...(because === undefined ? {} : { because }),
    consumers,
    ...keptOf(row, queue.spec.result.ttl),
    ...(callbacks.length === 0 ? {} : { callbacks }),
  };
}

function keptOf(row: JobRow | undefined, ttlMs: number): Pick<JobStory, 'result' | 'keptUntil'> {
  const { result, finishedAt } = row ?? {};
  const { status = 0, contentType, size = 0 } = result ?? {};
  return {
    ...(result && { result: { status, ...(contentType === undefined ? {} : { contentType }), bytes: size } }),
    ...(finishedAt === undefined ? {} : { keptUntil: toTimestamp(finishedAt + ttlMs) }),
  };
}

/** The dispatcher's own words do not tell an attempt that is under way from a wait. */
function withAttempt(
  consumers: readonly ConsumerStory[],
  { state, attempts, startedAt = 0 }: JobRow,
  lostAt: number | undefined,
): readonly ConsumerStory[] {
  if (state === 'succeeded')
    return consumers.map(story => (OPEN.has(story.fate) ? { ...settled(story), ...STORED } : story));
  if (state !== 'running') return consumers;
  const began = `Attempt ${attempts} began at ${toTimestamp(startedAt)}`;
  return consumers.map((story): ConsumerStory => {
    if (!OPEN.has(story.fate)) return story;
    if (lostAt !== undefined) {
      const lost = `${began}. Its worker lost the partition at ${toTimestamp(lostAt)} before the end, so the job is tried again.`;
      return { ...story, because: story.because === undefined ? lost : `${lost} ${story.because}` };
    }
    const { heldUp } = story;
    const waits = heldUp && IN_CALL.has(heldUp.by) ? ` ${heldUp.message}` : '';
    const because = `${began} and has not ended.${waits} If its worker has ended, another takes the job over with its partition.`;
    return { ...settled(story), fate: 'running', attempts, because, ...(waits === '' ? {} : { heldUp }) };
  });
}

/** Without what is said of an event that waits. */
function settled({
  ahead: _1,
  behind: _2,
  nextAttemptAt: _3,
  because: _4,
  heldUp: _5,
  ...story
}: ConsumerStory): ConsumerStory {
  return story;
}
