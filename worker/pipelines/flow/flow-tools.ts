// The tools that steps may use on their way: a call of a function, rows of a View, whether
// something came before.

import { encodeBinary } from '../../../core/cloudevents/encode.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { parseTraceparent } from '../../../core/trace-context.ts';
import { tracestateField } from '../../../core/tracing/tracestate.ts';
import { parseExactly } from '../../../core/units/whole-numbers.ts';
import { createViewDirectory } from '../../../core/views/view-directory.ts';
import { VIEW_ROWS, viewLayoutOf } from '../../../core/views/view-layout.ts';
import { ATTEMPT_HEADER, DEPTH_HEADER, SOURCE_TIME_HEADER } from '../../../core/wire.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import type { CallAnswer, Caller } from '../../deliver/caller.ts';
import { consumerHeaders } from '../../deliver/consumer-headers.ts';
import type { ConsumerDeps } from '../../deliver/create-consumer.ts';
import type { DeliveryItem, Outcome } from '../../deliver/destination.ts';
import { errorToOutcome, toOutcome } from '../../deliver/to-outcome.ts';
import { isFirstOfKey } from './first-of-key.ts';
import type { FlowItem } from './item.ts';

/** Events that steps have left out, as configured. */
export interface LeftOut {
  /** By `filter`. */
  filtered: number;
  /** By `dedupe`: an earlier event had the key. */
  deduplicated: number;
  /** By `join` with `required`: there was no row. */
  unjoined: number;
}

export function createLeftOut(): LeftOut {
  return { filtered: 0, deduplicated: 0, unjoined: 0 };
}

export function addLeftOut(to: LeftOut, { filtered, deduplicated, unjoined }: Readonly<LeftOut>): void {
  to.filtered += filtered;
  to.deduplicated += deduplicated;
  to.unjoined += unjoined;
}

export interface FlowTools {
  /**
   * Since the start of the pipeline. Each event counts once its stage has stored that it is past
   * it.
   */
  readonly leftOut: LeftOut;
  /** Rejects with `CallFailed` where the call has no success. */
  call(
    name: string,
    item: FlowItem,
    run: Pick<DeliveryItem, 'attempt' | 'asksAlone'>,
    signal: AbortSignal,
  ): Promise<CallAnswer>;
  /** Rows in the order of the keys, undefined where there is none. */
  rows(view: string, keys: readonly string[]): Promise<readonly unknown[]>;
  /**
   * Whether the item is the first with the key within the window, by the time of the log. The
   * answer stays the same, however often it comes.
   */
  isFirst(step: string, key: string, item: FlowItem, windowMs: number): Promise<boolean>;
}

/** The failure of a call. */
export class CallFailed extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(outcome.kind === 'done' ? 'It went well.' : outcome.error.message);
    this.outcome = outcome;
  }
}

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const PRIORITY = 5;

export function createFlowTools(deps: ConsumerDeps, namespace: string, pipeline: string): FlowTools {
  const { world, store } = deps;
  const views = createViewDirectory(world, store);
  const callers = new Map<string, Caller>();
  const callerOf = (name: string): Caller => {
    const caller = callers.get(name) ?? deps.callerOf(namespace, { function: name }, 'pipeline');
    callers.set(name, caller);
    return caller;
  };
  return {
    leftOut: createLeftOut(),
    async call(name, { event, cause: { record } }, { attempt, asksAlone }, signal) {
      const { headers, body = '' } = encodeBinary(event);
      const depth = record.headers[DEPTH_HEADER] ?? '0';
      const length = String(Buffer.byteLength(body));
      let outcome: Outcome;
      try {
        const answer = await callerOf(name).call(
          {
            method: 'POST',
            path: '/',
            headers: headers.concat(
              [ATTEMPT_HEADER, String(attempt), DEPTH_HEADER, depth, 'content-length', length],
              consumerHeaders(`Pipeline/${namespace}/${pipeline}`, record.key),
              tracestateField(record),
            ),
            body,
            trace: parseTraceparent(record.headers['traceparent']),
            timeoutMs: undefined,
            maxAnswerBytes: MAX_ANSWER_BYTES,
            priority: PRIORITY,
            asksAlone,
          },
          signal,
        );
        outcome = toOutcome(answer, world.now());
        if (outcome.kind === 'done') return answer;
      } catch (error) {
        outcome = errorToOutcome(error);
      }
      throw new CallFailed(outcome);
    },
    async rows(view, keys) {
      const serving = await views.serving(namespace, view);
      if (serving === undefined) throw new TenfoldError('not-ready', `View ${view} is still being built.`);
      const layout = viewLayoutOf(namespace, view, serving.id);
      const found = new Map<string, unknown>();
      const byPartition = Map.groupBy(new Set(keys), key => partitionOf(key, layout.partitions));
      for (const [partition, those] of byPartition) {
        for (const row of await store.rows(layout.scopeOf(partition), VIEW_ROWS, those)) {
          if (row) found.set(row.key, parseExactly(Buffer.from(row.value).toString()));
        }
      }
      return keys.map(key => found.get(key));
    },
    isFirst(step, key, { place, cause: { record } }, windowMs) {
      const scope = `pipeline/${namespace}/${pipeline}/${step}`;
      const time = Number(record.headers[SOURCE_TIME_HEADER] ?? record.timestamp);
      return isFirstOfKey(store, { scope, key, first: [place, time], windowMs });
    },
  };
}
