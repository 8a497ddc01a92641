// Polls the event plane and prints the changes.
import { setTimeout as pause } from 'node:timers/promises';
import type { AdminClient } from '../platform/admin-client.ts';
import { comesBack } from '../platform/comes-back.ts';
import type { Terminal } from '../terminal.ts';
import { type CounterSample, toSnapshot } from './rates.ts';
import { renderSnapshot } from './render.ts';
import { openScreen } from './screen.ts';

export interface WatchOptions {
  readonly namespace: string | undefined;
  readonly intervalMs: number;
  readonly once: boolean;
  readonly format: 'table' | 'json';
  /** Ends it. */
  readonly signal: AbortSignal;
}

type Client = Pick<AdminClient, 'topics' | 'consumers'>;

/** `connect` again after the platform was away: it may be another one then. */
export async function watch(options: WatchOptions, connect: () => Promise<Client>, terminal: Terminal): Promise<void> {
  const { namespace, intervalMs, once, format, signal } = options;
  let client: Client | undefined = await connect();
  let before: CounterSample | undefined = await sampleCounters(client, namespace);
  // Ctrl-C does not wait for a platform that hangs.
  const stopped = new Promise<undefined>(resolve =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  const inPlace = terminal.interactive && !once && format === 'table';
  const screen = inPlace ? openScreen(terminal) : undefined;
  try {
    screen?.show(renderSnapshot(toSnapshot(undefined, before), terminal.out, sizeOf(terminal)));
    for (;;) {
      await pause(intervalMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        client ??= await connect();
        const now = await Promise.race([sampleCounters(client, namespace), stopped]);
        if (now === undefined) return;
        const snapshot = toSnapshot(before, now);
        before = now;
        if (format === 'json') terminal.print(JSON.stringify({ at: new Date().toISOString(), ...snapshot }));
        else if (screen) screen.show(renderSnapshot(snapshot, terminal.out, sizeOf(terminal)));
        else {
          const table = renderSnapshot(snapshot, terminal.out, { width: terminal.columns, height: undefined });
          terminal.print(once ? table : `${new Date().toISOString()}\n${table}\n`);
        }
      } catch (error) {
        if (once || !comesBack(error)) throw error;
        client = undefined;
        const message = error instanceof Error ? error.message : String(error);
        if (screen) screen.show(terminal.out.red(message));
        else terminal.say(message);
      }
      if (once) return;
    }
  } finally {
    screen?.close();
  }
}

async function sampleCounters(client: Client, namespace: string | undefined): Promise<CounterSample> {
  const [topics, consumers] = await Promise.all([client.topics({ namespace }), client.consumers({ namespace })]);
  return { at: performance.now(), topics: topics.items, consumers: consumers.items };
}

/** One line is for the heading. */
function sizeOf({ columns, rows }: Terminal) {
  return { width: columns, height: rows === undefined ? undefined : Math.max(3, rows - 2) };
}
