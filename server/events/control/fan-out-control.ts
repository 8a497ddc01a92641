// The jobs of FanOuts as the admin API sees and moves them: read from their state, moved by facts,
// as at the endpoints.
import type {
  FailedItem,
  FanOutControl,
  FanOutQuery,
  FanOutReport,
  FanOutSummary,
  ItemMap,
} from '../../../admin/fan-out-view.ts';
import type { Page } from '../../../admin/page.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { type Fact, toFactRecord } from '../../../core/fan-outs/facts.ts';
import { decodeFailedRow, decodeFanOutJob, readFanOutJobHead } from '../../../core/fan-outs/job.ts';
import { queuedFanOutView, toFanOutView } from '../../../core/fan-outs/job-view.ts';
import {
  FAILED_TABLE,
  FAN_OUT_PARTITIONS,
  fanOutLayoutOf,
  JOBS_BY_TIME,
  JOBS_TABLE,
} from '../../../core/fan-outs/layout.ts';
import { indexOfKey } from '../../../core/fan-outs/result-text.ts';
import { isOfLaterRelease } from '../../../core/stored-version.ts';
import { sleep, type World } from '../../../core/world.ts';
import { createFanOutReader, type FoundFanOut } from '../../../gateway/fan-outs/fan-out-reader.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import type { Storage } from '../../storage/open-storage.ts';
import { readItemMap, stillFailed } from './item-map.ts';

export interface FanOutControlDeps {
  readonly world: World;
  readonly storage: Pick<Storage, 'log' | 'store'>;
  /** How they do, in all processes. */
  readonly reports: FanOutControl['reports'];
  resources(): ResourceSet;
}

interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** A job with its position in the order of the list. */
interface Listed {
  readonly summary: FanOutSummary;
  readonly at: number;
  readonly id: string;
}

const PAGE = 200;
/** The time in which a job should follow a command, and the time between two looks at it. */
const PATIENCE_MS = 1_000;
const LOOK_MS = 20;

export function createFanOutControl(deps: FanOutControlDeps): FanOutControl {
  return new StoredFanOutControl(deps);
}

class StoredFanOutControl implements FanOutControl {
  readonly #deps: FanOutControlDeps;

  constructor(deps: FanOutControlDeps) {
    this.#deps = deps;
  }

  reports(): Promise<readonly FanOutReport[]> {
    return this.#deps.reports();
  }

  async list({
    namespace,
    visible = () => true,
    fanOut,
    state,
    limit,
    after,
  }: FanOutQuery): Promise<Page<FanOutSummary>> {
    const places = this.#placesOf(namespace, fanOut).filter(place => visible(place.namespace));
    const from = parseCursor(after);
    const sources = places.flatMap(place =>
      Array.from({ length: FAN_OUT_PARTITIONS }, (_, partition) => this.#jobsOf(place, partition, from?.at)),
    );
    const items: Listed[] = [];
    for await (const listed of merged(sources)) {
      if (from && !isBehind(listed, from)) continue;
      if (state !== undefined && listed.summary.state !== state) continue;
      if (items.length === limit) {
        const last = items.at(-1);
        return { items: items.map(({ summary }) => summary), ...(last ? { next: `${last.at}/${last.id}` } : {}) };
      }
      items.push(listed);
    }
    return { items: items.map(({ summary }) => summary) };
  }

  async read(namespace: string, fanOut: string, id: string): Promise<FanOutSummary> {
    return toSummary(namespace, await this.#find(this.#placeOf(namespace, fanOut), id));
  }

  async failed(
    namespace: string,
    fanOut: string,
    text: string,
    { limit, after }: Parameters<FanOutControl['failed']>[3],
  ): Promise<Page<FailedItem>> {
    const { id, job } = await this.#find(this.#placeOf(namespace, fanOut), text);
    const scope = fanOutLayoutOf(namespace, fanOut).scopeOf(id.partition);
    const { store } = this.#deps.storage;
    const page = await store.scan(scope, FAILED_TABLE, { prefix: [`${id.nonce}/`], limit, after });
    const failed = page.rows.flatMap((row): FailedItem[] => {
      const { letter, error, generation } = decodeFailedRow(row);
      if (generation < (job?.reopened ?? 0)) return [];
      const { reason, attempts, partition, offset } = letter;
      const place = partition < 0 ? {} : { letter: `${partition}-${offset}` };
      return [{ index: indexOfKey(row.key), reason, attempts, error, ...place }];
    });
    // A redrive of all items says so in the row of the job.
    const isOfSome = job !== undefined && job.generation !== job.reopened;
    const items = isOfSome ? await stillFailed(store, { scope, nonce: id.nonce }, failed) : failed;
    return { items, ...(page.next === undefined ? {} : { next: page.next }) };
  }

  async items(namespace: string, fanOut: string, text: string, groups: number): Promise<ItemMap> {
    const { id, job } = await this.#find(this.#placeOf(namespace, fanOut), text);
    const scope = fanOutLayoutOf(namespace, fanOut).scopeOf(id.partition);
    return readItemMap(this.#deps.storage.store, { scope, nonce: id.nonce, items: job?.items ?? 0 }, groups);
  }

  async cancel(namespace: string, fanOut: string, id: string): Promise<FanOutSummary> {
    const place = this.#placeOf(namespace, fanOut);
    const found = await this.#find(place, id);
    if (found.final) throw new TenfoldError('conflict', `Job ${id} is ${found.view.state} already.`);
    return this.#appendFact(place, found, { kind: 'cancel' });
  }

  async redrive(namespace: string, fanOut: string, id: string): Promise<FanOutSummary> {
    const place = this.#placeOf(namespace, fanOut);
    const found = await this.#find(place, id);
    const { state } = found.view;
    if (state !== 'failed' && state !== 'expired')
      throw new TenfoldError('conflict', `Job ${id} is ${state}; what failed or expired can be redriven.`);
    return this.#appendFact(place, found, { kind: 'redrive' });
  }

  #placeOf(namespace: string, name: string): Place {
    if (this.#deps.resources().get('FanOut', namespace, name)) return { namespace, name };
    throw new TenfoldError('not-found', `There is no FanOut "${name}" in namespace "${namespace}".`);
  }

  #placesOf(namespace: string | undefined, fanOut: string | undefined): Place[] {
    const places = this.#deps
      .resources()
      .ofKind('FanOut')
      .map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name }))
      .filter(
        each =>
          (namespace === undefined || each.namespace === namespace) && (fanOut === undefined || each.name === fanOut),
      );
    if (fanOut !== undefined && places.length === 0)
      throw new TenfoldError('not-found', `There is no FanOut "${fanOut}".`);
    return places;
  }

  async #find({ namespace, name }: Place, id: string): Promise<FoundFanOut> {
    const { log, store } = this.#deps.storage;
    const found = await createFanOutReader({ log, store }, name, fanOutLayoutOf(namespace, name)).find(id);
    if (found === 'gone') throw new TenfoldError('gone', `Job ${id} has ended, and how is not remembered any more.`);
    if (found) return found;
    throw new TenfoldError('not-found', `FanOut ${name} has no job ${id}.`);
  }

  /** Resolves as soon as the fact shows, or after some patience with the state so far. */
  async #appendFact(place: Place, found: FoundFanOut, fact: Fact): Promise<FanOutSummary> {
    const { world, storage } = this.#deps;
    const { id, view: before } = found;
    const { facts } = fanOutLayoutOf(place.namespace, place.name);
    await storage.log.append(facts, [toFactRecord(id.nonce, id.partition, fact)]);
    const until = world.monotonic() + PATIENCE_MS;
    for (;;) {
      const now = await this.#find(place, before.id);
      const { view } = now;
      const taken = view.state !== before.state || view.redriven !== before.redriven;
      if (taken || world.monotonic() >= until) return toSummary(place.namespace, now);
      await sleep(world, LOOK_MS);
    }
  }

  /** The jobs of one partition, the newest first. */
  async *#jobsOf({ namespace, name }: Place, partition: number, before: number | undefined): AsyncGenerator<Listed> {
    const scope = fanOutLayoutOf(namespace, name).scopeOf(partition);
    const to = before === undefined ? {} : { to: { value: before, inclusive: true } };
    for (let after: string | undefined; ; ) {
      const page = await this.#deps.storage.store.scan(scope, JOBS_TABLE, {
        index: JOBS_BY_TIME,
        reverse: true,
        limit: PAGE,
        after,
        ...to,
      });
      for (const { value } of page.rows) {
        const listed = toListed({ namespace, name }, value);
        if (listed) yield listed;
      }
      after = page.next;
      if (after === undefined) return;
    }
  }
}

function toSummary(namespace: string, { view, job }: Pick<FoundFanOut, 'view' | 'job'>): FanOutSummary {
  const cause = job?.error?.cause;
  return { namespace, ...view, ...(cause === undefined ? {} : { cause }) };
}

/** Undefined for a job that is forgotten. */
function toListed({ namespace, name }: Place, value: Uint8Array): Listed | undefined {
  try {
    const job = decodeFanOutJob(value);
    if (job === undefined || job.gone) return undefined;
    const view = toFanOutView(name, job, undefined);
    return { summary: toSummary(namespace, { view, job }), at: job.acceptedAt, id: job.id };
  } catch (error) {
    const head = isOfLaterRelease(error) ? readFanOutJobHead(value) : undefined;
    if (head === undefined) throw error;
    // One does not hide all others.
    const { id, acceptedAt } = head;
    const view = { ...queuedFanOutView(id, name, acceptedAt), error: { message: (error as Error).message } };
    return { summary: { namespace, ...view, state: 'unknown' }, at: acceptedAt, id };
  }
}

interface Cursor {
  readonly at: number;
  readonly id: string;
}

function parseCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  const [at = '', id = ''] = text.split('/');
  if (/^\d{1,16}$/.test(at)) return { at: Number(at), id };
  throw new TenfoldError('bad-request', '"after" is not from an answer of this list.');
}

function isBehind(one: Cursor, other: Cursor): boolean {
  return one.at < other.at || (one.at === other.at && one.id < other.id);
}

/** The newest of all first. */
async function* merged(sources: readonly AsyncGenerator<Listed>[]): AsyncGenerator<Listed> {
  const heads = new Map<AsyncGenerator<Listed>, Listed>();
  const advance = async (source: AsyncGenerator<Listed>) => {
    const next = await source.next();
    if (next.done) heads.delete(source);
    else heads.set(source, next.value);
  };
  try {
    await Promise.all(sources.map(advance));
    while (heads.size > 0) {
      let first: [AsyncGenerator<Listed>, Listed] | undefined;
      for (const entry of heads) if (first === undefined || isBehind(first[1], entry[1])) first = entry;
      if (first === undefined) return;
      yield first[1];
      await advance(first[0]);
    }
  } finally {
    await Promise.all(sources.map(source => source.return(undefined)));
  }
}
