// Keeps what a page shows up to date: it asks again when it hears of a change that matters, and
// every few seconds where no changes can be followed.
import { useEffect, useRef, useState } from 'preact/hooks';
import { betweenInputs } from './between-inputs.ts';
import { type Change, type News, onNews, streamState } from './changes.ts';

const EVERY_MS = 4_000;
/** While changes arrive, as some answers also change by the passing of time. */
const LIVE_EVERY_MS = 30_000;
/** After a failure it waits longer. */
const AFTER_FAILURE_MS = 10_000;
const LEAST_GAP_MS = 2_000;
/** Asking takes at most this part of the time, unless the longest gap is over. */
const SHARE = 1 / 5;
const LONGEST_GAP_MS = 10_000;

export interface Live<T> {
  /** The newest answer; undefined before the first. */
  readonly data: T | undefined;
  /** Why the newest question had no answer; undefined when it had. */
  readonly error: Error | undefined;
  /** When the data came, milliseconds since 1970. */
  readonly at: number | undefined;
  /** Asks again now. */
  again(): void;
}

export interface LiveOptions<T> {
  /**
   * The answer depends on `all` of a changed thing, or on a part: the page asks again when another
   * part comes for it. Undefined: the answer does not depend on it.
   */
  readonly on?: (change: Change) => 'all' | { readonly part: string } | undefined;
  /** Takes changes into the answer, in place of asking again. */
  readonly apply?: (data: T, changes: readonly Change[]) => T;
  /** How often it asks where no changes can be followed. */
  readonly everyMs?: number;
  /** No change tells of the answer, so it asks as often while changes arrive. */
  readonly isUntold?: true;
}

/**
 * `key` tells one question from another: what an earlier one brought is dropped. Undefined `load`
 * asks nothing.
 */
export function useLive<T>(
  key: string,
  load: ((signal: AbortSignal) => Promise<T>) | undefined,
  options: LiveOptions<T> = {},
): Live<T> {
  const [state, setState] = useState<{ key: string } & Omit<Live<T>, 'again'>>(() => nothing(key));
  const asked = useRef<() => void>(() => {});
  const newest = useRef({ load, options });
  newest.current = { load, options };
  const isAsking = load !== undefined;
  useEffect(() => {
    if (!isAsking) return;
    const watch = new Watch<T>(
      signal => newest.current.load?.(signal),
      () => newest.current.options,
      set => setState(before => ({ ...(before.key === key ? before : nothing<T>(key)), ...set })),
    );
    asked.current = () => watch.askNow();
    watch.begin();
    return () => watch.end();
  }, [key, isAsking]);
  const shown = state.key === key ? state : nothing<T>(key);
  return { ...shown, again: () => asked.current() };
}

function nothing<T>(key: string): { key: string } & Omit<Live<T>, 'again'> {
  return { key, data: undefined, error: undefined, at: undefined };
}

class Watch<T> {
  readonly #load: (signal: AbortSignal) => Promise<T> | undefined;
  readonly #options: () => LiveOptions<T>;
  readonly #tell: (set: Partial<Live<T>>) => void;
  readonly #ended = new AbortController();
  readonly #look = () => {
    if (!document.hidden) this.askNow();
  };
  readonly #seen = new Map<string, string>();
  #leave: readonly (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #data: T | undefined;
  /** When the newest question began, and how long its answer took. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #tookMs = 0;
  #isAsking = false;
  /** The answer that is under way is not enough. */
  #isWanted: 'now' | 'soon' | undefined;
  #hasFailed = false;
  /** The page shows an answer, or why there is none. */
  #hasSaid = false;
  /** Changes that came while it asked; the answer may be from before them. */
  #missed: Change[] = [];

  constructor(
    load: (signal: AbortSignal) => Promise<T> | undefined,
    options: () => LiveOptions<T>,
    tell: (set: Partial<Live<T>>) => void,
  ) {
    this.#load = load;
    this.#options = options;
    this.#tell = tell;
  }

  begin(): void {
    document.addEventListener('visibilitychange', this.#look);
    let isLive = streamState.value.is === 'live';
    const leaveState = streamState.subscribe(({ is }) => {
      // The answer says whether the platform is away, or only the stream.
      if (isLive !== (is === 'live') && is !== 'rests') this.#askSoon();
      isLive = is === 'live';
    });
    this.#leave = [onNews(news => this.#hear(news)), leaveState];
    void this.#ask();
  }

  end(): void {
    document.removeEventListener('visibilitychange', this.#look);
    for (const leave of this.#leave) leave();
    clearTimeout(this.#timer);
    this.#ended.abort();
  }

  askNow(): void {
    clearTimeout(this.#timer);
    if (this.#isAsking) this.#isWanted = 'now';
    else void this.#ask();
  }

  /** Asks when enough time has passed since it did, so that many changes are one question. */
  #askSoon(): void {
    if (this.#isAsking) {
      this.#isWanted ??= 'soon';
      return;
    }
    clearTimeout(this.#timer);
    const gap = Math.min(Math.max(LEAST_GAP_MS, this.#tookMs / SHARE), LONGEST_GAP_MS);
    this.#timer = setTimeout(() => this.askNow(), Math.max(0, this.#askedAt + gap - performance.now()));
  }

  #hear(news: News): void {
    const matters = news === 'all' ? news : news.filter(change => this.#isNew(change));
    if (matters.length === 0) return;
    const { apply } = this.#options();
    if (matters === 'all' || apply === undefined || this.#data === undefined) {
      this.#askSoon();
      return;
    }
    if (this.#isAsking) this.#missed.push(...matters);
    this.#data = apply(this.#data, matters);
    this.#say({ data: this.#data, error: undefined, at: Date.now() });
  }

  #isNew(change: Change): boolean {
    const found = this.#options().on?.(change);
    if (found === undefined || found === 'all') return found !== undefined;
    const { what, kind, namespace = '', name } = change;
    const key = `${what} ${kind} ${namespace}/${name}`;
    if (this.#seen.get(key) === found.part) return false;
    this.#seen.set(key, found.part);
    return true;
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    this.#isWanted = undefined;
    this.#missed = [];
    this.#askedAt = performance.now();
    try {
      const loaded = await this.#load(this.#ended.signal);
      if (this.#ended.signal.aborted) return;
      this.#hasFailed = false;
      this.#take(loaded);
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      this.#hasFailed = true;
      this.#say({ error: error instanceof Error ? error : new Error(String(error)) });
    } finally {
      this.#tookMs = performance.now() - this.#askedAt;
      this.#isAsking = false;
    }
    if (this.#isWanted === 'now') this.askNow();
    else if (this.#isWanted === 'soon') this.#askSoon();
    else this.#askLater();
  }

  #take(loaded: T | undefined): void {
    const { apply } = this.#options();
    const missed = this.#missed.length > 0 && loaded !== undefined ? apply?.(loaded, this.#missed) : undefined;
    this.#data = missed ?? loaded;
    this.#say({ data: this.#data, error: undefined, at: Date.now() });
  }

  #say(set: Partial<Live<T>>): void {
    // Somebody who has gone to a page by a key waits for its first answer.
    const isFirst = !this.#hasSaid;
    this.#hasSaid = true;
    if (isFirst) {
      this.#tell(set);
      return;
    }
    betweenInputs(() => {
      if (!this.#ended.signal.aborted) this.#tell(set);
    });
  }

  #askLater(): void {
    // A page that nobody looks at asks nothing until somebody does.
    if (document.hidden) return;
    const { everyMs = EVERY_MS, isUntold } = this.#options();
    const pause = streamState.value.is === 'live' && !isUntold ? LIVE_EVERY_MS : everyMs;
    this.#timer = setTimeout(() => this.askNow(), this.#hasFailed ? AFTER_FAILURE_MS : pause);
  }
}
