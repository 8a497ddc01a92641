// Operations in the store: each with its plan and its results, in pages, for thirty days.
import * as z from 'zod';
import type { ItemResult, OperationEdit } from '../../../admin/commands/operation-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { decodeOperation, encodeOperation, type StoredOperation } from './stored-operation.ts';

/** An item of a plan. `as`: the generation that the plan has seen. */
export interface PlannedItem {
  readonly id: string;
  readonly as: number;
}

/** An operation, and the version that a change of it must meet. */
export interface Versioned {
  readonly operation: StoredOperation;
  readonly version: string;
}

export type OperationKeeper = Pick<Store, 'now' | 'get' | 'put' | 'delete' | 'apply' | 'row' | 'scan'>;

const OPERATION_SCOPE = 'operations';
export const KEPT_MS = 30 * 86_400_000;
const LIST = 'list';
const ACTIVE = 'active';
const PLANS = 'plans';
const EDITS = 'edits';
/** Items of a page of a plan. */
const PLAN_PAGE = 1000;
const PAGES_AT_ONCE = 50;
const ACTIVE_PAGE = 1000;

const planPage = z.array(z.tuple([z.string(), z.number()]));
const results = z.array(
  z.object({ id: z.string(), outcome: z.enum(['done', 'refused', 'in-doubt']), message: z.string().optional() }),
);

export class OperationStore {
  readonly #store: OperationKeeper;

  constructor(store: OperationKeeper) {
    this.#store = store;
  }

  now(): Promise<number> {
    return this.#store.now();
  }

  /** The operation comes last: without it nobody finds the rest. */
  async create(
    operation: Omit<StoredOperation, 'v'>,
    items: readonly PlannedItem[],
    edit: OperationEdit | undefined,
  ): Promise<void> {
    const { id, plannedAt } = operation;
    let changes: Change[] = [];
    if (edit) changes.push(rowOf(EDITS, id, edit));
    for (let from = 0; from < items.length; from += PLAN_PAGE) {
      const page = items.slice(from, from + PLAN_PAGE).map(({ id, as }) => [id, as]);
      changes.push(rowOf(PLANS, pageKey(id, from), page));
      if (changes.length < PAGES_AT_ONCE) continue;
      await this.#store.apply(OPERATION_SCOPE, changes);
      changes = [];
    }
    if (changes.length > 0) await this.#store.apply(OPERATION_SCOPE, changes);
    await this.#store.put(OPERATION_SCOPE, id, encodeOperation(operation), { ttlMs: KEPT_MS, when: 'absent' });
    await this.#store.apply(OPERATION_SCOPE, [{ ...rowOf(LIST, id, id), indexes: { at: [plannedAt] } }]);
  }

  async read(id: string): Promise<Versioned> {
    const entry = await this.#store.get(OPERATION_SCOPE, id);
    if (entry === undefined) throw new TenfoldError('not-found', `There is no operation ${id.slice(0, 60)}.`);
    const operation = decodeOperation(entry.value);
    if (operation) return { operation, version: entry.version };
    throw new TenfoldError('later-release', `A later release has written operation ${id}. Finish the upgrade.`);
  }

  /** Undefined where somebody else has changed it. */
  async replace(operation: StoredOperation, version: string): Promise<Versioned | undefined> {
    const ttlMs = Math.max(1, operation.keptUntil - (await this.now()));
    const options = { ttlMs, when: { version } };
    const outcome = await this.#store.put(OPERATION_SCOPE, operation.id, encodeOperation(operation), options);
    return outcome.written ? { operation, version: outcome.version } : undefined;
  }

  /** `change` may be called again, and throws to leave it as it is. */
  async update(id: string, change: (now: StoredOperation) => StoredOperation): Promise<StoredOperation> {
    for (;;) {
      const { operation, version } = await this.read(id);
      const next = change(operation);
      if (next === operation) return operation;
      const written = await this.replace(next, version);
      if (written) return written.operation;
    }
  }

  async list(limit: number, after: string | undefined): Promise<{ readonly ids: string[]; readonly next?: string }> {
    const page = await this.#store.scan(OPERATION_SCOPE, LIST, { index: 'at', reverse: true, limit, after });
    const ids = page.rows.map(({ key }) => key);
    return { ids, ...(page.next === undefined ? {} : { next: page.next }) };
  }

  /** A worker has to look at these, from before they are to run until they have ended. */
  async active(): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let after: string | undefined; ; ) {
      const { rows, next } = await this.#store.scan(OPERATION_SCOPE, ACTIVE, { limit: ACTIVE_PAGE, after });
      ids.push(...rows.map(({ key }) => key));
      after = next;
      if (after === undefined) return ids;
    }
  }

  async setActive(id: string, is: boolean): Promise<void> {
    const change = is ? rowOf(ACTIVE, id, id) : rowKey(ACTIVE, id);
    await this.#store.apply(OPERATION_SCOPE, [change]);
  }

  /** Deletes one that never began, and its plan after the entry: nobody starts half of it. */
  async forget({ id, total }: StoredOperation, version: string): Promise<void> {
    if (!(await this.#store.delete(OPERATION_SCOPE, id, { version }))) return;
    const rows = [rowKey(LIST, id), rowKey(EDITS, id)];
    for (let from = 0; from < total; from += PLAN_PAGE) rows.push(rowKey(PLANS, pageKey(id, from)));
    for (let from = 0; from < rows.length; from += PLAN_PAGE)
      await this.#store.apply(OPERATION_SCOPE, rows.slice(from, from + PLAN_PAGE));
  }

  async editOf(id: string): Promise<OperationEdit | undefined> {
    const row = await this.#store.row(OPERATION_SCOPE, EDITS, id);
    return row && JSON.parse(Buffer.from(row.value).toString('utf8'));
  }

  /** The items from this place on, at most to the end of its page. */
  async itemsFrom(id: string, position: number): Promise<readonly PlannedItem[]> {
    const first = position - (position % PLAN_PAGE);
    const row = await this.#store.row(OPERATION_SCOPE, PLANS, pageKey(id, first));
    if (row === undefined) throw new TenfoldError('gone', `The plan of operation ${id} is kept no longer. Plan anew.`);
    const page = planPage.parse(JSON.parse(Buffer.from(row.value).toString('utf8')));
    return page.slice(position - first).map(([id, as]) => ({ id, as }));
  }

  /** Writes those of the items from this place of the plan on, in place of earlier ones. */
  async writeResults(id: string, position: number, items: readonly ItemResult[]): Promise<void> {
    await this.#store.apply(OPERATION_SCOPE, [rowOf(resultsOf(id), placeKey(position), items)]);
  }

  async results(
    id: string,
    limit: number,
    after: string | undefined,
  ): Promise<{ readonly pages: readonly (readonly ItemResult[])[]; readonly next: string | undefined }> {
    const { rows, next } = await this.#store.scan(OPERATION_SCOPE, resultsOf(id), { limit, after });
    const pages = rows.map(({ value }) => results.parse(JSON.parse(Buffer.from(value).toString('utf8'))));
    return {
      pages: pages.map(page =>
        page.map(({ message, ...rest }) => (message === undefined ? rest : { ...rest, message })),
      ),
      next,
    };
  }
}

function rowOf(table: string, key: string, value: unknown): Extract<Change, { readonly kind: 'put-row' }> {
  return { kind: 'put-row', table, key, value: JSON.stringify(value), ttlMs: KEPT_MS };
}

function rowKey(table: string, key: string): Change {
  return { kind: 'delete-row', table, key };
}

const resultsOf = (id: string) => `results/${id}`;

/** In the order of numbers. */
const placeKey = (place: number) => String(place).padStart(12, '0');

const pageKey = (id: string, place: number) => `${id}/${placeKey(place)}`;
