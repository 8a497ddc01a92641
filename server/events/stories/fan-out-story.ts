// Tells the story of a job of a FanOut: its state and its items, what waits at the parts that
// divide, work and gather, what it was made of, and the event that tells its end.
import type { FailedItem, FanOutSummary } from '../../../admin/fan-out-view.ts';
import type { ConsumerStory, JobStory, StoryJobName, StoryLink } from '../../../admin/story-view.ts';
import { eventHeadersOf, factOf } from '../../../core/fan-outs/facts.ts';
import { decodeFanOutJob, decodeWithHead, type FanOutJob } from '../../../core/fan-outs/job.ts';
import { fanOutLayoutOf, INPUTS_TABLE, JOBS_TABLE } from '../../../core/fan-outs/layout.ts';
import { ACCEPTED_HEADER, JOB_HEADER, type JobId, parseJobId } from '../../../core/jobs/job-id.ts';
import { counted } from '../../../core/units/counted.ts';
import { DEPTH_HEADER } from '../../../core/wire.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Resource } from '../../../resources/resource.ts';
import { logTopicOf } from '../../../worker/plan/compile.ts';
import { nameOfConsumer } from '../../../worker/plan/event-plan.ts';
import { recordAt } from '../record-at.ts';
import { withReason } from './because.ts';
import { cameFrom } from './came-from.ts';
import { deedsOfJob, sharedDeeds } from './deeds.ts';
import { isPartOf, type JobQuestion, type JobStoryOptions, shownEvent } from './job-sources.ts';
import { CLOCKS_DIFFER_MS, LogScan } from './log-scan.ts';
import { type ParkedPart, parkedItemsOf, parkedTaskOf } from './parked-of-job.ts';
import { search } from './search.ts';
import { timeOf } from './tell-of.ts';
import { attemptOf } from './told.ts';

/** Items that a story names. */
const SHOWN = 20;
/** The part at work in each state. */
const PARTS = { splitting: 'splits', working: 'items', gathering: 'gathers' } as const;

/** A job, and where what is told of it is kept. */
interface Asked {
  readonly of: StoryJobName;
  readonly id: JobId;
  readonly summary: FanOutSummary;
  readonly row: FanOutJob | undefined;
  readonly resource: Resource<'FanOut'> | undefined;
}

export async function tellFanOutJob(
  of: StoryJobName,
  text: string,
  question: JobQuestion,
  options: JobStoryOptions,
): Promise<JobStory> {
  const { namespace, name } = of;
  const summary = await options.jobs.fanOuts.read(namespace, name, text);
  const id = parseJobId(text) ?? { partition: 0, offset: 0, nonce: '' };
  const stored = await options.store.row(fanOutLayoutOf(namespace, name).scopeOf(id.partition), JOBS_TABLE, id.nonce);
  const row = stored && decodeFanOutJob(stored.value);
  const asked = { of, id, summary, row, resource: options.resources().get('FanOut', namespace, name) };
  const times = timesOf(asked, options);
  const record = await recordOf(asked, options);
  const deeds = sharedDeeds(options.deeds, question.signal);
  const sources = { ...options, ...(deeds && { deeds }) };
  const [waiting, failed] = [await waitingOf(asked, sources, question.signal), await failedOf(asked, options)];
  const decided = await deedsOfJob(
    { of, id: text, since: summary.acceptedAt, until: summary.finishedAt },
    [
      ...(summary.state === 'cancelled' ? (['cancel'] as const) : []),
      ...(summary.redriven > 0 ? (['redrive'] as const) : []),
    ],
    deeds?.ofStory(question.signal),
  );
  const before = new LogScan(options.log, question.signal, options.limits);
  const after = new LogScan(options.log, question.signal, options.limits);
  const origin = await originOf(asked, record, question, before, options);
  const { links, more } = await endsOf(asked, question, after, options);
  const ttlMs = asked.resource?.spec.result.ttl;
  const { status = 0, contentType, size = 0 } = row?.result ?? {};
  const { result: _, ...job } = summary;
  const owner = row?.owner ?? '';
  return {
    of,
    job,
    ...(record === undefined ? {} : shownEvent(record, id.partition, question.mask)),
    ...(record && { acceptedBy: acceptedBy(record, asked) }),
    ...(owner === '' ? {} : { owner }),
    ...decided,
    ...waiting,
    cameFrom: origin,
    ...(before.unread.length === 0 ? {} : { unreadBefore: before.unread }),
    ledTo: links,
    ...(more === 0 ? {} : { moreLedTo: more }),
    ...(after.unread.length === 0 ? {} : { unreadAfter: after.unread }),
    ...(row?.result && { result: { status, ...(contentType === undefined ? {} : { contentType }), bytes: size } }),
    ...(row?.finishedAt === undefined || ttlMs === undefined ? {} : { keptUntil: toTimestamp(row.finishedAt + ttlMs) }),
    items: { ...failed, ...waiting.items, ...(await times) },
  };
}

/** How long the slowest items took. An item that is a job of its own has a story. */
async function timesOf(
  { of, id, resource, summary }: Asked,
  { deliveries, jobs }: Pick<JobStoryOptions, 'deliveries' | 'jobs'>,
): Promise<Pick<NonNullable<JobStory['items']>, 'slowest' | 'timed'>> {
  const plan = jobs.plans().find(each => isPartOf(each, of) && each.role === 'items');
  if (deliveries === undefined || plan === undefined || resource?.spec.worker.fanOut !== undefined) return {};
  const { slowest, timed } = await deliveries.itemsOf(plan.settings.group, id.nonce);
  if (timed === 0) return {};
  return {
    slowest: slowest.map(({ index, ...known }) => ({ index, took: attemptOf(known) })),
    timed: Math.min(timed, summary.items.total),
  };
}

/** The record that began it. Its input stays with its state when the log has trimmed that. */
async function recordOf(
  { of, id, row }: Asked,
  { log, store }: Pick<JobStoryOptions, 'log' | 'store'>,
): Promise<LogRecord | undefined> {
  const { facts, scopeOf } = fanOutLayoutOf(of.namespace, of.name);
  const record = await recordAt(log, facts, id.partition, id.offset);
  if (record?.key === id.nonce && factOf(record)?.kind === 'start') return record;
  const stored = await store.row(scopeOf(id.partition), INPUTS_TABLE, id.nonce);
  const input = stored && decodeWithHead(stored);
  if (input === undefined) return undefined;
  const headers: Record<string, string> = Object(input.head);
  return { offset: id.offset, timestamp: row?.acceptedAt ?? 0, key: id.nonce, headers, value: input.body };
}

function acceptedBy(
  { headers }: LogRecord,
  { resource, row }: Pick<Asked, 'resource' | 'row'>,
): NonNullable<JobStory['acceptedBy']> {
  if (resource?.spec.on.upload !== undefined && headers['ce_source'] === '/blobs') return 'upload';
  if (row?.parent !== undefined || resource?.spec.on.topic !== undefined) return 'consumer';
  return headers[ACCEPTED_HEADER] === undefined && headers[DEPTH_HEADER] !== undefined ? 'consumer' : 'endpoint';
}

async function failedOf({ of, summary }: Asked, { jobs }: JobStoryOptions) {
  if (summary.items.failed === 0) return { failed: [] as readonly FailedItem[] };
  const { items } = await jobs.fanOuts.failed(of.namespace, of.name, summary.id, { limit: SHOWN });
  const more = Math.max(0, summary.items.failed - items.length);
  return { failed: items, ...(more === 0 ? {} : { moreFailed: more }) };
}

/** The items or the task that wait at the part at work. */
async function waitingOf(
  { of, id, summary }: Asked,
  options: JobStoryOptions,
  signal: AbortSignal,
): Promise<
  Pick<JobStory, 'because' | 'consumers'> & { readonly items: Pick<NonNullable<JobStory['items']>, 'parked'> }
> {
  const { state, items } = summary;
  const role = state in PARTS ? PARTS[state as keyof typeof PARTS] : undefined;
  const plan = options.consumers().find(each => isPartOf(each, of) && each.role === role);
  if (role === undefined || plan === undefined) return { consumers: [], items: { parked: [] } };
  const part = { plan, log: options.log, signal };
  const parked = role === 'items' ? await parkedItemsOf(part, id.nonce, SHOWN) : { parked: [] };
  const task = role === 'items' ? undefined : await parkedTaskOf(part, id.nonce);
  const consumer = nameOfConsumer(plan);
  const story: ConsumerStory = { consumer, fate: 'waiting', ...task };
  const told = await withReason(story, (await options.reports?.()) ?? [], options.deeds?.ofStory(signal));
  const words = role === 'items' ? itemWords(items.open, items.divided, parked) : undefined;
  const because = [told.because, words].filter(each => each !== undefined).join(' ');
  const said = because === '' ? {} : { because };
  return { ...said, consumers: [{ ...told, ...said }], items: parked };
}

function itemWords(open: number, isDivided: boolean, { parked, moreParked = 0 }: ParkedPart): string {
  const more = isDivided ? '' : ', and more are to come';
  const all = `It waits for ${counted(open, 'item')}${more}.`;
  const [first] = parked;
  if (first === undefined) return all;
  const many = parked.length + moreParked;
  const waits = `${many === 1 ? '1 of them waits' : `${many} of them wait`} for another attempt`;
  return `${all} ${waits}; item ${first.index}: ${first.because ?? 'it is tried again.'}`;
}

async function originOf(
  { of, id, row }: Asked,
  record: LogRecord | undefined,
  { query, signal }: JobQuestion,
  scan: LogScan,
  options: JobStoryOptions,
): Promise<readonly StoryLink[]> {
  const { namespace } = of;
  if (row?.parent !== undefined) {
    const { fanOut, partition, nonce } = row.parent;
    const stored = await options.store.row(fanOutLayoutOf(namespace, fanOut).scopeOf(partition), JOBS_TABLE, nonce);
    const parent = stored && decodeFanOutJob(stored.value);
    const place = { kind: 'FanOut', namespace, name: fanOut } as const;
    return [{ how: 'to', by: place, of: place, ...(parent && !parent.gone ? { id: parent.id } : {}) }];
  }
  if (record === undefined) return [];
  const headers = { ...eventHeadersOf(record.headers), [JOB_HEADER]: id.nonce };
  const before = timeOf('fromBefore', query.fromBefore);
  const topic = fanOutLayoutOf(namespace, of.name).facts;
  const told = { topic, partition: id.partition, record: { ...record, headers }, signal, before };
  return cameFrom(told, namespace, options, scan);
}

/** The events that tell its ends. */
async function endsOf(
  { of, summary, row, resource }: Asked,
  { query }: JobQuestion,
  scan: LogScan,
  options: JobStoryOptions,
) {
  const { namespace, name } = of;
  const to = resource?.spec.complete.topic;
  const topic = to === undefined ? undefined : options.resources().get('Topic', namespace, to);
  const isEnded = row?.finishedAt !== undefined || summary.redriven > 0;
  if (topic === undefined || to === undefined || !isEnded) return { links: [], more: 0 };
  const judge = ({ headers }: LogRecord) =>
    headers['ce_source'] === `/fan-outs/${name}` && headers['ce_subject'] === summary.id;
  const by = { kind: 'FanOut', namespace, name } as const;
  const link = { how: 'end', by, of: { kind: 'Topic', namespace, name: to } } as const;
  const since = timeOf('ledSince', query.ledSince) ?? Date.parse(summary.acceptedAt) - CLOCKS_DIFFER_MS;
  return search([{ topic: logTopicOf(topic), many: true, judge, link }], { since }, scan);
}
