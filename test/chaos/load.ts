// Publishers that send the events of their key one after the other, each again and again, to whichever gateway, until it is acknowledged.
import { setTimeout as pause } from 'node:timers/promises';
import { idOf, type Model } from './model.ts';

export interface Load {
  /** Resolves when each has its last event acknowledged. */
  stop(): Promise<void>;
  /** Tries that were not acknowledged, by what came instead. */
  readonly refused: ReadonlyMap<string, number>;
}

export interface LoadOptions {
  readonly keys: number;
  readonly everyMs: number;
  readonly model: Model;
  door(): string;
  wrong(what: string): void;
}

const TRY_MS = 15_000;
const PAUSE_MS = 100;

export function startLoad({ keys, everyMs, model, door, wrong }: LoadOptions): Load {
  let stopping = false;
  const refused = new Map<string, number>();
  const send = async (key: string, number: number): Promise<boolean> => {
    let outcome: string;
    try {
      const response = await fetch(`${door()}/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ key, number, id: idOf(key, number) }),
        signal: AbortSignal.timeout(TRY_MS),
      });
      const text = await response.text();
      if (response.ok) return true;
      if (response.status < 500 && response.status !== 429)
        wrong(`${idOf(key, number)} is refused: ${response.status} ${text}`);
      outcome = String(response.status);
    } catch (error) {
      outcome = error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'connection lost';
    }
    refused.set(outcome, (refused.get(outcome) ?? 0) + 1);
    return false;
  };
  const publish = async (key: string) => {
    for (let number = 1; !stopping; number++) {
      while (!(await send(key, number))) await pause(PAUSE_MS);
      model.acknowledged(key, number);
      await pause(everyMs);
    }
  };
  const running = Promise.all(Array.from({ length: keys }, (_, index) => publish(`k${index}`)));
  return {
    refused,
    async stop() {
      stopping = true;
      await running;
    },
  };
}
