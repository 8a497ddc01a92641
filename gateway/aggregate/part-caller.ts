// Makes the call of a part. Policies such as hedging and caching are callers around callers.
import type { World } from '../../core/world.ts';
import type { Target } from '../exchange/target.ts';
import { type Answer, type CallInit, startCall } from '../upstream/buffered-call.ts';
import { type PartReads, type PartValue, readValue } from './part-value.ts';

export interface PartReply {
  readonly value: PartValue;
  /** The answer from which it was read. */
  readonly answer: Answer;
  /** Since it was fetched; undefined when it comes from the service. */
  readonly ageMs: number | undefined;
  /** Past its time, in place of an answer that could not be had. */
  readonly stale: boolean;
}

/** Gets exactly one of the two, at once or later, unless the call was given up. */
export interface ReplyReceiver {
  answered(reply: PartReply): void;
  failed(error: unknown): void;
  /** Told before, each time that a further call was made as the others were slow. */
  hedged?(): void;
}

export type PartCall = Omit<CallInit, 'maxBody' | 'watched' | 'signal'>;

/**
 * Never throws. Returns the function that gives the call up; the caller uses it at the deadline.
 */
export type PartCaller = (call: PartCall, receiver: ReplyReceiver) => () => void;

/** The call itself. */
export function createCaller(world: World, target: Target, maxBody: number, reads: PartReads): PartCaller {
  return (call, receiver) =>
    startCall(
      world,
      target,
      { ...call, maxBody, watched: true },
      {
        answered(answer) {
          let value: PartValue;
          try {
            value = readValue(answer, reads);
          } catch (error) {
            receiver.failed(error);
            return;
          }
          receiver.answered({ value, answer, ageMs: undefined, stale: false });
        },
        failed: error => receiver.failed(error),
      },
    );
}
