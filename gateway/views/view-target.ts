// A View as a target: answers questions from the rows that were folded,
// and says how fresh they are.
import { TenfoldError } from '../../core/errors.ts';
import { unlessAborted } from '../../core/unless-aborted.ts';
import type { ViewDirectory } from '../../core/views/view-directory.ts';
import type { ViewGeneration } from '../../core/views/view-generations.ts';
import { type ViewLayout, viewLayoutOf } from '../../core/views/view-layout.ts';
import { AS_OF_HEADER, BEHIND_HEADER } from '../../core/wire.ts';
import { sleep, toTimestamp, type World } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Resource } from '../../resources/resource.ts';
import { resourceOfGeneration } from '../../resources/views/generation-resource.ts';
import type { Call, Target } from '../exchange/target.ts';
import { answerCall } from '../upstream/answer-call.ts';
import { refuseMethod } from '../upstream/refuse-method.ts';
import type { AnswerCache, AnswerName, ViewAnswer } from './answer-cache.ts';
import { createAnswerTexts } from './answer-text.ts';
import { followView } from './live/follow-view.ts';
import type { LiveViews } from './live/live-views.ts';
import { followedQuery } from './live/wants-live.ts';
import { type FollowedBy, type FollowedIn, readFeed } from './read-feed.ts';
import { readAround, readMember, readTop } from './read-ranking.ts';
import { countRows, readKeys, readRow, readRows } from './read-rows.ts';
import { searchView, type ViewSearch } from './search-view.ts';
import { createViewPositions, type ViewFreshness, type ViewPositions } from './view-positions.ts';
import { readViewQuery, type ViewQuery, type ViewQuestion } from './view-query.ts';
import type { ViewStore } from './view-store.ts';

export interface ViewTargetOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly search: ViewSearch | undefined;
  /** Tells which generation serves. */
  readonly views: ViewDirectory;
  readonly resource: Resource<'View'>;
  /** Stands for all that decides what the View keeps, as its resource says. */
  readonly definition: string;
  /** For a View with feeds of followers. */
  followedByOf?(view: Resource<'View'>): FollowedBy | undefined;
  /** Keeps answers of Views that ask for it; without it none is kept. */
  readonly answers?: AnswerCache | undefined;
  /** Followers; without it nobody can follow. */
  readonly live?: LiveViews | undefined;
}

/** One generation, as it is read. */
interface ViewSite extends ViewTargetOptions {
  readonly id: string;
  readonly layout: ViewLayout;
  readonly positions: ViewPositions;
  readonly followedBy: FollowedBy | undefined;
}

/** So long one waits for the first generation of a View. */
const FIRST_MS = 2_000;
const FIRST_POLL_MS = 20;

export function createViewTarget(options: ViewTargetOptions): Target {
  let site: ViewSite | undefined;
  const siteOf = async (signal: AbortSignal): Promise<ViewSite> => {
    const generation = await servingOf(options, signal);
    if (site?.id !== generation.id) site = toSite(options, generation);
    return site;
  };
  return {
    label: `view ${options.resource.metadata.name}`,
    send(call) {
      const kept = keptAnswer(options, site, call);
      if (kept) reply(options.world, call, kept);
      else receive(options, siteOf, call).catch(error => call.fail(error));
    },
  };
}

async function servingOf({ world, views, resource }: ViewTargetOptions, signal: AbortSignal): Promise<ViewGeneration> {
  const { namespace, name } = resource.metadata;
  const until = world.monotonic() + FIRST_MS;
  for (;;) {
    const serving = await views.serving(namespace, name);
    if (serving) return serving;
    if (world.monotonic() >= until) {
      // Not 410, which caches may keep: it will be there.
      const message = `View ${name} is being built for the first time. Ask again when it is there.`;
      throw new TenfoldError('not-ready', message, { retryAfterSeconds: 5, reason: 'view.building' });
    }
    await sleep(world, FIRST_POLL_MS, signal);
  }
}

/**
 * While a View of another definition is being built, the one that serves is asked as its own
 * definition says, within the limits of the new one.
 */
function toSite(options: ViewTargetOptions, generation: ViewGeneration): ViewSite {
  const { id, definition, sources } = generation;
  const { metadata, spec } = options.resource;
  const then = definition === options.definition ? undefined : resourceOfGeneration(generation);
  const resource = then ? { ...then, spec: { ...then.spec, query: spec.query } } : options.resource;
  const layout = viewLayoutOf(metadata.namespace, metadata.name, id);
  const stillServes = async () => {
    const serving = await options.views.serving(metadata.namespace, metadata.name);
    if (serving?.id === id) return;
    const message = `Another generation of View ${metadata.name} serves.`;
    throw new TenfoldError('not-ready', message, { reason: 'view.building' });
  };
  const positions = createViewPositions({ ...options, layout, sources, stillServes });
  return { ...options, id, resource, layout, positions, followedBy: options.followedByOf?.(resource) };
}

async function receive(
  options: ViewTargetOptions,
  siteOf: (signal: AbortSignal) => Promise<ViewSite>,
  call: Call,
): Promise<void> {
  if (!isRead(call)) return refuseMethod(call, ['GET', 'HEAD']);
  const { resource, world } = options;
  const asked = askedBy(call);
  const followed = followedQuery(call, asked);
  const limit = new AbortController();
  const timer = world.after(resource.spec.query.timeout, () => limit.abort(late(asked)));
  try {
    const signal = AbortSignal.any([call.signal, limit.signal]);
    if (followed !== undefined) await unlessAborted(followView({ ...options, siteOf, call, signal }, followed), signal);
    else reply(world, call, await unlessAborted(answerOf(options, siteOf, asked, signal), signal));
  } finally {
    timer.cancel();
  }
}

function isRead({ method }: Call): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** The query with its question mark. */
function askedBy({ path }: Call): string {
  const mark = path.indexOf('?');
  return mark === -1 ? '' : path.slice(mark);
}

function reply(world: World, call: Call, { body, freshness: { asOf, behind } }: ViewAnswer): void {
  if (call.ended) return;
  const fields = [
    'content-type',
    'application/json',
    AS_OF_HEADER,
    toTimestamp(asOf),
    'age',
    String(Math.max(0, Math.floor((world.now() - asOf) / 1000))),
    BEHIND_HEADER,
    String(behind),
  ];
  answerCall(call, 200, fields, body);
}

/** Queries that can be answered at once. The slow path reports any fault of the query. */
function keptAnswer(
  { views, answers }: ViewTargetOptions,
  site: ViewSite | undefined,
  call: Call,
): ViewAnswer | undefined {
  if (answers === undefined || site?.resource.spec.query.cache === undefined || !isRead(call)) return undefined;
  const { namespace, name } = site.resource.metadata;
  if (!views.serves(namespace, name, site.id)) return undefined;
  try {
    if (followedQuery(call, askedBy(call)) !== undefined) return undefined;
    const { waitFor, ...question } = readViewQuery(site.resource, askedBy(call));
    return waitFor.length > 0 ? undefined : answers.fresh(nameOf(site, question));
  } catch {
    return undefined;
  }
}

function nameOf({ layout }: ViewSite, question: ViewQuestion): AnswerName {
  return { group: layout.group, key: keyOf(question), question: JSON.stringify(question) };
}

async function answerOf(
  { views, resource: { metadata } }: ViewTargetOptions,
  siteOf: (signal: AbortSignal) => Promise<ViewSite>,
  asked: string,
  signal: AbortSignal,
): Promise<ViewAnswer> {
  for (;;) {
    const site = await siteOf(signal);
    try {
      const found = await answer(site, readViewQuery(site.resource, asked), signal);
      // A read of a generation that may have been removed meanwhile does not count.
      if (views.isStill(metadata.namespace, metadata.name, site.id)) return found;
    } catch (error) {
      if (signal.aborted || views.isStill(metadata.namespace, metadata.name, site.id)) throw error;
    }
  }
}

async function prepare({ positions, search, layout }: ViewSite, { waitFor, kind }: ViewQuery, signal: AbortSignal) {
  if (waitFor.length > 0) {
    await positions.reached(waitFor, signal);
    if (kind === 'search' || kind === 'suggest') await search?.refresh(layout.index);
  }
  return positions.freshness();
}

async function answer(site: ViewSite, query: ViewQuery, signal: AbortSignal): Promise<ViewAnswer> {
  const { answers, resource } = site;
  const { waitFor, ...question } = query;
  const times = resource.spec.query.cache;
  // Read before the rows, so that the rows are at least as fresh.
  if (answers === undefined || times === undefined) return make(site, question, await prepare(site, query, signal));
  const name = nameOf(site, question);
  if (waitFor.length === 0) {
    return answers.ask(name, times, async () => make(site, question, await site.positions.freshness()));
  }
  const freshness = await prepare(site, query, signal);
  return answers.renew(name, times, () => make(site, question, freshness));
}

async function make(site: ViewSite, question: ViewQuestion, freshness: ViewFreshness): Promise<ViewAnswer> {
  return { body: Buffer.from(await read(site, question)), freshness };
}

/** The subject of an answer, if it is one thing only. */
function keyOf(question: ViewQuestion): string | undefined {
  if ('key' in question) return question.key;
  return question.kind === 'feed' ? question.owner : undefined;
}

async function read(site: ViewSite, query: ViewQuestion): Promise<string> {
  const { store, search, layout, resource } = site;
  const texts = createAnswerTexts(query.fields);
  switch (query.kind) {
    case 'row': {
      const row = await readRow(store, layout, query.key);
      if (row) return texts.row(row);
      throw new TenfoldError('not-found', `View ${resource.metadata.name} has no row with this key.`);
    }
    case 'keys':
      return texts.rows({ rows: await readKeys(store, layout, query.keys) });
    case 'rows':
      return texts.rows(await readRows(store, layout, query));
    case 'count':
      return JSON.stringify({ count: await countRows(store, layout, query) });
    case 'top':
      return texts.ranking(await readTop(store, layout, query.limit));
    case 'member': {
      const member = await readMember(store, layout, query.key);
      if (member) return texts.member(member);
      throw new TenfoldError('not-found', `View ${resource.metadata.name} does not rank this member.`);
    }
    case 'around': {
      const { window, limit = 0 } = resource.spec.ranking ?? {};
      // A window keeps all members.
      const kept = window === undefined ? limit : Number.POSITIVE_INFINITY;
      const ranked = await readAround(store, layout, query.key, { around: query.around, kept });
      if (ranked.length > 0) return texts.ranking(ranked);
      throw new TenfoldError('not-found', `View ${resource.metadata.name} does not rank this member.`);
    }
    case 'feed':
      return texts.feed(await readFeed(store, layout, await followedInOf(site), query));
    case 'document':
    case 'search':
    case 'suggest':
      return searchView(search, layout.index, query);
  }
}

async function followedInOf({ views, followedBy }: ViewSite): Promise<FollowedIn | undefined> {
  if (followedBy === undefined) return undefined;
  const { namespace, view } = followedBy;
  const serving = await views.serving(namespace, view);
  if (serving) return { ...followedBy, layout: viewLayoutOf(namespace, view, serving.id) };
  const message = `View ${view}, which says who follows whom, is being built for the first time.`;
  throw new TenfoldError('not-ready', message, { reason: 'view.building' });
}

function late(asked: string): TenfoldError {
  const message =
    !asked.includes('%40') && !asked.includes('@')
      ? 'The question to the View took too long.'
      : 'The View has not got as far as the event in time. It goes on; ask again.';
  return new TenfoldError('timeout', message, { retryAfterSeconds: 1, reason: 'view.behind' });
}
