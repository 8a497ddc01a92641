// Follows the stream of changes of the platform, by one connection for all that a page shows, and
// goes on where it broke off.
import { signal } from '@preact/signals';
import type { Changed, ChangesEnded } from '../../admin/live/change.ts';
import { readServerEvents, type ServerEvent } from '../../core/http/server-events.ts';
import { pauseAfter } from '../../core/retry/backoff.ts';
import { parseRetryAfter } from '../../core/retry/retry-after.ts';
import { endSession, proofOfSession } from './session.ts';

/** Something that has changed; without a value it is gone. */
export type Change = Omit<Changed, 'value'> & { readonly value?: unknown };

/** `all`: anything may have changed. */
export type News = 'all' | readonly Change[];

export interface StreamState {
  /**
   * `begins`: not yet heard of. `live`: changes arrive as they happen. `away`: it broke off.
   * `refused`: the platform serves no more streams. `rests`: nobody looks at the page.
   */
  readonly is: 'begins' | 'live' | 'away' | 'refused' | 'rests';
  /** Milliseconds since 1970. */
  readonly since: number;
}

const ADDRESS = '/api/changes?from=latest';
/** The platform gives a sign of life each 15 s. */
const SILENT_MS = 40_000;
const AGAIN = { base: 2_000, max: 15_000 };
const REFUSED_MS = 10_000;
/** The least time between two times at which pages hear of changes. */
const TELL_MS = 250;
/** A browser has six connections to a host, and hidden pages must not use them up. */
const REST_AFTER_MS = 5_000;

export const streamState = signal<StreamState>({ is: 'begins', since: Date.now() });

/** Changes that pages have not heard of yet. */
let untold: Change[] = [];
let toldAt = Number.NEGATIVE_INFINITY;
const listeners = new Set<(news: News) => void>();

/** The returned function ends it. */
export function onNews(listener: (news: News) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** For as long as somebody is signed in. The returned function ends it. */
export function followChanges(): () => void {
  const follower = new Follower();
  follower.look();
  return () => follower.end();
}

class Follower {
  #connection: AbortController | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #lastId: string | undefined;
  #isSynced = false;
  readonly #looked = () => this.look();

  constructor() {
    document.addEventListener('visibilitychange', this.#looked);
  }

  end(): void {
    document.removeEventListener('visibilitychange', this.#looked);
    this.#stop();
    tellState('begins');
  }

  /** Begins where somebody looks at the page, and rests where nobody does. */
  look(): void {
    clearTimeout(this.#rest);
    if (document.hidden) {
      this.#rest = setTimeout(() => {
        this.#stop();
        tellState('rests');
      }, REST_AFTER_MS);
    } else if (this.#connection === undefined) {
      this.#connection = new AbortController();
      void this.#follow(this.#connection.signal);
    }
  }

  #stop(): void {
    clearTimeout(this.#rest);
    this.#connection?.abort();
    this.#connection = undefined;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const ended = await this.#read(signal).catch(() => ({ wasLive: false, pause: undefined }));
      if (signal.aborted) return;
      failures = ended.wasLive ? 1 : failures + 1;
      if (ended.pause === undefined) tellState('away');
      await sleep(ended.pause ?? pauseAfter(failures, AGAIN, Math.random()), signal);
    }
  }

  /** Resolves when the stream has ended. */
  async #read(signal: AbortSignal): Promise<{ readonly wasLive: boolean; readonly pause: number | undefined }> {
    const silence = new Silence();
    const headers = {
      accept: 'text/event-stream',
      ...proofOfSession(),
      ...(this.#lastId === undefined ? {} : { 'last-event-id': this.#lastId }),
    };
    let wasLive = false;
    try {
      const ends = AbortSignal.any([signal, silence.signal]);
      const response = await fetch(ADDRESS, { headers, credentials: 'same-origin', cache: 'no-store', signal: ends });
      if (response.status === 401) endSession();
      if (response.status === 429) {
        await response.body?.cancel();
        tellState('refused');
        return { wasLive: false, pause: refusedMs(response) };
      }
      if (!response.ok || response.body === null) return { wasLive: false, pause: undefined };
      for await (const event of readServerEvents(textOf(response.body, silence))) {
        const change = this.#take(event);
        if (change !== undefined) tellSoon(change);
        wasLive ||= event.event === 'synced';
      }
    } catch (error) {
      if (signal.aborted) throw error;
      // Some changes may not have been told: pages ask anew once it goes on.
      this.#isSynced = false;
    } finally {
      silence.end();
    }
    return { wasLive, pause: undefined };
  }

  #take({ id, event, data }: ServerEvent): Change | undefined {
    if (id !== '') this.#lastId = id;
    switch (event) {
      case 'changed':
      case 'gone':
        return JSON.parse(data) as Change;
      case 'reset':
        this.#isSynced = false;
        return undefined;
      case 'synced':
        // A page may have asked for something just before it heard of changes.
        if (!this.#isSynced) tell('all');
        this.#isSynced = true;
        tellState('live');
        return undefined;
      case 'ended':
        if ((JSON.parse(data) as ChangesEnded).code === 'forbidden') tell('all');
        return undefined;
      default:
        return undefined;
    }
  }
}

/** Ends a connection on which nothing comes, not even a sign of life. */
class Silence {
  readonly #ended = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ended.abort(), SILENT_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

async function* textOf(body: ReadableStream<BufferSource>, silence: Silence): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      silence.heard();
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Pages hear at once of all that has come meanwhile: many changes are one drawing. */
function tellSoon(change: Change): void {
  untold.push(change);
  if (untold.length > 1) return;
  setTimeout(tellUntold, Math.max(0, toldAt + TELL_MS - performance.now()));
}

function tellUntold(): void {
  const changes = untold;
  untold = [];
  toldAt = performance.now();
  tell(changes);
}

function tell(news: News): void {
  for (const listener of [...listeners]) listener(news);
}

function tellState(is: StreamState['is']): void {
  if (streamState.value.is !== is) streamState.value = { is, since: Date.now() };
}

function refusedMs(response: Response): number {
  return parseRetryAfter(response.headers.get('retry-after') ?? undefined, Date.now()) || REFUSED_MS;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
