// Divides a job: by an expression over its event, or by a function that returns one page after the
// other.

import { compileTemplate } from '../../core/cel/template.ts';
import { exactFromRecord, toJsonText } from '../../core/cloudevents/record.ts';
import { TenfoldError } from '../../core/errors.ts';
import { traceOfRecord } from '../../core/trace-context.ts';
import { tracestateField } from '../../core/tracing/tracestate.ts';
import { parseExactly, toExactText } from '../../core/units/whole-numbers.ts';
import { ATTEMPT_HEADER, DEPTH_HEADER } from '../../core/wire.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Caller } from '../deliver/caller.ts';
import { consumerHeaders } from '../deliver/consumer-headers.ts';
import type { DeliveryItem, Outcome } from '../deliver/destination.ts';
import { originHeader } from '../deliver/origin-fields.ts';
import { toOutcome } from '../deliver/to-outcome.ts';

export interface SplitPage {
  readonly items: readonly unknown[];
  /** The cursor of the next page; undefined at the end. */
  readonly cursor: unknown;
}

/** Returns a page of one job. Rejects with a TenfoldError, or with a `SplitRefusal`. */
export type PageOf = (cursor: unknown, signal: AbortSignal) => Promise<SplitPage>;

export interface Splitter {
  /** Whether a page is the same whenever it is read again. Then it need not be stored. */
  readonly repeatable: boolean;
  /** `id`: of the job. */
  open(item: DeliveryItem, id: string): PageOf;
}

/** The function answered something that is no page. */
export class SplitRefusal extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super('The function that divides the job did not answer with a page.');
    this.outcome = outcome;
  }
}

const PAGE_ITEMS = 1_000;
const MAX_PAGE_BYTES = 3 * 1024 * 1024;

/** Throws `invalid-expression`. */
export function createExpressionSplitter(text: string): Splitter {
  const template = compileTemplate(text, scopeOf('event'), { expected: 'list', whole: true });
  return {
    repeatable: true,
    open({ record }) {
      let list: readonly unknown[] | undefined;
      return async cursor => {
        list ??= evaluate(record);
        const from = typeof cursor === 'number' ? cursor : 0;
        const to = Math.min(list.length, from + PAGE_ITEMS);
        return { items: list.slice(from, to), cursor: to < list.length ? to : undefined };
      };
    },
  };

  function evaluate(record: DeliveryItem['record']): readonly unknown[] {
    const value = template.evaluate({ event: exactFromRecord(record) });
    if (Array.isArray(value)) return value;
    throw new TenfoldError('expression-failed', `The items of the job are to be a list: ${text}`);
  }
}

/** Answers with the items that the job is divided into, from `cursor` on. */
export function createFunctionSplitter(
  world: { now(): number },
  caller: Caller,
  init: { readonly namespace: string; readonly consumer: string; readonly priority: number },
): Splitter {
  const { namespace, consumer, priority } = init;
  return {
    repeatable: false,
    open:
      ({ record, attempt, asksAlone, trace }, id) =>
      async (cursor, signal) => {
        const event = toJsonText(record);
        const body = `{"job":${JSON.stringify({ id })},"event":${event},"cursor":${toExactText(cursor ?? null)},"limit":${PAGE_ITEMS}}`;
        const headers = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body))];
        headers.push(ATTEMPT_HEADER, String(attempt), DEPTH_HEADER, record.headers[DEPTH_HEADER] ?? '0');
        headers.push(...originHeader(record, namespace), ...consumerHeaders(consumer, record.key));
        headers.push(...tracestateField(record));
        const answer = await caller.call(
          {
            method: 'POST',
            path: '/',
            headers,
            body,
            trace: trace ?? traceOfRecord(record),
            timeoutMs: undefined,
            maxAnswerBytes: MAX_PAGE_BYTES,
            priority,
            asksAlone,
          },
          signal,
        );
        const outcome = toOutcome(answer, world.now());
        if (outcome.kind !== 'done') throw new SplitRefusal(outcome);
        return readPage(answer.body);
      },
  };
}

function readPage(body: Buffer): SplitPage {
  const refuse = (message: string) =>
    new SplitRefusal({ kind: 'failed', retryable: false, error: { message: `The function that divides ${message}` } });
  let page: unknown;
  try {
    page = parseExactly(body.toString('utf8'));
  } catch {
    throw refuse('the job did not answer with JSON.');
  }
  const { items, cursor }: { items?: unknown; cursor?: unknown } =
    typeof page === 'object' && page !== null ? page : {};
  if (!Array.isArray(items)) throw refuse('the job answered without a list "items".');
  if (items.length === 0 && cursor !== undefined && cursor !== null)
    throw refuse('the job answered with no items and a "cursor": that would never end.');
  return { items, cursor: cursor ?? undefined };
}
