// The functions that the application calls, all in one server: each tells the model what it does,
// fails some attempts, and all can be broken for a while.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Chance } from '../../simulation/kernel/chance.ts';
import { TIMEOUT_MS } from '../site/declare.ts';
import { type Mood, outlivesCaller } from './moods.ts';
import type { Handler, Work } from './work.ts';

export interface ChaosFunctions {
  readonly url: string;
  /** Undefined: they are well. */
  setMood(mood: Mood | undefined): Promise<void>;
  close(): void;
}

const FAILS = 0.05;
/**
 * The answer of a function that is there, and fails for this event: always an attempt. 429 and 503
 * say that the function is not there for anybody.
 */
const BEARS = 500;

export interface FunctionsOptions {
  /** By the first part of the path. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Of those whose calls are counted while they work; they are never left by their callers. */
  readonly counted: readonly string[];
  readonly chance: Chance;
}

export async function startFunctions({ handlers, counted, chance }: FunctionsOptions): Promise<ChaosFunctions> {
  let mood: Mood | undefined;
  const lastAnswers = createLastAnswers();
  const moodOf = (name: string) => (mood && counted.includes(name) && outlivesCaller(mood) ? undefined : mood);
  const server = createServer(async (request, response) => {
    const name = (request.url ?? '').split('/')[1] ?? '';
    const handler = handlers[name];
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    if (!handler) return void response.writeHead(404).end();
    lastAnswers.heard(request.socket);
    const now = moodOf(name);
    const work = handler(body, String(request.headers['ce-id']), request.headers);
    response.once('close', () => {
      if (!response.writableEnded) work.left?.();
    });
    const isHeard = () => !response.destroyed;
    const fail = (status: number, headers = {}) => {
      // Before it is answered: what comes after may begin as soon as that arrives.
      const blames = status === BEARS && isHeard();
      work.failed(blames);
      if (blames) lastAnswers.answered(request.socket, work);
      response.writeHead(status, headers).end();
    };
    if (now === 'throttling') return fail(429, { 'retry-after': '1' });
    if (now === 'resetting' || now === 'hanging') {
      work.failed(false);
      if (now === 'resetting') request.socket.destroy();
      return;
    }
    await pause(now === 'late' ? TIMEOUT_MS + 500 : now === 'slow' ? TIMEOUT_MS / 4 : work.ms);
    if (now === 'failing') return fail(503);
    if (work.fails || chance.happens(`${name} fails`, FAILS)) return fail(BEARS);
    // Who is late is left, but by a caller that stands still itself.
    const isCut = now === 'cut off' || !isHeard();
    const answer = work.done(isCut ? false : now === 'late' ? 'perhaps' : true);
    lastAnswers.answered(request.socket, work);
    if (now === 'cut off') return void cutOff(response);
    response.writeHead(work.status ?? 200, { 'content-type': 'application/json' }).end(answer);
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  return {
    url: `http://127.0.0.1:${port}`,
    async setMood(next) {
      const before = mood;
      mood = next;
      if (next === 'gone') {
        server.close();
        server.closeAllConnections();
      } else if (before === 'gone') await listen(port);
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface LastAnswers {
  /** Another request has come on this connection: whoever sent it has read the answer before. */
  heard(socket: Socket): void;
  answered(socket: Socket, work: Work): void;
}

/**
 * Who gives a call up closes its connection; who has its answer asks again there. That tells what a
 * caller has heard, however slow it is.
 */
function createLastAnswers(): LastAnswers {
  const last = new WeakMap<Socket, Work>();
  const watched = new WeakSet<Socket>();
  return {
    heard: socket => void last.delete(socket),
    answered(socket, work) {
      if (!watched.has(socket)) socket.once('close', () => last.get(socket)?.doubted?.());
      watched.add(socket);
      last.set(socket, work);
    },
  };
}

function cutOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"so": "far', () => response.destroy());
}
