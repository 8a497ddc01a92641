// A log in another process that does what it is told, so that its disk, its clock and its life can
// be meddled with; `startLogProcess` runs this file.
import { type ChildProcess, fork } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import { record } from '../../../contract/event-log/subject.ts';
import { openLog } from './open-log.ts';

export const TOPIC = 'orders';

export interface AppendOutcome {
  /** Of each record: `acknowledged`, or the code of the error. */
  readonly codes: readonly string[];
  readonly messages: readonly string[];
  readonly ms: number;
  /** Of the event loop, until all had an answer; counted up to 100. */
  readonly turns: number;
}

export interface LoopDelay {
  readonly p99: number;
  readonly max: number;
}

const MOST_TURNS = 100;

interface Commands {
  /** Appends so many records of that size, all at the same time. */
  append(count: number, bytes: number): Promise<AppendOutcome>;
  health(): Promise<{ readonly ok: boolean; readonly reason?: string }>;
  /** Delay of the event loop since the last time this was asked, milliseconds. */
  loopDelay(): Promise<LoopDelay>;
  close(): Promise<void>;
}

export interface LogProcess extends Commands {
  kill(): Promise<void>;
}

export interface LogProcessOptions {
  readonly maxQueuedBytes?: number;
  readonly timeoutMs?: number;
  readonly environment?: NodeJS.ProcessEnv;
}

export async function startLogProcess(file: string, options: LogProcessOptions = {}): Promise<LogProcess> {
  const { environment, ...settings } = options;
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), [file, JSON.stringify(settings)], {
    execArgv: ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, ...environment },
  });
  const answers = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const { promise: gone, resolve: exited } = Promise.withResolvers<void>();
  child.on('message', (message: { id: number; value: never; error?: string }) => {
    if (message.id === 0) return message.error === undefined ? resolve() : reject(new Error(message.error));
    const waiting = answers.get(message.id);
    answers.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.value);
    else waiting?.reject(new Error(message.error));
  });
  child.on('exit', () => {
    exited();
    const error = new Error('the process has ended');
    reject(error);
    for (const waiting of answers.values()) waiting.reject(error);
  });
  await ready;
  let last = 0;
  const call = <T>(name: keyof Commands, ...args: number[]) =>
    new Promise<T>((done, failed) => {
      answers.set(++last, { resolve: done, reject: failed });
      child.send({ id: last, name, args });
    });
  return {
    append: (count, bytes) => call('append', count, bytes),
    health: () => call('health'),
    loopDelay: () => call('loopDelay'),
    async close() {
      await call('close');
      child.disconnect();
      await gone;
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function commandsOf(log: EventLog): Commands {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let next = 0;
  return {
    async append(count, bytes) {
      const start = performance.now();
      let turns = 0;
      let isOver = false;
      const turn = () => {
        if (isOver || ++turns >= MOST_TURNS) return;
        setImmediate(turn);
      };
      setImmediate(turn);
      const messages = new Set<string>();
      const one = async () => {
        try {
          await log.append(TOPIC, [record('a', String(next++).padEnd(bytes, '.'))]);
          return 'acknowledged';
        } catch (error) {
          messages.add(String(error));
          return error instanceof Error && 'code' in error ? String(error.code) : 'none';
        }
      };
      const codes = await Promise.all(Array.from({ length: count }, one));
      isOver = true;
      return { codes, messages: [...messages], ms: performance.now() - start, turns };
    },
    health: () => log.health(),
    async loopDelay() {
      const found = { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 };
      delay.reset();
      return found;
    },
    close: () => log.close(),
  };
}

async function serve(file: string, settings: string): Promise<void> {
  const send = (message: { id: number; value?: unknown; error?: string }) => process.send?.(message);
  try {
    const log = await openLog(file, JSON.parse(settings));
    await log.ensureTopic(TOPIC, { partitions: 1 });
    const commands = commandsOf(log);
    process.on('message', ({ id, name, args }: { id: number; name: keyof Commands; args: [number, number] }) => {
      commands[name](...args).then(
        value => send({ id, value }),
        error => send({ id, error: String(error) }),
      );
    });
    send({ id: 0 });
  } catch (error) {
    send({ id: 0, error: String(error) });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve(process.argv[2] ?? '', process.argv[3] ?? '{}');
