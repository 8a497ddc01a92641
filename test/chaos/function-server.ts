// The function that events are delivered to: tells the model of each, fails some attempts, and can be slow or broken for a while.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Chance } from '../simulation/kernel/chance.ts';
import type { Model } from './model.ts';

export type Mood = 'well' | 'slow' | 'failing' | 'resetting';

export interface ChaosFunction {
  readonly url: string;
  setMood(mood: Mood): void;
  close(): void;
}

const SLOW_MS = 1500;

export async function startChaosFunction(model: Model, chance: Chance): Promise<ChaosFunction> {
  let mood: Mood = 'well';
  const server = createServer(async (request, response) => {
    const event = (await json(request).catch(() => undefined)) as { key: string; number: number } | undefined;
    if (event === undefined) return;
    model.begins(event.key, event.number);
    if (mood === 'resetting') return void request.socket.destroy();
    await pause(mood === 'slow' ? SLOW_MS : chance.int('work', 0, 10));
    const fails = mood === 'failing' || chance.happens('attempt fails', 0.05);
    // Before it is answered: what comes after may begin as soon as that arrives.
    if (!fails) model.handled(event.key, event.number);
    response.writeHead(fails ? 503 : 204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    setMood(next) {
      mood = next;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
