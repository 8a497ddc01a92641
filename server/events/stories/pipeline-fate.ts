// Finds out the fate of an event at a Pipeline: at the stage that reads its Topic, at the calls and
// the archives behind it, and in its windows. Results of a window are made of many events, so a
// story ends there.
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { ConsumerStory, StoryPlace, StoryWindow } from '../../../admin/story-view.ts';
import { addressOf } from '../../../core/cloudevents/addressee.ts';
import { mapAtOnce } from '../../../core/map-at-once.ts';
import { EVENT_TIME_HEADER } from '../../../core/wire.ts';
import { offsetDistance } from '../../../drivers/event-log/epochs.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { ARCHIVE_CONSUMER, archiveScopeOf } from '../../../worker/archive/layout.ts';
import { toArchive } from '../../../worker/archive/pipeline-archives.ts';
import { letterNumberOf } from '../../../worker/fold/letter-number.ts';
import { markOf } from '../../../worker/fold/source-mark.ts';
import { sourceItem } from '../../../worker/pipelines/flow/item-codec.ts';
import { compileCondition } from '../../../worker/pipelines/flow/steps.ts';
import { othersOf } from '../../../worker/pipelines/other-topics.ts';
import { windowScopeOf } from '../../../worker/pipelines/run-window.ts';
import type { JoinStagePlan, OutletPlan, ReaderPlan, WindowStagePlan } from '../../../worker/pipelines/topology.ts';
import { readWindowOffset } from '../../../worker/pipelines/window/saved-clock.ts';
import { createSourceInput } from '../../../worker/pipelines/window/window-input.ts';
import type { PipelinePlan } from '../../../worker/plan/compile-pipelines.ts';
import { readerTopicOf } from '../../../worker/plan/reader-topic.ts';
import { countingWindows } from './counting-windows.ts';
import { dispatchedFate } from './dispatched-fate.ts';
import { fateInLetters, lettersAbout } from './letter-fate.ts';
import { CLOCKS_DIFFER_MS, type LogScan, type Verdict } from './log-scan.ts';
import { fateOfNone, namesOf, worstOf } from './made-of.ts';
import {
  type AskedDelivery,
  askSlowest,
  type Fated,
  type StoryDeps,
  type Told,
  withHeldCall,
  withTook,
} from './told.ts';

interface Place extends StoryDeps {
  readonly plan: PipelinePlan;
  readonly told: Told;
  readonly scan: LogScan;
}

/** The stories that are complete, and those that wait for the time of a call. */
type Stories = (ConsumerStory | Promise<ConsumerStory>)[];

/** Records of one event in an internal topic whose fates are asked for. */
const MOST_MADE = 10;
/** Partitions of a window that are searched at a time. */
const PARTITIONS_AT_ONCE = 4;

export async function storiesOfPipeline(plan: PipelinePlan, told: Told, scan: LogScan, deps: StoryDeps) {
  const place = { ...deps, plan, told, scan };
  const { settings } = plan;
  const { source } = settings.topology;
  if (settings.topic !== told.topic) return storiesOfOther(place);
  const first = await fateAtSource(place);
  const stories: Stories = [{ consumer: nameOf(plan), ...first }];
  const goesOn = first.fate === 'done' && source.kind !== 'window';
  if (goesOn) await addOutlets(source.outlets, settings.group, true, place, stories);
  return Promise.all(stories);
}

/** The fates of an event of a Topic that the Pipeline joins its own with. */
async function storiesOfOther(place: Place): Promise<ConsumerStory[]> {
  const { plan, told, log } = place;
  const stories: Stories = [];
  for (const { id, topic, outlets } of othersOf(plan.settings)) {
    if (topic.topic !== told.topic) continue;
    const group = readerTopicOf(plan.settings, id);
    const { partition, record } = told;
    const position = (await log.positions(group, topic.topic))[partition]?.offset;
    const consumer = nameOf(plan, id);
    if (position === undefined) {
      stories.push({ consumer, fate: 'waiting', note: 'The Pipeline has not begun to read this partition.' });
    } else if (position <= record.offset) {
      stories.push({ consumer, fate: 'waiting', ahead: offsetDistance(position, record.offset) });
    } else {
      const given = await letterOf(group, partition, record, place);
      stories.push({ consumer, ...(given ?? { fate: 'done' }) });
      if (given === undefined) await addOutlets(outlets, group, true, place, stories);
    }
  }
  return Promise.all(stories);
}

async function fateAtSource(place: Place): Promise<Fated> {
  const { plan, told, letters, log, store } = place;
  const { settings } = plan;
  const { namespace, name, group, topic, start, topology } = settings;
  const { partition, record } = told;
  const { source } = topology;
  const committed = (await log.positions(group, topic))[partition]?.offset;
  const counted =
    source.kind === 'window'
      ? await readWindowOffset(store, windowScopeOf(namespace, name, source.window.id, partition))
      : undefined;
  const position = counted ?? committed;
  if (position === undefined) return { fate: 'waiting', note: 'The Pipeline has not begun to read this partition.' };
  if (position <= record.offset) return { fate: 'waiting', ahead: offsetDistance(position, record.offset) };
  const given = await fateInLetters(lettersAbout(letters, nameOf(plan), `${partition}-${record.offset}`));
  if (given !== undefined) return given;
  if (isFiltered(plan, told)) return { fate: 'filtered' };
  const note = start === 'earliest' ? {} : { note: 'It was handled, or the Pipeline began to read after it.' };
  if (source.kind !== 'window') return { fate: 'done', ...note };
  const { filters, window } = source;
  const { time, from } = plan.resource.spec;
  const partitions = (await log.bounds(topic))?.length ?? settings.partitions;
  const init = {
    source: from.topic,
    address: addressOf(nameOf(plan)),
    filters,
    plan: window.plan,
    time: time.of,
    partitions,
  };
  const read = createSourceInput(init).read(record, partition);
  if (read === undefined || read === 'filtered' || 'clock' in read) return { fate: 'filtered' };
  return { fate: 'done', ...namesOf(countingWindows(window.plan, read.key, read.time)), ...note };
}

/** The filters before any other step. */
function isFiltered({ resource: { spec } }: PipelinePlan, { record, partition }: Told): boolean {
  const first = spec.steps.findIndex(({ filter }) => filter === undefined);
  const filters = spec.steps.slice(0, first === -1 ? undefined : first).flatMap(({ filter }) => filter ?? []);
  try {
    const { event } = sourceItem(record, partition, spec.from.topic);
    return !filters.every(text => compileCondition(text)(event));
  } catch {
    return false;
  }
}

/** `ordered`: whether records are appended there in the order of their marks. */
async function addOutlets(
  outlets: readonly OutletPlan[],
  feeder: string,
  ordered: boolean,
  place: Place,
  stories: Stories,
): Promise<void> {
  const { topology } = place.plan.settings;
  for (const outlet of outlets) {
    if (outlet.kind === 'window') {
      const window = topology.windows.find(({ id }) => id === outlet.window);
      if (window)
        stories.push({ consumer: nameOf(place.plan, window.id), ...(await fateInWindow(window, feeder, place)) });
    }
    if (outlet.kind === 'join') {
      const join = topology.joins.find(({ id }) => id === outlet.join);
      if (join) stories.push({ consumer: nameOf(place.plan, join.id), ...(await fateInWindow(join, feeder, place)) });
    }
    if (outlet.kind !== 'internal') continue;
    const calling = topology.calling.find(({ id }) => id === outlet.reader);
    const { fated, took } = await fateAtReader(outlet.reader, feeder, ordered, place);
    stories.push(withTook({ consumer: nameOf(place.plan, outlet.reader), ...fated }, took));
    const topic = readerTopicOf(place.plan.settings, outlet.reader);
    if (calling && fated.fate === 'done') await addOutlets(calling.outlets, topic, false, place, stories);
  }
}

async function fateAtReader(
  id: string,
  feeder: string,
  ordered: boolean,
  place: Place,
): Promise<{ readonly fated: Fated; readonly took?: AskedDelivery | undefined }> {
  const { plan, told } = place;
  const topic = readerTopicOf(plan.settings, id);
  const { partition } = told;
  const scanned = await place.scan.partition(
    topic,
    sourceOf(plan),
    partition,
    since(told),
    judgeOf(told, feeder, ordered),
  );
  const made = onceEach(scanned.found);
  if (made.length === 0) return { fated: fateOfNone(scanned) };
  const sink = plan.settings.topology.readers.find(reader => reader.id === id);
  const written = sink && sink.kind !== 'call' ? await writtenOf(sink, topic, place) : undefined;
  const looked = made.slice(0, MOST_MADE);
  const took = written === undefined ? askSlowest(place, topic, partition, looked) : undefined;
  const fates: Fated[] = [];
  for (const record of looked) {
    if (written !== undefined) fates.push(await fateWritten(record, topic, written, place));
    else fates.push(await fateOfCall(record, topic, id, place));
  }
  return { fated: worstOf(fates, made.length), took };
}

async function fateOfCall(record: LogRecord, topic: string, id: string, place: Place): Promise<Fated> {
  const { plan, told, letters } = place;
  const { partition, signal } = told;
  const about = lettersAbout(letters, nameOf(plan, id), `${partition}-${record.offset}`);
  const how = { group: topic, order: 'key', from: 'earliest', letters: about, isLeftOut: () => false } as const;
  const fated = await dispatchedFate(how, { topic, partition, record, signal }, place);
  return withHeldCall(fated, plan.settings.namespace, functionsOf(plan, id), place);
}

/** The Functions that a part calls. */
function functionsOf({ settings: { topology } }: PipelinePlan, id: string): readonly string[] {
  const stage = topology.calling.find(each => each.id === id);
  const sink = topology.readers.find(each => each.id === id);
  const target = sink?.kind === 'call' ? sink.target.function : undefined;
  return stage?.calls ?? (target === undefined ? [] : [target]);
}

/**
 * The offset behind what is in files or rows. The store has that of files. The log may stay behind.
 */
async function writtenOf(
  reader: Exclude<ReaderPlan, { kind: 'call' }>,
  topic: string,
  { plan, told: { partition }, store, log }: Place,
): Promise<number> {
  if (reader.kind === 'table') return (await log.positions(topic, topic))[partition]?.offset ?? 0;
  const { layout } = toArchive(plan.resource, reader, topic);
  return (await store.position(archiveScopeOf(layout, partition), ARCHIVE_CONSUMER, partition)) ?? 0;
}

async function fateWritten(record: LogRecord, topic: string, written: number, place: Place): Promise<Fated> {
  const letter = await letterOf(topic, place.told.partition, record, place);
  if (letter) return letter;
  return written > record.offset
    ? { fate: 'done' }
    : { fate: 'waiting', ahead: offsetDistance(written, record.offset) };
}

async function fateInWindow(window: WindowStagePlan | JoinStagePlan, feeder: string, place: Place): Promise<Fated> {
  const { plan, told, scan, store } = place;
  const { namespace, name } = plan.settings;
  const topic = readerTopicOf(plan.settings, window.id);
  const judge = judgeOf(told, feeder, window.feeder.ordered);
  const partitions = [...Array(window.partitions).keys()];
  const parts = await mapAtOnce(partitions, PARTITIONS_AT_ONCE, async partition => {
    const scanned = await scan.partition(topic, sourceOf(plan), partition, since(told), judge);
    const made = onceEach(scanned.found);
    const scope = windowScopeOf(namespace, name, window.id, partition);
    const offset = made.length === 0 ? 0 : ((await readWindowOffset(store, scope)) ?? 0);
    return { ...scanned, made, partition, offset };
  });
  const fates: Fated[] = [];
  const windows: StoryWindow[] = [];
  for (const { partition, made, offset } of parts) {
    for (const record of made) {
      const time = Number(record.headers[EVENT_TIME_HEADER]);
      const late = await letterOf(topic, partition, record, place);
      if (late === undefined && 'shape' in window.plan)
        windows.push(...countingWindows(window.plan, record.key ?? '', time));
      const waiting = { fate: 'waiting', ahead: offsetDistance(offset, record.offset) } as const;
      fates.push(late ?? (offset > record.offset ? { fate: 'done' } : waiting));
    }
  }
  if (fates.length === 0) {
    const isWhole = parts.every(part => part.isWhole);
    return fateOfNone({ found: [], isWhole, isTrimmed: parts.some(({ isTrimmed }) => isTrimmed) });
  }
  return { ...worstOf(fates, fates.length), ...('shape' in window.plan ? namesOf(windows) : {}) };
}

/** The dead letter of a record of an internal topic that a fold has given up. */
function letterOf(topic: string, partition: number, record: LogRecord, { plan, letters }: Place) {
  const id = `${partition}-${letterNumberOf(topic, record.offset)}`;
  return fateInLetters(lettersAbout(letters, nameOf(plan), id));
}

function sourceOf({ resource: { spec, metadata } }: PipelinePlan): StoryPlace {
  return { kind: 'Topic', namespace: metadata.namespace, name: spec.from.topic };
}

/** Nothing of the event was appended before. */
function since({ record }: Told): number {
  return record.timestamp - CLOCKS_DIFFER_MS;
}

/** Records that were made of the event keep its place as their mark. */
function judgeOf({ partition, record }: Told, feeder: string, ordered: boolean): (made: LogRecord) => Verdict {
  return made => {
    const mark = markOf(made);
    if (mark === undefined || mark.topic !== feeder || mark.partition !== partition) return 'skip';
    if (mark.offset === record.offset) return 'found';
    return ordered && mark.offset > record.offset ? 'past' : 'skip';
  };
}

/** A repeated append puts the same record in again, which is known by its number. */
function onceEach(found: readonly LogRecord[]): LogRecord[] {
  const byIndex = new Map<number, LogRecord>();
  for (const record of found) {
    const index = markOf(record)?.index ?? 0;
    if (!byIndex.has(index)) byIndex.set(index, record);
  }
  return [...byIndex.values()];
}

function nameOf({ settings: { namespace, name } }: PipelinePlan, part?: string): ConsumerName {
  return { kind: 'Pipeline', namespace, name: part === undefined ? name : `${name}/${part}` };
}
