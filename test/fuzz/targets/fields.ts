// Fields of requests and answers that the platform acts on: values within what their rules
// say, and the same read again.
import assert from 'node:assert/strict';
import { charsetOf, essenceOf, isMediaType } from '../../../core/cloudevents/media-type.ts';
import { isRfc3339 } from '../../../core/cloudevents/rfc3339.ts';
import { parseHttpDate } from '../../../core/http/http-date.ts';
import { parseRetryAfter } from '../../../core/retry/retry-after.ts';
import { formatTraceparent, parseTraceparent } from '../../../core/trace-context.ts';
import { parseTimestamp } from '../../../core/world.ts';
import { type CacheSettings, freshnessOf } from '../../../gateway/cache/cache-control.ts';
import { createVariables } from '../../../gateway/exchange/variables.ts';
import { acceptedEncodings, chooseEncoding } from '../../../gateway/http/accept-encoding.ts';
import { readPreferences, readWait } from '../../../gateway/http/preferences.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { refusedBy } from '../refusals.ts';

const NOW = Date.UTC(2026, 0, 31);
const DAY_MS = 86_400_000;
const ROUTE: CacheSettings = {
  ...{ ttl: 60_000, staleWhileRevalidate: 5_000, staleIfError: 10_000 },
  ...{ vary: ['accept'], perConsumer: false, statuses: [200] },
};

export const fields: FuzzTarget = {
  name: 'fields',
  words: [
    ...[
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      '-',
      'Sat, 31 Jan 2026 12:00:00 GMT',
      '120',
      '=',
      ';',
      ',',
    ],
    ...[
      '2026-01-31T12:00:00Z',
      '2024-02-29T23:59:60.123+14:00',
      ':60',
      'q=0.5',
      'q=1.000',
      'gzip',
      'br',
      'zstd',
      '*',
      'identity',
    ],
    ...[
      'max-age=',
      's-maxage=',
      'no-store',
      'private',
      'public',
      'must-revalidate',
      '"',
      'wait=',
      'respond-async',
      '?wait=',
      '&',
    ],
    ...[
      'application/json',
      '; charset=utf-8',
      '__proto__=a',
      'constructor',
      '%zz',
      '%2C',
      '+',
      'a=1',
      '\0',
      '9999999999',
    ],
  ],
  runs: 10_000,
  run(input) {
    const text = input.toString('latin1');
    const outcomes = [traceOf(text), timeOf(text), encodingOf(text), waitsOf(text), kept(text), variablesOf(text)];
    if (isMediaType(text)) assert.equal(essenceOf(essenceOf(text)), essenceOf(text));
    assert.ok((charsetOf(text) ?? '').length <= text.length);
    return outcomes.join(' ');
  },
};

function traceOf(text: string): boolean {
  const trace = parseTraceparent(text);
  if (trace !== undefined) assert.deepEqual(parseTraceparent(formatTraceparent(trace)), trace);
  return trace === undefined;
}

function timeOf(text: string): string {
  const after = parseRetryAfter(text, NOW);
  if (after !== undefined) assert.ok(after >= 0 && after <= DAY_MS, String(after));
  const at = parseTimestamp(text);
  assert.equal(at === undefined, !isRfc3339(text));
  if (at !== undefined) {
    assert.ok(Number.isSafeInteger(at), `${text} is ${at}`);
    // The calendar is the same as that of Date: a day that there is not would be another one.
    const day = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)) - 1, Number(text.slice(8, 10))));
    if (Number(text.slice(0, 4)) > 99) assert.equal(day.getUTCDate(), Number(text.slice(8, 10)));
  }
  const date = parseHttpDate(text);
  if (date !== undefined) assert.ok(Number.isSafeInteger(date));
  return `${after === undefined} ${at === undefined} ${date === undefined}`;
}

function encodingOf(text: string): string {
  const accepted = acceptedEncodings(text).split(',');
  const chosen = chooseEncoding(text, ['zstd', 'br', 'gzip']);
  if (chosen !== undefined) assert.ok(accepted.includes(chosen), `${chosen} of ${accepted}`);
  return `${chosen}`;
}

function waitsOf(text: string): string {
  const { waitMs } = readPreferences(['prefer', text]);
  if (waitMs !== undefined) assert.ok(waitMs >= 0 && waitMs < 1e9);
  try {
    const wait = readWait(text);
    if (wait !== undefined) assert.ok(wait >= 0 && Number.isSafeInteger(wait));
    return `${waitMs === undefined} ${wait === undefined}`;
  } catch (error) {
    return refusedBy(error, 'bad-request');
  }
}

/**
 * A target may ask for less than its route, never for more; and what forbids to keep an
 * answer does so in any place.
 */
function kept(text: string): boolean {
  const answer = { status: 200, fields: ['cache-control', text], apart: false };
  const freshness = freshnessOf(answer, ROUTE, NOW);
  if (freshness !== undefined) {
    assert.ok(freshness.ttlMs > 0 && freshness.ttlMs <= ROUTE.ttl);
    assert.ok(freshness.staleWhileMs <= ROUTE.staleWhileRevalidate && freshness.staleIfErrorMs <= ROUTE.staleIfError);
  }
  for (const control of [`${text}, no-store`, `no-store, ${text}`])
    assert.equal(freshnessOf({ ...answer, fields: ['cache-control', control] }, ROUTE, NOW), undefined);
  return freshness === undefined;
}

/** A rule sees each name and value that is there, and none of JavaScript's own. */
function variablesOf(text: string): string {
  const source = { params: {}, claims: undefined, consumer: undefined, parsedBody: undefined };
  const head = { method: 'GET', path: '/', host: 'a', query: `?${text}`, fields: ['cookie', text] };
  const { query, cookies } = createVariables({ ...source, head }).request;
  for (const [name, value] of new URLSearchParams(head.query))
    assert.ok(query[name]?.split(', ').join().includes(value.split(', ').join()));
  for (const record of [query, cookies]) assert.equal(Object.getPrototypeOf(record), null);
  return `${Math.min(Object.keys(query).length, 3)} ${Math.min(Object.keys(cookies).length, 3)}`;
}
