// The open windows of one partition, found by key and time: of a fixed size, or as long as events
// come.
import { TimeHeap } from '../../time-heap.ts';
import { inResultOrder, type OpenWindow, openWindow } from './open-window.ts';
import type { WindowPlan } from './window-plan.ts';

/** Windows that an event belongs to, and that do not count it: they are closed. */
export interface Missed {
  /** The start of the last one of them. */
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

export class WindowSet {
  readonly #plan: WindowPlan;
  /**
   * Windows by the time of their end. A session that goes on is looked at again when its turn
   * comes.
   */
  readonly #order = new TimeHeap<OpenWindow>();
  /** Fixed windows by start, then key. */
  readonly #fixed = new Map<number, Map<string, OpenWindow>>();
  /** Sessions by key, in no order. */
  readonly #sessions = new Map<string, OpenWindow[]>();
  /** Rows of sessions that became part of others. */
  readonly moved: OpenWindow[] = [];
  #count = 0;

  constructor(plan: WindowPlan) {
    this.#plan = plan;
  }

  get size(): number {
    return this.#count;
  }

  /** Event time at which the next window may have to be closed. */
  get nextClose(): number {
    return this.#order.next;
  }

  closesAt(end: number): number {
    const { shape, lateness } = this.#plan;
    // An event at the very end of a session goes on with it, so that moment must be over.
    return end + lateness + (shape.kind === 'session' ? 1 : 0);
  }

  /** Restores a window as it was stored. */
  restore(window: OpenWindow): void {
    this.#count++;
    this.#order.add(this.closesAt(window.end), window);
    if (this.#plan.shape.kind === 'fixed') this.#keysAt(window.start).set(window.key, window);
    else this.#sessionsOf(window.key).push(window);
  }

  /**
   * Open windows that an event belongs to, valid until the next call. Answers with those for which
   * it is late.
   */
  windowsFor(key: string, time: number, watermark: number, found: OpenWindow[]): Missed | undefined {
    found.length = 0;
    const { shape } = this.#plan;
    if (shape.kind === 'session') return this.#sessionFor(key, time, watermark, shape, found);
    const { size, every } = shape;
    for (let start = Math.floor(time / every) * every; start > time - size; start -= every) {
      if (this.closesAt(start + size) <= watermark) {
        return { start, end: start + size, count: Math.ceil((start + size - time) / every) };
      }
      const keys = this.#keysAt(start);
      let window = keys.get(key);
      if (window === undefined) {
        window = openWindow(this.#plan, key, start, start + size);
        keys.set(key, window);
        this.#count++;
        this.#order.add(this.closesAt(start + size), window);
      }
      found.push(window);
    }
    return undefined;
  }

  /** Closes windows that are over and removes them, earliest first, keys in order. */
  close(watermark: number): OpenWindow[] {
    const closed: OpenWindow[] = [];
    while (this.#order.next <= watermark) {
      const window = this.#order.take();
      if (window === undefined || window.gone) continue;
      const at = this.closesAt(window.end);
      if (at > watermark) this.#order.add(at, window);
      else closed.push(window);
    }
    for (const window of closed) this.#remove(window);
    return closed.sort(inResultOrder);
  }

  /**
   * Windows that would be closed by then, and that were not reported as they are now, in the same
   * order; they stay.
   */
  overBy(time: number): OpenWindow[] {
    const over: OpenWindow[] = [];
    for (const window of this) {
      if (this.closesAt(window.end) <= time && (window.unsent || !window.said)) over.push(window);
    }
    return over.sort(inResultOrder);
  }

  *[Symbol.iterator](): Generator<OpenWindow> {
    for (const keys of this.#fixed.values()) yield* keys.values();
    for (const sessions of this.#sessions.values()) yield* sessions;
  }

  #sessionFor(
    key: string,
    time: number,
    watermark: number,
    { gap, size }: { readonly gap: number; readonly size: number },
    found: OpenWindow[],
  ): Missed | undefined {
    const sessions = this.#sessionsOf(key);
    let session: OpenWindow | undefined;
    // They are sorted, so that merged sessions do not depend on the order of loading.
    for (const other of [...sessions].sort((a, b) => a.start - b.start)) {
      if (this.closesAt(other.end) <= watermark || time > other.end || time < other.start - gap) continue;
      const start = Math.min(other.start, session?.start ?? time);
      const end = Math.max(other.end, session?.end ?? time + gap, time + gap);
      if (end - start > size) continue;
      if (session) this.#absorb(session, other);
      else session = other;
      if (start !== session.start) this.#rename(session, start);
      session.end = end;
    }
    if (session === undefined) {
      if (this.closesAt(time + gap) <= watermark) {
        if (sessions.length === 0) this.#sessions.delete(key);
        return { start: time, end: time + gap, count: 1 };
      }
      session = openWindow(this.#plan, key, time, time + gap);
      sessions.push(session);
      this.#count++;
      this.#order.add(this.closesAt(session.end), session);
    }
    found.push(session);
    return undefined;
  }

  #absorb(session: OpenWindow, other: OpenWindow): void {
    for (const [index, result] of session.results.entries()) {
      const added = other.results[index];
      if (added) result.merge(added);
    }
    session.unsent ||= other.unsent;
    this.moved.push({ ...other });
    this.#remove(other);
  }

  /** A session that begins earlier now is another row. */
  #rename(session: OpenWindow, start: number): void {
    this.moved.push({ ...session });
    session.start = start;
  }

  #remove(window: OpenWindow): void {
    window.gone = true;
    this.#count--;
    if (this.#plan.shape.kind === 'fixed') {
      const keys = this.#fixed.get(window.start);
      keys?.delete(window.key);
      if (keys?.size === 0) this.#fixed.delete(window.start);
      return;
    }
    const left = this.#sessionsOf(window.key).filter(each => each !== window);
    if (left.length === 0) this.#sessions.delete(window.key);
    else this.#sessions.set(window.key, left);
  }

  #keysAt(start: number): Map<string, OpenWindow> {
    let keys = this.#fixed.get(start);
    if (keys === undefined) {
      keys = new Map();
      this.#fixed.set(start, keys);
    }
    return keys;
  }

  #sessionsOf(key: string): OpenWindow[] {
    let sessions = this.#sessions.get(key);
    if (sessions === undefined) {
      sessions = [];
      this.#sessions.set(key, sessions);
    }
    return sessions;
  }
}
