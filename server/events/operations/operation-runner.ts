// Carries out operations that have been started. Each is one process's at a time, and the next one
// goes on where it ended.
import type { ItemResult } from '../../../admin/commands/operation-view.ts';
import { isRetryable, TenfoldError } from '../../../core/errors.ts';
import type { Incarnation } from '../../../core/incarnation.ts';
import { every } from '../../../core/retry/every.ts';
import { sleep, type World } from '../../../core/world.ts';
import type { OperationStore, Versioned } from './operation-store.ts';
import type { OperationTargets } from './operation-targets.ts';
import { hasEnded, type StoredOperation } from './stored-operation.ts';

export interface RunnerOptions {
  readonly world: Pick<World, 'after' | 'random' | 'monotonic'>;
  readonly store: OperationStore;
  readonly targets: OperationTargets;
  readonly incarnation: Incarnation;
  /** An operation has ended: for the audit log. */
  readonly ended: (operation: StoredOperation) => void;
  readonly problem: (message: string, error: unknown) => void;
}

export interface OperationRunner {
  /** There may be something to do: an operation was started or resumed. */
  look(): void;
  close(): Promise<void>;
}

const LOOK_MS = 1_000;
const AGAIN_MS = 1_000;

export function runOperations(options: RunnerOptions): OperationRunner {
  return new Runner(options);
}

class Runner implements OperationRunner {
  readonly #options: RunnerOptions;
  readonly #running = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  readonly #looking: Promise<void>;

  constructor(options: RunnerOptions) {
    this.#options = options;
    const site = { world: options.world, signal: this.#closing.signal };
    this.#looking = every(LOOK_MS, () => this.#look(), site);
    this.look();
  }

  look(): void {
    void this.#look();
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The worker ends.'));
    await this.#looking;
    await Promise.all(this.#running.values());
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { store, problem } = this.#options;
    try {
      for (const id of await store.active()) {
        if (this.#running.has(id) || this.#closing.signal.aborted) continue;
        this.#running.set(
          id,
          this.#run(id).finally(() => this.#running.delete(id)),
        );
      }
    } catch (error) {
      if (!isRetryable(error)) problem('Operations cannot be looked for', error);
    }
  }

  /** Never rejects. The next look tries again. */
  async #run(id: string): Promise<void> {
    const { store, problem } = this.#options;
    try {
      const held = await this.#claim(await store.read(id));
      if (held) await this.#carryOut(held);
    } catch (error) {
      if (error instanceof TenfoldError && error.code === 'not-found') await store.setActive(id, false).catch(() => {});
      else if (!this.#closing.signal.aborted && !isRetryable(error)) problem(`Operation ${id} cannot go on`, error);
    }
  }

  /** Undefined where there is nothing to do, or another process does it. */
  async #claim({ operation, version }: Versioned): Promise<{ held: Versioned; again: boolean } | undefined> {
    const { store, incarnation } = this.#options;
    const { state, owner } = operation;
    if (state !== 'running' && !hasEnded(operation)) return undefined;
    if (owner !== undefined && owner !== incarnation.id && !(await incarnation.isOver(owner))) return undefined;
    if (hasEnded(operation)) {
      await this.#release({ operation, version });
      return undefined;
    }
    const held = await store.replace({ ...operation, owner: incarnation.id }, version);
    return held && { held, again: owner !== undefined };
  }

  async #carryOut({ held: first, again: mayRepeat }: { held: Versioned; again: boolean }): Promise<void> {
    const { world, store, targets } = this.#options;
    const { signal } = this.#closing;
    const { id, action, consumer, rate, hasEdit } = first.operation;
    const edit = hasEdit ? await store.editOf(id) : undefined;
    const target = targets(action);
    const most = Math.min(target.most, rate ?? target.most);
    let held: Versioned | undefined = first;
    let again = mayRepeat;
    while (held?.operation.state === 'running') {
      signal.throwIfAborted();
      const began = world.monotonic();
      const before: Versioned = held;
      const { position, total } = held.operation;
      if (position >= total) {
        const endedAt = await store.now();
        held = await this.#save(held, ({ problem: _, ...now }) => ({ ...now, state: 'done', endedAt }));
        continue;
      }
      try {
        const items = (await store.itemsFrom(id, position)).slice(0, most);
        const results = await target.act({ action, consumer, items, edit, again }, signal);
        await store.writeResults(id, position, results);
        held = await this.#save(before, now => counted(now, results));
        again = false;
      } catch (error) {
        signal.throwIfAborted();
        again = true;
        held = await this.#failed(before, error);
        continue;
      }
      const pause = rate === undefined ? 0 : (most * 1000) / rate - (world.monotonic() - began);
      if (pause <= 0 || held?.operation.state !== 'running') continue;
      await sleep(world, pause, signal);
      held = await this.#newest(held);
    }
    if (held !== undefined) await this.#release(held);
  }

  /**
   * The operation with the change, whatever people have decided about it meanwhile; undefined where
   * it is another process's by now.
   */
  async #save(
    { operation, version }: Versioned,
    change: (now: StoredOperation) => StoredOperation,
  ): Promise<Versioned | undefined> {
    const written = await this.#options.store.replace(change(operation), version);
    if (written) return written;
    const now = await this.#newest({ operation, version });
    return now && this.#save(now, change);
  }

  /** As people have left it meanwhile; undefined where it is another process's by now. */
  async #newest({ operation }: Versioned): Promise<Versioned | undefined> {
    const { store, incarnation } = this.#options;
    const now = await store.read(operation.id);
    const isOurs = now.operation.owner === incarnation.id && now.operation.position === operation.position;
    return isOurs ? now : undefined;
  }

  /** It has a problem, and is tried again after a pause; without its plan it has failed. */
  async #failed(held: Versioned, error: unknown): Promise<Versioned | undefined> {
    const { world, store, problem: tell } = this.#options;
    const problem = error instanceof Error ? error.message : String(error);
    const isLost = error instanceof TenfoldError && error.code === 'gone';
    if (!(error instanceof TenfoldError)) tell(`Operation ${held.operation.id} failed, and goes on`, error);
    await sleep(world, AGAIN_MS, this.#closing.signal);
    if (held.operation.problem === problem && !isLost) return this.#newest(held);
    const endedAt = await store.now();
    return this.#save(held, now => (isLost ? { ...now, problem, state: 'failed', endedAt } : { ...now, problem }));
  }

  /** All that was asked for has its result: who goes on need not ask again. */
  async #release(held: Versioned): Promise<void> {
    const endedAt = await this.#options.store.now();
    const saved = await this.#save(held, ({ owner: _, ...now }) =>
      now.state === 'stopped' ? { ...now, endedAt } : now,
    );
    if (saved && hasEnded(saved.operation)) await this.#finish(saved.operation);
  }

  /** Told before it is forgotten: a crash between them tells it twice. */
  async #finish(operation: StoredOperation): Promise<void> {
    this.#options.ended(operation);
    await this.#options.store.setActive(operation.id, false);
  }
}

function counted({ problem: _, ...now }: StoredOperation, results: readonly ItemResult[]): StoredOperation {
  const of = (outcome: ItemResult['outcome']) => results.filter(each => each.outcome === outcome).length;
  return {
    ...now,
    position: now.position + results.length,
    done: now.done + of('done'),
    refused: now.refused + of('refused'),
    inDoubt: now.inDoubt + of('in-doubt'),
  };
}
