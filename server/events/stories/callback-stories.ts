// Tells what became of the callbacks that an ended job owes. A callback that is delivered leaves
// the log soon. One that was given up is kept among the dead letters of the Queue's callbacks.
import type { CallbackStory, ConsumerStory, StoryJobName } from '../../../admin/story-view.ts';
import { CALLBACK_HEADER } from '../../../core/jobs/job-id.ts';
import { isFinal, type JobRow } from '../../../core/jobs/job-row.ts';
import { deadTopicOf } from '../../../core/names.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { decodeDeadRecord } from '../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import { callbackIdOf } from '../../../worker/jobs/owe-callback.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { dispatchedFate } from './dispatched-fate.ts';
import { isPartOf, type JobStoryOptions } from './job-sources.ts';
import { fateInLetters, lettersAbout } from './letter-fate.ts';
import { CLOCKS_DIFFER_MS, LogScan } from './log-scan.ts';
import { type Fated, withTook } from './told.ts';

export interface EndedJob {
  readonly of: StoryJobName;
  /** Its id. */
  readonly job: string;
  readonly row: JobRow | undefined;
  readonly record: LogRecord | undefined;
  /** As the log knows them. */
  readonly consumers: readonly ConsumerStory[];
}

/** The place of a callback in its topic, with the record, or its copy in a dead letter. */
interface FoundCallback {
  readonly partition: number;
  readonly record: LogRecord;
  readonly isInLog: boolean;
}

const OPEN: ReadonlySet<ConsumerStory['fate']> = new Set(['waiting', 'parked']);

/** None where the job owes none, as far as is known. */
export async function storiesOfCallbacks(
  { of, job, row, record, consumers }: EndedJob,
  options: JobStoryOptions,
  signal: AbortSignal,
): Promise<CallbackStory[]> {
  const plan = options.jobs.plans().find(each => each.role === 'callbacks' && isPartOf(each, of));
  const to = record?.headers[CALLBACK_HEADER];
  if (plan === undefined || row === undefined || (record !== undefined && to === undefined)) return [];
  const since = row.acceptedAt;
  const scan = new LogScan(options.log, signal, options.limits);
  const found = await callbacksOf(plan, job, { since, scan }, options);
  const stories: CallbackStory[] = [];
  for (const each of found) stories.push(await storyOf(plan, of, each, options, signal));
  const newest = callbackIdOf(job, row);
  const isTold = found.some(each => each.record.headers['ce_id'] === newest);
  if (isTold || !isFinal(row.state) || to === undefined || row.sameAs !== undefined) return stories;
  const fated = missing(row, consumers, scan.unread.length > 0);
  return fated === undefined ? stories : [...stories, { tells: row.state, ...addressOf(to), ...fated }];
}

/** The callback is not in the log: not yet, or no more. Undefined where that is no question now. */
function missing({ state }: JobRow, consumers: readonly ConsumerStory[], isUnread: boolean): Fated | undefined {
  const open = consumers.find(({ fate, settling }) => settling || OPEN.has(fate));
  // The row of a job that was redriven tells its former end until it is worked again.
  const isFormer = open?.redriven !== undefined && !open.settling && state !== 'succeeded';
  if (isFormer) return undefined;
  if (open) return { fate: 'waiting', note: 'It is put into the log before the end of the job counts.' };
  const unknown = consumers.find(({ fate }) => fate === 'unknown');
  if (unknown) return { fate: 'unknown', note: `Whether it is owed yet cannot be found out: ${unknown.note ?? ''}` };
  if (isUnread) return { fate: 'unknown', note: 'The log has too many callbacks since then to look through.' };
  return { fate: 'done', note: 'It was delivered, or given up so long ago that its dead letter is kept no longer.' };
}

async function callbacksOf(
  { settings: { topic, group } }: ConsumerPlan,
  job: string,
  { since, scan }: { readonly since: number; readonly scan: LogScan },
  { log }: JobStoryOptions,
): Promise<readonly FoundCallback[]> {
  const found = new Map<string, FoundCallback>();
  const from = since - CLOCKS_DIFFER_MS;
  const look = async (name: string, take: (record: LogRecord, partition: number) => FoundCallback | undefined) => {
    const of = { kind: 'Queue', namespace: '', name } as const;
    for (const partition of ((await log.bounds(name)) ?? []).keys()) {
      await scan.partition(name, of, partition, from, record => {
        const callback = take(record, partition);
        if (callback?.record.headers['ce_subject'] !== job) return 'skip';
        const place = `${partition}-${callback.record.offset}`;
        if (!found.get(place)?.isInLog) found.set(place, callback);
        return 'found';
      });
    }
  };
  await look(topic, (record, partition) => ({ partition, record, isInLog: true }));
  await look(deadTopicOf(group), (record, partition) => {
    const decoded = decodeDeadRecord(partition, record);
    return decoded?.type === 'letter' ? { partition, record: decoded.letter.record, isInLog: false } : undefined;
  });
  // A worker that ended in between puts the callback into the log again, under the same id.
  return [...Map.groupBy(found.values(), ({ record }) => record.headers['ce_id']).values()].flatMap(
    copies => copies.at(-1) ?? [],
  );
}

async function storyOf(
  plan: ConsumerPlan,
  name: StoryJobName,
  { partition, record, isInLog }: FoundCallback,
  options: JobStoryOptions,
  signal: AbortSignal,
): Promise<CallbackStory> {
  const { topic, group, order, from } = plan.settings;
  const owner = { group, name: { ...name, kind: 'Queue' } as const };
  const letters = lettersAbout(options.letters.ofGroup(owner), owner.name, `${partition}-${record.offset}`);
  const tells = (record.headers['ce_type'] ?? '').replace('dev.tenfold.job.', '');
  const about = { tells, ...addressOf(record.headers[CALLBACK_HEADER]), owedAt: toTimestamp(record.timestamp) };
  if (!isInLog) {
    return { ...about, ...((await fateInLetters(letters)) ?? { fate: 'done' }) };
  }
  const how = { group, order, from, letters, isLeftOut: () => false };
  const took = options.deliveries?.find({ group, partition, offset: record.offset });
  return withTook({ ...about, ...(await dispatchedFate(how, { topic, partition, record, signal }, options)) }, took);
}

/** Without its query, which may hold a secret. */
function addressOf(url: string | undefined): { readonly to?: string } {
  if (url === undefined || !URL.canParse(url)) return {};
  const { origin, pathname } = new URL(url);
  return { to: origin + pathname };
}
