// A job of a FanOut as it is shown: at the endpoints, in the event that tells its end, by commands.

import { isJsonType } from '../cloudevents/media-type.ts';
import { type PublicFailure, publicFailure } from '../failure.ts';
import { toTimestamp } from '../world.ts';
import type { FanOutJob, FanOutState } from './job.ts';

export interface FanOutView {
  readonly id: string;
  readonly fanOut: string;
  readonly state: FanOutState;
  readonly items: {
    /** Handed out so far; all of them once `divided`. */
    readonly total: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly open: number;
    readonly divided: boolean;
  };
  /** How often it was taken up again after its end. */
  readonly redriven: number;
  /** RFC 3339, all of them. */
  readonly acceptedAt: string;
  readonly deadline?: string;
  readonly finishedAt?: string;
  readonly error?: PublicFailure;
  readonly result?: FanOutResultView;
}

export interface FanOutResultView {
  readonly status: number;
  readonly contentType?: string;
  /** Bytes. */
  readonly size: number;
  /** The result itself, where it is JSON and small. */
  readonly body?: unknown;
}

const NO_ITEMS = { total: 0, succeeded: 0, failed: 0, open: 0, divided: false };

export function queuedFanOutView(id: string, fanOut: string, acceptedAt: number): FanOutView {
  return { id, fanOut, state: 'queued', items: NO_ITEMS, redriven: 0, acceptedAt: toTimestamp(acceptedAt) };
}

/** `body`: of the result, where it is at hand. */
export function toFanOutView(fanOut: string, job: FanOutJob, body: Uint8Array | undefined): FanOutView {
  const { id, state, items, split, succeeded, failed, generation, acceptedAt, deadlineAt, finishedAt, error } = job;
  return {
    id,
    fanOut,
    state,
    items: { total: items, succeeded, failed, open: Math.max(0, items - succeeded - failed), divided: split },
    redriven: generation,
    acceptedAt: toTimestamp(acceptedAt),
    ...(finishedAt === undefined ? { deadline: toTimestamp(deadlineAt) } : { finishedAt: toTimestamp(finishedAt) }),
    ...(error === undefined ? {} : { error: publicFailure(error) }),
    ...(job.result === undefined ? {} : { result: resultOf(job.result, body) }),
  };
}

function resultOf({ status, contentType, size }: NonNullable<FanOutJob['result']>, body: Uint8Array | undefined) {
  const view: FanOutResultView = { status, ...(contentType === undefined ? {} : { contentType }), size };
  if (body === undefined || body.length === 0 || contentType === undefined || !isJsonType(contentType)) return view;
  try {
    return { ...view, body: JSON.parse(Buffer.from(body).toString('utf8')) };
  } catch {
    return view;
  }
}
