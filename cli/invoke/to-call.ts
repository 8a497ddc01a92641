// Turns the options of `tenfold invoke` into the HTTP request to send.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TIMEOUT_HEADER } from '../../core/wire.ts';
import { CommandError } from '../command-error.ts';
import { toHeader, toTarget } from '../request-words.ts';
import type { Terminal } from '../terminal.ts';

export interface InvokeOptions {
  readonly method?: string | undefined;
  readonly path: string;
  readonly query: readonly string[];
  readonly header: readonly string[];
  readonly data?: string | undefined;
  readonly event?: true | undefined;
  readonly type?: string | undefined;
  readonly id?: string | undefined;
  readonly source: string;
  readonly subject?: string | undefined;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
}

export interface Call {
  readonly functionName: string;
  readonly method: string;
  /** At the internal door, with its query. */
  readonly path: string;
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  readonly body: Buffer | undefined;
  readonly timeoutMs: number;
}

/** A little more than the longest time that functions have by default. */
const DEFAULT_TIMEOUT_MS = 30_000;

export async function toCall(functionName: string, options: InvokeOptions, terminal: Terminal): Promise<Call> {
  const body = await readBody(options.data, terminal);
  const timeoutMs = options.timeout ?? DEFAULT_TIMEOUT_MS;
  const headers: [string, string][] = [
    [TIMEOUT_HEADER, String(timeoutMs)],
    ...eventHeaders(options),
    ...options.header.map(toHeader),
  ];
  if (body && !headers.some(([name]) => name.toLowerCase() === 'content-type')) {
    headers.push(['content-type', isJson(body) ? 'application/json' : 'text/plain; charset=utf-8']);
  }
  return {
    functionName,
    method: (options.method ?? (body || isEvent(options) ? 'POST' : 'GET')).toUpperCase(),
    path: toPath(functionName, options),
    headers,
    body,
    timeoutMs,
  };
}

async function readBody(data: string | undefined, terminal: Terminal): Promise<Buffer | undefined> {
  if (data === undefined) return undefined;
  if (data === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of terminal.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }
  if (!data.startsWith('@')) return Buffer.from(data);
  const file = resolve(terminal.cwd, data.slice(1));
  try {
    return await readFile(file);
  } catch (cause) {
    throw new CommandError('file-unreadable', `${file} cannot be read.`, { cause });
  }
}

function toPath(functionName: string, options: InvokeOptions): string {
  const { path, query } = toTarget(options.path, options.query);
  return `/functions/${encodeURIComponent(functionName)}${path === '/' ? '' : path}${query}`;
}

function isEvent(options: InvokeOptions): boolean {
  return (
    options.event === true || options.type !== undefined || options.id !== undefined || options.subject !== undefined
  );
}

/** The binary mode of the CloudEvents HTTP binding 1.0.2. */
function eventHeaders(options: InvokeOptions): [string, string][] {
  if (!isEvent(options)) return [];
  if (options.type === undefined)
    throw new CommandError('usage', 'An event needs a type: add --type, e.g. --type OrderCreated.');
  const attributes: [string, string | undefined][] = [
    ['specversion', '1.0'],
    ['type', options.type],
    ['id', options.id ?? randomUUID()],
    ['source', options.source],
    ['subject', options.subject],
    ['time', new Date().toISOString()],
  ];
  return attributes.flatMap(([name, value]) => (value === undefined ? [] : [[`ce-${name}`, encodeAttribute(value)]]));
}

/** HTTP binding §3.1.3.2: space, double quote, percent and all outside of visible ASCII are percent-encoded. */
function encodeAttribute(value: string): string {
  return value.toWellFormed().replace(/[^\u0021-\u007e]|["%]/gu, encodeURIComponent);
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
