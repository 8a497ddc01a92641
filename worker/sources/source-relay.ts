// Reads the outbox of one Topic as long as this process has the claim to it. Rows are removed or
// marked once their events are durable in the log, and no sooner.
import { TenfoldError } from '../../core/errors.ts';
import { jittered } from '../../core/retry/backoff.ts';
import { counted } from '../../core/units/counted.ts';
import { unlessAborted } from '../../core/unless-aborted.ts';
import { sleep, type World } from '../../core/world.ts';
import type { EventLog, NewRecord } from '../../drivers/event-log/event-log.ts';
import type { OutboxReader, OutboxRow } from '../../drivers/outbox/outbox.ts';
import { keepOwning } from '../owner-loop.ts';
import { SourceClaim, type SourceClaimSite } from './source-claim.ts';
import { newSourceFigures, type RowAside, type SourceFigures, sourceFailureOf } from './source-figures.ts';
import { createRowReader, RefusedRow, type SourcePlan, toRefused } from './source-plan.ts';

export interface SourceSite extends SourceClaimSite {
  readonly world: World;
  readonly log: Pick<EventLog, 'append'>;
  /** `signal` ends the reader. */
  open(plan: SourcePlan, signal: AbortSignal): Promise<OutboxReader>;
  readonly observer: SourceObserver;
}

/** Told by the process that reads the source. Must not throw. */
export interface SourceObserver {
  /** Once for each row. */
  refused(plan: SourcePlan, row: RowAside): void;
  /** It is tried again. Told once until it goes on. */
  away(plan: SourcePlan, message: string): void;
  back(plan: SourcePlan): void;
}

/** A process without the claim asks for it so often. */
const LOOK_MS = 2_000;
/** So many looks after a failure another process reads it. */
const LOOKS_OF_OTHERS = 5;
/** After a look that has found rows. The next ones are often not far. */
const SOON_MS = 20;
/** Rows that became no event are tried again so often, as somebody may have mended them. */
const ASIDE_MS = 60_000;
/** With more of them it reads no further, so that nobody overlooks them. */
const ASIDE_MOST = 1_000;
const BATCH_BYTES = 8 << 20;
const COUNT_MS = 5_000;
const WAITING_MOST = 100_000;
/** A process that stood still before its append no longer appends: rows may be another's by now. */
const STALE_MS = 60_000;

export class SourceRelay {
  readonly figures: SourceFigures = newSourceFigures();
  readonly #site: SourceSite;
  readonly #plan: SourcePlan;
  readonly #recordOf: (row: OutboxRow) => NewRecord;
  readonly #claim: SourceClaim;
  /** Begins nothing new. */
  readonly #closing = new AbortController();
  /** Ends what goes on. */
  readonly #ending = new AbortController();
  /** Rows aside, by their ids, whenever they were seen. */
  #known = new Map<string, RowAside>();
  /** The present pass leaves these out. */
  readonly #without = new Set<string>();
  #passSince = 0;
  #countedAt = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => {};
  #isTold = false;
  /** It was told that the source cannot be read. */
  #isAway = false;
  readonly #ended: Promise<void>;

  /** `before`: ends first. */
  constructor(site: SourceSite, plan: SourcePlan, before: Promise<unknown> = Promise.resolve()) {
    this.#site = site;
    this.#plan = plan;
    this.#recordOf = createRowReader(plan);
    this.#claim = new SourceClaim(site, plan.key);
    const { signal } = this.#closing;
    this.#ended = before.then(() =>
      keepOwning({
        world: site.world,
        signal,
        own: () => this.#own(),
        superseded: () => this.#standBy(),
        trouble: (error, message) => this.#failed(error, message),
      }),
    );
  }

  /** Rows that were read may get into the log and out of the table within the grace. */
  async close(graceMs: number): Promise<void> {
    this.#closing.abort(new Error('The source is closed.'));
    this.#wake();
    const patience = new AbortController();
    await Promise.race([this.#ended, sleep(this.#site.world, graceMs, patience.signal).catch(() => undefined)]);
    patience.abort();
    this.#ending.abort(new Error('The source is closed.'));
    await this.#ended;
  }

  async #own(): Promise<string> {
    const { signal } = this.#closing;
    for (let looks = 0; !(await this.#claim.take()); looks++) {
      this.#standBy();
      // The others read it, and do not only take turns in failing.
      if (looks === LOOKS_OF_OTHERS) this.#isAway = false;
      await this.#pause(jittered(LOOK_MS, this.#site.world.random()));
      if (signal.aborted) return 'it is closed';
    }
    let outbox: OutboxReader | undefined;
    try {
      outbox = await this.#site.open(this.#plan, this.#ending.signal);
      return await this.#relay(outbox);
    } finally {
      await outbox?.close();
      await this.#claim.release();
    }
  }

  async #relay(outbox: OutboxReader): Promise<string> {
    const { world } = this.#site;
    const { poll } = this.#plan.spec;
    outbox.listen(() => {
      this.#isTold = true;
      this.#wake();
    });
    this.#beginPass();
    while (!this.#closing.signal.aborted) {
      if (!(await this.#claim.keep())) return 'another process reads the source';
      this.#isTold = false;
      const read = await this.#readNext(outbox);
      this.#goesOn();
      if (read === undefined) {
        // Another installation, or a process whose claim is over and whose transaction is not.
        await this.#pause(jittered(LOOK_MS, world.random()));
        continue;
      }
      if (read.isFull) {
        this.figures.ageMs = read.ageMs;
        await this.#count(outbox);
        continue;
      }
      this.#endPass();
      if (!this.#isTold) await this.#pause(read.rows > 0 ? Math.min(SOON_MS, poll) : poll);
    }
    return 'it is closed';
  }

  #readNext(outbox: OutboxReader) {
    const { world } = this.#site;
    const { spec, resource } = this.#plan;
    if (this.#without.size >= ASIDE_MOST) {
      const [first = ''] = this.#without;
      throw new TenfoldError(
        'storage-unusable',
        `${counted(this.#without.size, 'row')} of the table "${spec.table}" become no event, the first is "${first}" (${this.#known.get(first)?.message}); it reads no further.`,
      );
    }
    const look = {
      most: spec.batch,
      bytes: BATCH_BYTES,
      rowBytes: resource.spec.maxSize,
      without: [...this.#without],
    };
    const since = world.monotonic();
    // A log that does not answer must not hold up the end of the process.
    return outbox.read(look, rows => unlessAborted(this.#handOver(rows, since), this.#ending.signal));
  }

  /** Resolves with the ids of the rows whose events are in the log. */
  async #handOver(rows: readonly OutboxRow[], since: number): Promise<readonly string[]> {
    const { world, log } = this.#site;
    const ready = rows.flatMap(row => {
      try {
        return [{ id: row.id, record: this.#recordOf(row) }];
      } catch (error) {
        this.#setAside(row.id, error);
        return [];
      }
    });
    if (ready.length === 0) return [];
    if (world.monotonic() - since >= STALE_MS) {
      throw new TenfoldError('timeout', 'The rows were read too long ago; they are read again.');
    }
    let done = ready;
    try {
      await log.append(
        this.#plan.topic,
        ready.map(({ record }) => record),
      );
    } catch (error) {
      if (!isOfOneRecord(error)) throw error;
      // The log does not take one of them. Others may be there twice now, with the same ids.
      done = [];
      for (const one of ready) if (await this.#appendAlone(one)) done.push(one);
    }
    for (const { id } of done) this.#known.delete(id);
    this.figures.read += done.length;
    return done.map(({ id }) => id);
  }

  async #appendAlone({ id, record }: { readonly id: string; readonly record: NewRecord }): Promise<boolean> {
    try {
      await this.#site.log.append(this.#plan.topic, [record]);
      return true;
    } catch (error) {
      if (!isOfOneRecord(error)) throw error;
      this.#setAside(id, toRefused(error));
      return false;
    }
  }

  /** Throws an error that is none of the row. */
  #setAside(id: string, error: unknown): void {
    if (!(error instanceof RefusedRow)) throw error;
    const row: RowAside = { id, refusal: error.refusal, message: error.message };
    this.#without.add(id);
    const isNew = !this.#known.has(id);
    this.#known.set(id, row);
    if (!isNew) return;
    this.figures.refused[row.refusal]++;
    this.#site.observer.refused(this.#plan, row);
    this.figures.aside = [...this.#known.values()];
  }

  #beginPass(): void {
    this.#without.clear();
    this.#passSince = this.#site.world.monotonic();
  }

  /** All rows were seen. Somebody has mended or removed the rows aside that were not. */
  #endPass(): void {
    if (this.#known.size > this.#without.size) {
      this.#known = new Map([...this.#known].filter(([id]) => this.#without.has(id)));
    }
    this.figures.aside = [...this.#known.values()];
    this.figures.waiting = this.#without.size;
    this.figures.ageMs = this.#plan.spec.columns.time === undefined ? undefined : 0;
    if (this.#without.size > 0 && this.#site.world.monotonic() - this.#passSince >= ASIDE_MS) this.#beginPass();
  }

  async #count(outbox: OutboxReader): Promise<void> {
    const now = this.#site.world.monotonic();
    if (now - this.#countedAt < COUNT_MS) return;
    this.#countedAt = now;
    this.figures.waiting = await outbox.waiting(WAITING_MOST);
  }

  #goesOn(): void {
    const { figures } = this;
    if (this.#isAway) this.#site.observer.back(this.#plan);
    this.#isAway = false;
    figures.state = 'running';
    figures.lastError = undefined;
    figures.failingSince = undefined;
  }

  /** Another process knows more of it from now on. */
  #standBy(): void {
    this.#known.clear();
    const unknown = { waiting: undefined, ageMs: undefined, lastError: undefined, failingSince: undefined };
    Object.assign(this.figures, { state: 'standby', aside: [], ...unknown } satisfies Partial<SourceFigures>);
  }

  #failed(error: unknown, message: string): void {
    const { figures } = this;
    figures.failures[sourceFailureOf(error)]++;
    if (!this.#isAway) this.#site.observer.away(this.#plan, message);
    this.#isAway = true;
    figures.failingSince ??= this.#site.world.now();
    figures.state = 'failing';
    figures.lastError = message;
    figures.waiting = undefined;
    figures.ageMs = undefined;
  }

  /** Ends early when it is told of a row, or closed. */
  #pause(ms: number): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.resolve();
    return new Promise(resolve => {
      const timer = this.#site.world.after(ms, () => this.#wake());
      this.#wake = () => {
        timer.cancel();
        this.#wake = () => {};
        resolve();
      };
    });
  }
}

/** The log refuses a record for what it is. A topic may not have been made yet. */
function isOfOneRecord(error: unknown): boolean {
  return error instanceof TenfoldError && !error.retryable && !['not-found', 'data-corrupt'].includes(error.code);
}
