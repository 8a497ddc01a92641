// Operations for the admin API: plans, starts, pauses and stops them. A worker carries them out.
import { createHash } from 'node:crypto';
import type {
  Asker,
  ItemQuery,
  ItemResult,
  OperationControl,
  OperationListQuery,
  OperationName,
  OperationPlan,
  OperationReport,
  OperationRequest,
} from '../../../admin/commands/operation-view.ts';
import type { Page } from '../../../admin/page.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { toTimestamp, type World } from '../../../core/world.ts';
import { KEPT_MS, type OperationStore, type PlannedItem } from './operation-store.ts';
import type { OperationTargets } from './operation-targets.ts';
import { hasEnded, type StoredOperation, toReport } from './stored-operation.ts';

export interface OperationControlOptions {
  readonly world: Pick<World, 'id'>;
  readonly store: OperationStore;
  readonly targets: OperationTargets;
  /** An operation is to be carried out: for the worker in this process. */
  readonly look: () => void;
}

/** How long a plan waits for its start. */
const START_MS = 3_600_000;
/** Plans that are looked at whether they are too old, with each new one. */
const SWEPT = 100;
const SAMPLE = 10;
/** Pages of results that one request looks at. */
const AT_ONCE = 20;
const MOST_PAGES = 2_000;

export function createOperationControl(options: OperationControlOptions): OperationControl {
  return new StoredOperations(options);
}

class StoredOperations implements OperationControl {
  readonly #options: OperationControlOptions;

  constructor(options: OperationControlOptions) {
    this.#options = options;
  }

  async plan(request: OperationRequest, signal: AbortSignal): Promise<OperationPlan> {
    const { world, store, targets } = this.#options;
    const { action, consumer, edit, rate } = request;
    const target = targets(action);
    assertFilters(request, target.filters);
    const { items, groups, notes } = await target.find(request, signal);
    if (rate !== undefined && (items.length * 1000) / rate > KEPT_MS - START_MS)
      throw new TenfoldError(
        'bad-request',
        `${items.length} at ${rate} a second take longer than an operation is kept.`,
      );
    const now = await store.now();
    const id = `${toTimestamp(now).slice(0, 10)}-${world.id().slice(0, 8)}`;
    const isEmpty = items.length === 0;
    const operation = {
      id,
      action,
      consumer,
      state: isEmpty ? ('done' as const) : ('planned' as const),
      total: items.length,
      ...(groups === undefined ? {} : { groups: [...groups] }),
      sample: items.slice(0, SAMPLE).map(({ id }) => id),
      notes: [...notes],
      ...(rate === undefined ? {} : { rate }),
      hasEdit: edit !== undefined,
      token: tokenOf(id, request, items),
      position: 0,
      done: 0,
      refused: 0,
      inDoubt: 0,
      plannedAt: now,
      startBy: now + START_MS,
      keptUntil: now + KEPT_MS,
      ...(isEmpty ? { endedAt: now } : {}),
    };
    signal.throwIfAborted();
    // A plan that selects nothing cannot be started.
    if (!isEmpty) {
      await this.#forgetOld(now);
      await store.create(operation, items, edit);
    }
    return { ...toReport({ ...operation, v: 1 }, now), token: operation.token };
  }

  /** Plans that nobody has started would fill the store: one may name a million items. */
  async #forgetOld(now: number): Promise<void> {
    const { store } = this.#options;
    const { ids } = await store.list(SWEPT, undefined);
    for (const found of await Promise.all(ids.map(id => store.read(id).catch(gone)))) {
      if (found === undefined) continue;
      const { operation, version } = found;
      if (operation.state === 'planned' && now - operation.startBy > START_MS) await store.forget(operation, version);
    }
  }

  async start(name: OperationName, token: string, { by, from, client }: Asker): Promise<OperationReport> {
    const { store } = this.#options;
    const { id } = name;
    const at = await store.now();
    await this.read(name);
    // A worker that finds it planned leaves it alone.
    await store.setActive(id, true);
    return this.#change(name, now => {
      if (now.token !== token)
        throw new TenfoldError('conflict', `That is not the token of the plan of operation ${id}. Plan it and see.`);
      if (now.state === 'running') return now;
      assertState(now, 'planned');
      if (at > now.startBy)
        throw new TenfoldError(
          'conflict',
          `The plan of operation ${id} was for an hour, and much may have changed. Plan anew.`,
        );
      return {
        ...now,
        state: 'running',
        startedAt: at,
        asker: { by, from, ...(client === undefined ? {} : { client }) },
      };
    });
  }

  pause(name: OperationName): Promise<OperationReport> {
    return this.#change(name, now => {
      if (now.state === 'paused') return now;
      assertState(now, 'running');
      return { ...now, state: 'paused' };
    });
  }

  resume(name: OperationName): Promise<OperationReport> {
    return this.#change(name, now => {
      if (now.state === 'running') return now;
      assertState(now, 'paused');
      return { ...now, state: 'running' };
    });
  }

  async stop(name: OperationName): Promise<OperationReport> {
    const at = await this.#options.store.now();
    return this.#change(name, now => {
      if (now.state === 'stopped') return now;
      assertState(now, 'planned', 'running', 'paused');
      return { ...now, state: 'stopped', endedAt: at };
    });
  }

  async read({ namespace, id }: OperationName): Promise<OperationReport> {
    const { store } = this.#options;
    const [{ operation }, now] = await Promise.all([store.read(id), store.now()]);
    assertIn(operation, namespace);
    return toReport(operation, now);
  }

  /** A page may be shorter, where others are not of the namespace. */
  async list({ namespace, visible = () => true, limit, after }: OperationListQuery): Promise<Page<OperationReport>> {
    const { store } = this.#options;
    const { ids, ...rest } = await store.list(limit, after);
    const now = await store.now();
    const found = await Promise.all(ids.map(id => store.read(id).catch(gone)));
    const wanted = (of: string) => visible(of) && (namespace === undefined || of === namespace);
    const items = found.flatMap(one =>
      one && wanted(one.operation.consumer.namespace) ? [toReport(one.operation, now)] : [],
    );
    return { items, ...rest };
  }

  async items(name: OperationName, { limit, after, failed = false }: ItemQuery): Promise<Page<ItemResult>> {
    const { store } = this.#options;
    const { id } = name;
    await this.read(name);
    const items: ItemResult[] = [];
    let { skip, place } = toCursor(after);
    for (let seen = 0; seen < MOST_PAGES; seen += AT_ONCE) {
      const { pages, next } = await store.results(id, AT_ONCE, place);
      for (const [index, item] of pages.flat().entries()) {
        if (index < skip || (failed && item.outcome === 'done')) continue;
        if (items.length === limit) return { items, next: fromCursor(index, place) };
        items.push(item);
      }
      if (next === undefined) return { items };
      skip = 0;
      place = next;
    }
    return { items, next: fromCursor(skip, place) };
  }

  async #change(
    { namespace, id }: OperationName,
    change: (now: StoredOperation) => StoredOperation,
  ): Promise<OperationReport> {
    const { store, look } = this.#options;
    const operation = await store.update(id, now => {
      assertIn(now, namespace);
      return change(now);
    });
    look();
    return toReport(operation, await store.now());
  }
}

/** A filter that is not gone by would select more than was asked for. */
function assertFilters({ action, query = {} }: OperationRequest, filters: readonly string[]): void {
  const unknown = Object.keys(query).find(name => !filters.includes(name));
  if (unknown === undefined) return;
  const known = filters.map(asWritten).join(', ');
  throw new TenfoldError(
    'bad-request',
    `The action "${action}" cannot select by "${asWritten(unknown)}". It selects by ${known}.`,
  );
}

/** `olderThanMs` is "olderThan" in a request. */
function asWritten(filter: string): string {
  return filter.replace(/Ms$/, '');
}

/** Bound to this one plan, to all that was asked for, and to what the plan has seen. */
function tokenOf(
  operation: string,
  { action, consumer: { kind, namespace, name }, ids, query, edit, rate }: OperationRequest,
  items: readonly PlannedItem[],
): string {
  const asked = [operation, action, kind, namespace, name, ids, query, edit, rate];
  const hash = createHash('sha256').update(JSON.stringify(asked));
  for (const { id, as } of items) hash.update(`\n${id}/${as}`);
  return hash.digest('hex').slice(0, 16);
}

/** An operation of another namespace is told to nobody. */
function assertIn({ id, consumer }: StoredOperation, namespace: string): void {
  if (consumer.namespace !== namespace)
    throw new TenfoldError('not-found', `There is no operation ${id} in namespace "${namespace.slice(0, 63)}".`);
}

function assertState(now: StoredOperation, ...states: readonly StoredOperation['state'][]): void {
  if (states.includes(now.state)) return;
  const is = hasEnded(now) ? `has ended: it is ${now.state}` : `is ${now.state}`;
  throw new TenfoldError('conflict', `Operation ${now.id} ${is}.`, { extensions: { state: now.state } });
}

/** One that has expired, or that a later release has written, does not hide all others. */
function gone(error: unknown): undefined {
  if (!(error instanceof TenfoldError) || (error.code !== 'not-found' && error.code !== 'later-release')) throw error;
}

function fromCursor(skip: number, place: string | undefined): string {
  return `${skip}.${place ?? ''}`;
}

function toCursor(after: string | undefined): { skip: number; place: string | undefined } {
  if (after === undefined) return { skip: 0, place: undefined };
  const [, skip, place = ''] = /^(\d{1,9})\.(.*)$/s.exec(after) ?? [];
  if (skip === undefined) throw new TenfoldError('bad-request', '"after" must be the "next" of an earlier answer.');
  return { skip: Number(skip), place: place === '' ? undefined : place };
}
