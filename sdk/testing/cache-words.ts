// The words of the cache endpoint of a test: what parameters and headers say, and what it answers.
import type { TransportRequest, TransportResponse } from '../client/transport.ts';
import { type KnownProblem, knownProblem } from '../kernel/known-problems.ts';

interface StoredContent {
  readonly type: string;
  readonly etag: string;
  readonly body: Buffer;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export function etagsOf(text: string | undefined): string[] | undefined {
  if (text === undefined || text === '*') return text === undefined ? undefined : ['*'];
  return [...text.matchAll(/"([^"]*)"/g)].map(([, tag]) => tag ?? '');
}

export function timeOf(params: URLSearchParams, name: string, least: number, most: number): number | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  const [, amount, unit = ''] = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(amount) * (UNITS[unit] ?? Number.NaN);
  if (ms >= least && ms <= most) return ms;
  throw refuse('bad-request', `"${name}" is a time from ${least} to ${most} ms, such as 30s.`);
}

export function secondsOf(headers: TransportRequest['headers'], name: string): number | undefined {
  const seconds = new RegExp(`(?:^|[,\\s])${name}=([0-9]+)`).exec(headers['cache-control'] ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

export function tagsOf(params: URLSearchParams): string[] {
  const tags = [...new Set(params.getAll('tag'))];
  if (tags.length > 16 || tags.some(tag => tag === '' || Buffer.byteLength(tag) > 128))
    throw refuse('bad-request', 'At most 16 tags are taken, each with 1 to 128 bytes.');
  return tags;
}

export function withEtag(etag: string) {
  return { headers: { etag: `"${etag}"` }, body: Buffer.alloc(0) };
}

export function answerValue(
  status: number,
  { type, etag, body }: StoredContent,
  headers: Record<string, string>,
): TransportResponse {
  return { status, headers: { 'content-type': type, etag: `"${etag}"`, ...headers }, body };
}

export function refuse(code: KnownProblem, detail: string) {
  return knownProblem(code, detail);
}
