// The sample Function of functions/receipts as a process, and requests that it is made to wait for.
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { eventually } from '../../eventually.ts';

/** A line that the Function logs. */
export interface Line {
  readonly message: string;
  readonly status?: number;
  readonly events?: number;
  readonly attempt?: string;
  readonly consumer?: string;
  readonly trace?: string;
  readonly port?: number;
}

export type Program = Awaited<ReturnType<typeof startProgram>>;

/** It takes one request at a time, and waits long for the rest of a body. */
export const SETTINGS = { AT_ONCE: '1', BODY_SECONDS: '300' };

/** How a program is reached and ended that runs elsewhere than its process, as in a container. */
export interface Elsewhere {
  /** Where `port` of the program is on this machine. */
  portOf(port: number): Promise<number>;
  terminate(): Promise<unknown>;
  kill(): Promise<unknown>;
}

export function startProgram([command = '', ...args]: readonly string[]) {
  const env = { ...process.env, ...SETTINGS, HOST: '127.0.0.1', PORT: '0' };
  return followProgram(spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** `child` prints what the program does, and ends with it. */
export async function followProgram(child: ChildProcessByStdio<null, Readable, Readable>, elsewhere?: Elsewhere) {
  const ended = new Promise<number | null>(resolve => child.once('close', resolve));
  let text = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (errors += part));
  const lines = (): Line[] =>
    text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line));
  const loggedPort = () => lines().find(({ message }) => message === 'listening')?.port;
  await eventually(
    () => loggedPort() !== undefined || child.exitCode !== null,
    () => `it listens; it said ${errors}`,
  );
  const logged = loggedPort() ?? assert.fail(`It ended: ${errors}`);
  const port = (await elsewhere?.portOf(logged)) ?? logged;
  const url = `http://127.0.0.1:${port}`;
  const post = (body: string | Uint8Array, headers: Readonly<Record<string, string>>) =>
    fetch(url, { method: 'POST', headers, body });
  const startHalf = async () => {
    const body = order('held');
    const head = Object.entries({ ...eventHeaders('held'), 'content-length': String(body.length) });
    const { answer, finish, end } = await startRequest(port, head, body.charAt(0));
    return { answer, end, finish: () => finish(body.slice(1)) };
  };
  return {
    url,
    lines,
    post,
    /** The Function works on it, or has refused it, before the rest comes. */
    startHalf,
    /** A request with half of its body: the Function works on it until `finish` sends the rest. */
    async hold() {
      for (;;) {
        const held = await startHalf();
        const isRefused = () => held.answer().includes(' 503 ');
        const isHeld = async () => (await post(order('probe'), eventHeaders('probe'))).status === 503;
        await eventually(async () => isRefused() || (await isHeld()), 'it works on the request');
        // Another request may have been there first.
        if (!isRefused()) return held;
        held.end();
      }
    },
    terminate: async () => void (await (elsewhere?.terminate() ?? child.kill('SIGTERM'))),
    /** The exit code. */
    ended,
    async kill() {
      await (elsewhere?.kill() ?? child.kill('SIGKILL'));
      await ended;
    },
  };
}

async function startRequest(port: number, head: readonly (readonly [string, string])[], body: string) {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
  const closed = new Promise(resolve => socket.once('close', resolve));
  socket.write(`POST / HTTP/1.1\r\nhost: test\r\n${head.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n${body}`);
  return {
    answer: () => answer,
    end: () => void socket.destroy(),
    async finish(rest: string) {
      socket.write(rest);
      await eventually(() => answer.includes('"held"'), 'it answers what it held');
      socket.end();
      await closed;
      return answer;
    },
  };
}

export const order = (orderId: string, more: object = {}) => JSON.stringify({ orderId, totalCents: 1250, ...more });

export const eventHeaders = (id: string, source = '/test') => ({
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-type': 'OrderCreated',
  'ce-source': source,
  'ce-id': id,
});
