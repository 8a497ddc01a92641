// One answer of server-sent events (HTML, section 9.2) that tells the state of a platform, and then
// each change. It sends the parts that its reader lacks at that moment, so a slow reader skips
// states.
import { createHash } from 'node:crypto';
import type { Response } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import { type Timer, toTimestamp } from '../../core/world.ts';
import type { Scope } from '../access/scope.ts';
import type { ChangesEnded, ChangesReset, ChangesSynced } from './change.ts';
import { type ChangeFilter, isWanted } from './change-filter.ts';
import type { Live, LiveReader } from './live.ts';
import type { LiveEntry } from './live-state.ts';

export const HEARTBEAT_MS = 15_000;
/** A reader that takes nothing for so long is cut off. */
const STUCK_MS = 120_000;
/** An answer that is over has so long to be read. */
const END_MS = 1_000;
const SLOW = 'You were away for too long.';
/** Browsers connect again after this time. */
const RETRY_MS = 2_000;

export interface ChangeStreamOptions {
  readonly live: Live;
  readonly response: Response;
  /** The name of the caller. */
  readonly caller: string;
  readonly filter: ChangeFilter;
  readonly scope: Scope;
  /** The namespaces that there are. */
  namespaces(): ReadonlySet<string>;
  /** Whether the resources are known; before, nobody can tell all that a caller may see. */
  isLoaded(): boolean;
  /** The reader knows the state from elsewhere, and wants only what changes from now on. */
  readonly fromLatest: boolean;
  /** `Last-Event-ID` of the request. */
  readonly lastId: string | undefined;
}

export class ChangeStream implements LiveReader {
  readonly caller: string;
  readonly #options: ChangeStreamOptions;
  readonly #leave: () => void;
  #heartbeat: Timer | undefined;
  /** Undefined: all of them. */
  #visible: ReadonlySet<string> | undefined;
  /** Whether that was decided when the resources were known. */
  #isScopeKnown = true;
  #hash = '';
  /** The number of the newest change that it has dealt with; undefined until the state is known. */
  #number: number | undefined;
  /** Names of what was gone before it began are no news. */
  #goneFrom = 0;
  #isSynced = false;
  /** Why the state that it was told is void; undefined while it is not. */
  #resetWhy: string | undefined;
  #stuckSince: number | undefined;
  #isOver = false;

  /** Throws as `Live.join` does. */
  constructor(options: ChangeStreamOptions) {
    const { live, response, caller, scope, namespaces } = options;
    this.caller = caller;
    this.#options = options;
    this.#see(scope.all ? undefined : new Set([...namespaces()].filter(scope.has)));
    this.#leave = live.join(this);
    response.once('close', () => this.#finish());
    response.on('drain', () => this.#drained());
    response.status(200).setHeader('content-type', 'text/event-stream');
    response.setHeader('cache-control', 'no-store, no-transform');
    // nginx would hold the events back.
    response.setHeader('x-accel-buffering', 'no');
    response.flushHeaders();
    response.write(`retry: ${RETRY_MS}\n\n`);
    this.#beat();
    if (live.isFresh) this.news();
  }

  news(): void {
    if (this.#isOver || this.#stuckSince !== undefined) return;
    const { live } = this.#options;
    if (this.#number === undefined) this.#begin();
    else if (Math.max(this.#number, this.#goneFrom) < live.state.forgotten) this.#resetWhy = SLOW;
    if (this.#resetWhy !== undefined && !this.#reset(this.#resetWhy)) return;
    for (const entry of live.state.after(this.#number ?? 0)) {
      this.#number = entry.number;
      if (!this.#isNews(entry)) continue;
      if (!this.#send(entry.isGone ? 'gone' : 'changed', this.#textOf(entry))) return;
    }
    if (this.#isSynced || this.#isLoading) return;
    this.#isSynced = true;
    const synced: ChangesSynced = { at: toTimestamp(live.world.now()) };
    this.#send('synced', JSON.stringify(synced));
  }

  /** The caller may see something else from now on. */
  rescope(scope: Scope): void {
    const before = this.#visible;
    if (before === undefined) {
      if (!scope.all) this.end(takenBack('all namespaces'));
      return;
    }
    const there = this.#options.namespaces();
    const lost = [...before].find(name => there.has(name) && !scope.has(name));
    if (lost !== undefined) {
      this.end(takenBack(`namespace "${lost}"`));
      return;
    }
    if (!scope.all && [...there].every(name => before.has(name) || !scope.has(name))) {
      if (this.#isScopeKnown) return;
      this.#see(before);
      if (this.#options.live.isFresh) this.news();
      return;
    }
    this.#see(scope.all ? undefined : new Set([...before, ...[...there].filter(scope.has)]));
    this.#resetWhy = 'You may see more than before.';
    if (this.#options.live.isFresh) this.news();
  }

  end({ code, message }: TenfoldError): void {
    if (this.#isOver) return;
    const { response, live } = this.#options;
    const ended: ChangesEnded = { code, message };
    response.end(`event: ended\ndata: ${JSON.stringify(ended)}\n\n`);
    this.#finish();
    const cut = live.world.after(END_MS, () => response.destroy());
    response.once('close', () => cut.cancel());
  }

  #begin(): void {
    const { live, lastId } = this.#options;
    const found = lastId === undefined ? this.#first : this.#toNumber(lastId);
    this.#goneFrom = lastId === undefined ? live.state.newest : 0;
    if (typeof found === 'number') this.#number = found;
    else this.#resetWhy = found;
  }

  /** The number from which a reader is told who has been told nothing. */
  get #first(): number {
    const { live, fromLatest } = this.#options;
    return fromLatest ? live.state.newest : 0;
  }

  /** Returns false when the reader must take something first. */
  #reset(reason: string): boolean {
    const reset: ChangesReset = { reason };
    this.#resetWhy = undefined;
    this.#number = this.#first;
    this.#goneFrom = this.#options.live.state.newest;
    this.#isSynced = false;
    return this.#send('reset', JSON.stringify(reset));
  }

  /** A place that can be gone on from, or the reason why it cannot. */
  #toNumber(id: string): number | string {
    const { live } = this.#options;
    const [epoch, text = '', hash] = id.split('-');
    if (epoch !== live.epoch || !/^\d{1,15}$/.test(text)) {
      return 'Another process told you the state from before, or this one has been away for too long.';
    }
    if (hash !== this.#hash) return 'You may see something else than before, or you ask for something else.';
    const number = Number(text);
    if (number > live.state.newest) return 'The platform has not told that change.';
    return number < live.state.forgotten ? SLOW : number;
  }

  /** Whether there may be resources that nobody knows yet. */
  get #isLoading(): boolean {
    const { live, filter } = this.#options;
    return filter.what.includes('resource') && (live.state.unknown.has('resource') || !this.#isScopeKnown);
  }

  #isNews(entry: LiveEntry): boolean {
    if (entry.isGone && entry.number <= this.#goneFrom) return false;
    const { namespace } = entry;
    const mayKnow = namespace === undefined || this.#visible === undefined || this.#visible.has(namespace);
    return mayKnow && isWanted(this.#options.filter, entry);
  }

  #textOf({ text, restricted }: LiveEntry): string {
    const visible = this.#visible;
    if (restricted === undefined || visible === undefined) return text;
    return [...restricted.namespaces].every(name => visible.has(name)) ? text : restricted.text;
  }

  #see(visible: ReadonlySet<string> | undefined): void {
    this.#visible = visible;
    this.#isScopeKnown = visible === undefined || this.#options.isLoaded();
    const { filter, fromLatest } = this.#options;
    const whose = [filter, fromLatest, visible === undefined ? 'all' : [...visible].sort()];
    this.#hash = createHash('sha256').update(JSON.stringify(whose)).digest('hex').slice(0, 12);
  }

  get #id(): string {
    return `${this.#options.live.epoch}-${this.#number ?? 0}-${this.#hash}`;
  }

  /** Returns false when the reader must take something first. */
  #send(event: string, data: string): boolean {
    const { response, live } = this.#options;
    const isOpen = response.write(`id: ${this.#id}\nevent: ${event}\ndata: ${data}\n\n`);
    if (!isOpen) this.#stuckSince = live.world.monotonic();
    return isOpen;
  }

  #drained(): void {
    this.#stuckSince = undefined;
    if (this.#options.live.isFresh) this.news();
  }

  /** Its id lets a reader whose filter matches nothing go on from here. */
  #beat(): void {
    const { response } = this.#options;
    const { world } = this.#options.live;
    this.#heartbeat = world.after(HEARTBEAT_MS, () => {
      if (this.#stuckSince === undefined)
        response.write(this.#isSynced ? `: alive\nid: ${this.#id}\n\n` : ': alive\n\n');
      else if (world.monotonic() - this.#stuckSince >= STUCK_MS) response.destroy();
      if (!this.#isOver) this.#beat();
    });
  }

  #finish(): void {
    this.#isOver = true;
    this.#heartbeat?.cancel();
    this.#leave();
  }
}

function takenBack(where: string): TenfoldError {
  return new TenfoldError('forbidden', `The right to view ${where} was taken back. Begin again for what is left.`);
}
