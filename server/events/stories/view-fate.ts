// Finds out the fate of an event at a View, for each generation: stored positions say whether its
// rows have it. The View's own expressions say which rows these are.
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { ConsumerStory } from '../../../admin/story-view.ts';
import { readGenerations, type ViewGeneration } from '../../../core/views/view-generations.ts';
import { VIEW_CONSUMER, type ViewLayout } from '../../../core/views/view-layout.ts';
import { offsetDistance } from '../../../drivers/event-log/epochs.ts';
import { hasRecord } from '../../../drivers/event-log/has-record.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import { letterNumberOf } from '../../../worker/fold/letter-number.ts';
import { isPoison } from '../../../worker/fold/poison.ts';
import type { Keyed } from '../../../worker/fold/rekey.ts';
import { hasSeen } from '../../../worker/fold/seen.ts';
import type { ViewPlan } from '../../../worker/plan/compile-views.ts';
import type { ViewSettings } from '../../../worker/views/view-settings.ts';
import { dispatchedFate } from './dispatched-fate.ts';
import { fateInLetters, fateOfLetter, lettersAbout } from './letter-fate.ts';
import { type Fated, type StoryDeps, type Told, withHeldCall, withTook } from './told.ts';

const GONE = { fate: 'dead', note: 'Its dead letter is kept no longer.' } as const;
/** Rows that a story names. */
const MOST_ROWS = 100;

/** One story for each generation; none where the View does not take events of the topic. */
export async function storiesOfView(
  plan: ViewPlan,
  consumer: ConsumerName,
  told: Told,
  deps: StoryDeps,
): Promise<ConsumerStory[]> {
  const { serving, building } = await readGenerations(deps.store, consumer.namespace, consumer.name);
  const takes = ({ sources }: Pick<ViewGeneration, 'sources'>) => sources.some(({ topic }) => topic === told.topic);
  const stories: ConsumerStory[] = [];
  for (const generation of [serving, building]) {
    if (generation === undefined || !takes(generation)) continue;
    const fated = await fateIn(plan, generation, consumer, told, deps);
    const role = generation === building ? { building: true as const } : {};
    stories.push({ consumer, generation: generation.id, ...role, ...fated });
  }
  if (stories.length > 0 || !plan.sources.some(({ topic }) => topic === told.topic)) return stories;
  return [{ consumer, fate: 'waiting', note: 'No generation of the View that takes these events has been begun.' }];
}

async function fateIn(
  plan: ViewPlan,
  generation: ViewGeneration,
  consumer: ConsumerName,
  told: Told,
  deps: StoryDeps,
): Promise<Fated> {
  const settings = plan.settingsOf(generation);
  if (settings === undefined) {
    return { fate: 'unknown', note: 'The definition of this generation is not understood here any more.' };
  }
  const { topic, partition, record } = told;
  const letterId = `${partition}-${letterNumberOf(topic, record.offset)}`;
  const letters = lettersAbout(deps.letters, consumer, letterId);
  if (settings.projection) {
    const group = settings.layout.rekeyGroupOf(topic);
    const how = { group, order: 'key', from: 'earliest', letters, isLeftOut: () => false } as const;
    const took = deps.deliveries?.find({ group, partition, offset: record.offset });
    const called = await dispatchedFate(how, told, deps);
    if (called.fate !== 'done') return withHeldCall(called, consumer.namespace, [settings.projection.function], deps);
    return withTook(await folding(settings, deps, 'Its rows are those that the function made of it.'), took);
  }
  const waiting = await fateAtSource(settings.layout, told, deps);
  if (waiting) return waiting;
  const { keyed, refused } = await changesOf(settings, told);
  // An earlier generation may have written the letter.
  const given = await letters.letter();
  const isOfThis = given !== undefined && Date.parse(given.at) >= generation.since;
  if (given !== undefined && (refused !== undefined || isOfThis)) return fateOfLetter(given);
  if (refused !== undefined) return { ...((await fateInLetters(letters)) ?? GONE), error: refused };
  if (keyed === undefined) return folding(settings, deps, 'Its rows depend on who followed its author then.');
  if (keyed.length === 0) return { fate: 'filtered' };
  return fateOfRows(settings.layout, keyed, told, deps);
}

/** Undefined once its changes are in the internal topic. */
async function fateAtSource(layout: ViewLayout, told: Told, { log }: StoryDeps): Promise<Fated | undefined> {
  const { topic, partition, record } = told;
  const positions = await log.positions(layout.rekeyGroupOf(topic), topic);
  const position = positions[partition]?.offset ?? (await log.bounds(topic))?.[partition]?.start ?? 0;
  if (position > record.offset) return undefined;
  return { fate: 'waiting', ahead: offsetDistance(position, record.offset) };
}

/** `keyed`: undefined where they do not follow from the event. `refused`: why it is unusable. */
async function changesOf(
  { shape, followers }: ViewSettings,
  { record }: Told,
): Promise<{ readonly keyed?: readonly Keyed[]; readonly refused?: string }> {
  if (followers) return {};
  try {
    return { keyed: await shape.project(record, { followers: async () => undefined }) };
  } catch (error) {
    if (!isPoison(error)) throw error;
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

async function fateOfRows(
  layout: ViewLayout,
  keyed: readonly Keyed[],
  { topic, partition, record }: Told,
  { log, store }: StoryDeps,
): Promise<Fated> {
  const last = new Map<number, number>();
  for (const [at, { key, place = at }] of keyed.entries()) last.set(partitionOf(key, layout.partitions), place);
  let ahead: number | undefined;
  for (const [at, index] of last) {
    const scope = layout.scopeOf(at);
    if (await hasSeen(store, scope, { topic, partition, offset: record.offset, index })) continue;
    const { start = 0, end = 0 } = (await log.bounds(layout.topic))?.[at] ?? {};
    const position = (await store.position(scope, VIEW_CONSUMER, at)) ?? start;
    ahead = Math.max(ahead ?? 0, offsetDistance(Math.max(start, position), end) - 1, 0);
  }
  const names = [...new Set(keyed.map(({ key }) => key))];
  const rows = {
    rows: names.slice(0, MOST_ROWS),
    ...(names.length > MOST_ROWS ? { moreRows: names.length - MOST_ROWS } : {}),
  };
  return ahead === undefined ? { fate: 'done', ...rows } : { fate: 'waiting', ahead, ...rows };
}

/** An event whose rows are not known has been folded once all records on the way have been. */
async function folding({ layout, projection }: ViewSettings, { log, store }: StoryDeps, note: string): Promise<Fated> {
  let ahead = 0;
  const add = async (topic: string, positionOf: (partition: number) => Promise<number | undefined>) => {
    for (const [partition, { start, end }] of ((await log.bounds(topic)) ?? []).entries()) {
      const from = Math.max((await positionOf(partition)) ?? start, start);
      if (await hasRecord(log, topic, partition, from, end)) ahead += end - from;
    }
  };
  if (projection) {
    const positions = await log.positions(layout.rekeyGroupOf(layout.projected), layout.projected);
    await add(layout.projected, async partition => positions[partition]?.offset);
  }
  await add(layout.topic, partition => store.position(layout.scopeOf(partition), VIEW_CONSUMER, partition));
  return ahead === 0 ? { fate: 'done', note } : { fate: 'waiting', ahead, note };
}
