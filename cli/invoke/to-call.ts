// Turns the options of `tenfold invoke` into the HTTP request to send.
import { randomUUID } from 'node:crypto';
import { encodeHeaderValue } from '../../core/cloudevents/header-value.ts';
import { TIMEOUT_HEADER } from '../../core/wire.ts';
import { CommandError } from '../command-error.ts';
import { readData } from '../events/read-data.ts';
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
  /** The path at the internal listener, with its query. */
  readonly path: string;
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  readonly body: Buffer | undefined;
  readonly timeoutMs: number;
}

/** A little more than the longest time that functions have by default. */
const DEFAULT_TIMEOUT_MS = 30_000;

export async function toCall(functionName: string, options: InvokeOptions, terminal: Terminal): Promise<Call> {
  const body = options.data === undefined ? undefined : await readData(options.data, terminal);
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
  return attributes.flatMap(([name, value]) =>
    value === undefined ? [] : [[`ce-${name}`, encodeHeaderValue(name, value.toWellFormed())]],
  );
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
