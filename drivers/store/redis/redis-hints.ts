// Hints over Redis' publish and subscribe, on one channel for all; the way to the server and back
// is tried out again and again.
import type { Timer, World } from '../../../core/world.ts';
import type { Hints } from '../hints.ts';
import { type AnyClient, createRedisClient, endClient, type RedisConnection } from './connection-options.ts';

export interface RedisHintsOptions {
  readonly world: World;
  readonly connection: RedisConnection;
  /** As that of the store. */
  readonly prefix?: string | undefined;
  /** Hints get through again, or do not any more; once for each change. */
  changed?(state: { readonly ok: boolean; readonly reason?: string }): void;
}

/** Something of our own must come back within so long. */
const SILENT_MS = 12_000;
const BEAT_MS = 4_000;
const CONNECT_MS = 5_000;
/** On their way to the server; more are forgotten. */
const MOST_UNDER_WAY = 1_000;
const BEAT = 'beat';

interface Way {
  readonly from: AnyClient;
  /** The same one where the library keeps a connection of its own for what is subscribed. */
  readonly to: AnyClient;
}

/** Connects by itself, and goes on trying: until then hints are lost. */
export function openRedisHints({ world, connection, prefix = 'tenfold', changed }: RedisHintsOptions): Hints {
  const channel = `${prefix}:hints`;
  const origin = world.id();
  const listeners = new Map<string, Set<(message: string) => void>>();
  let underWay = 0;
  let closed = false;
  let reason = 'Redis has not been reached yet.';
  let ok: boolean | undefined;
  let way = begin();
  let heardAt = world.monotonic();
  let timer: Timer | undefined;

  function begin(): Way {
    const from = createRedisClient(world, connection, CONNECT_MS);
    const next: Way = { from, to: from.kind === 'single' ? createRedisClient(world, connection, CONNECT_MS) : from };
    const clients = [...new Set([next.from.client, next.to.client])];
    for (const client of clients) client.on('error', failed);
    Promise.all(clients.map(client => client.connect()))
      .then(() => next.from.client.subscribe(channel, (text: string) => receive(text)))
      .then(() => send(BEAT, ''))
      .catch(failed);
    return next;
  }

  function failed(error: unknown): void {
    reason = error instanceof Error ? error.message || error.name : String(error);
  }

  function receive(text: string): void {
    const [from, about = '', ...rest] = text.split('\n');
    if (from === origin) note(true);
    else for (const listener of [...(listeners.get(about) ?? [])]) hear(listener, rest.join('\n'));
  }

  /** A process of another version may say what this one cannot read: that must not end it. */
  function hear(listener: (message: string) => void, message: string): void {
    try {
      listener(message);
    } catch (error) {
      failed(error);
    }
  }

  function note(now: boolean): void {
    if (now) heardAt = world.monotonic();
    if (ok === now || closed) return;
    ok = now;
    changed?.(now ? { ok } : { ok, reason });
  }

  function send(about: string, message: string): void {
    if (closed || underWay >= MOST_UNDER_WAY || !way.to.client.isOpen) return;
    underWay++;
    way.to.client
      .publish(channel, `${origin}\n${about}\n${message}`)
      .catch(failed)
      .finally(() => {
        underWay--;
      });
  }

  const beat = () => {
    timer = world.after(BEAT_MS, () => {
      if (world.monotonic() - heardAt > SILENT_MS) {
        note(false);
        const old = way;
        way = begin();
        heardAt = world.monotonic();
        endWay(old);
      }
      send(BEAT, '');
      beat();
    });
  };
  beat();

  return {
    tell: send,
    listen(about, listener) {
      const known = listeners.get(about) ?? new Set();
      known.add(listener);
      listeners.set(about, known);
      return () => void known.delete(listener);
    },
    async close() {
      closed = true;
      timer?.cancel();
      endWay(way);
    },
  };
}

function endWay({ from, to }: Way): void {
  for (const any of new Set([from, to])) endClient(any);
}
