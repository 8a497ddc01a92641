// Runs one query in a process of its own. The process can reach nothing, and is killed when it
// takes too long or too much, or when the caller has left.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { TenfoldError } from '../../core/errors.ts';
import { entryFile, startsFromSource } from '../package-file.ts';
import type { SqlFailure, SqlMessage, SqlRequest } from './messages.ts';

export interface SqlProcessOptions {
  readonly request: SqlRequest;
  /** The folder that paths of tables are relative to. */
  readonly folder: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Added to the memory for the query: Node and the code of DuckDB. */
const OWN_BYTES = 384 * 1024 * 1024;
const LOOK_EVERY_MS = 100;
const PAGE_BYTES = 4096;
const KEPT_COMPLAINT = 2_000;

/**
 * Throws `invalid-query`, `query-too-large`, `unsupported`, `timeout`, or the reason of the signal.
 */
export async function* runSqlProcess(options: SqlProcessOptions): AsyncGenerator<Exclude<SqlMessage, SqlFailure>> {
  const { request, folder, timeoutMs, signal } = options;
  signal.throwIfAborted();
  const child = start(folder);
  let why: Error | undefined;
  const stop = (reason: Error) => {
    why ??= reason;
    child.kill('SIGKILL');
  };
  const onAbort = () => stop(signal.reason instanceof Error ? signal.reason : new Error('The query was cancelled.'));
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => stop(tooLong(timeoutMs)), timeoutMs);
  const watch = setInterval(() => {
    void isTooLarge(child, request.limits.memory + OWN_BYTES).then(large => large && stop(tooMuch()));
  }, LOOK_EVERY_MS);
  const ended = once(child, 'exit');
  let complaint = '';
  child.stderr?.on('data', (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-KEPT_COMPLAINT);
  });
  // A killed process reads nothing.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(JSON.stringify(request));
  try {
    const lines = child.stdout ? createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY }) : [];
    for await (const line of lines) {
      const message: SqlMessage = JSON.parse(line);
      if (message.kind === 'failed') throw toError(message);
      yield message;
      if (message.kind === 'done') return;
    }
    await ended;
    throw why ?? new TenfoldError('internal', `The process of the query has ended. ${complaint}`.trim());
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    signal.removeEventListener('abort', onAbort);
    child.kill('SIGKILL');
  }
}

function start(folder: string): ChildProcess {
  const file = entryFile('server/sql/child/main.ts', 'dist/sql/main.js');
  const flags = ['--disable-warning=ExperimentalWarning', '--max-old-space-size=192'];
  return spawn(process.execPath, [...flags, ...(startsFromSource ? ['--conditions=tenfold-source'] : []), file], {
    cwd: folder,
    // Nothing of ours: no keys, no addresses.
    env: { HOME: folder, TZ: 'UTC' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function toError({ code, message, line, column }: SqlFailure): TenfoldError {
  const place = line === undefined ? {} : { line, column };
  return new TenfoldError(code, line === undefined ? message : `${message} (line ${line}, column ${column})`, {
    extensions: place,
  });
}

function tooLong(ms: number): TenfoldError {
  return new TenfoldError(
    'timeout',
    `The query took longer than ${Math.round(ms / 100) / 10} s and was ended. Narrow it down, or give it more time.`,
  );
}

function tooMuch(): TenfoldError {
  return new TenfoldError(
    'query-too-large',
    'The process of the query took more memory than it may have, and was ended.',
  );
}

/** Linux tells; elsewhere DuckDB's own limit has to do. */
async function isTooLarge({ pid }: ChildProcess, bytes: number): Promise<boolean> {
  if (process.platform !== 'linux' || pid === undefined) return false;
  const text = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return Number(text.split(' ')[1] ?? 0) * PAGE_BYTES > bytes;
}
