// An event is tried so often as was asked for and no more, in the order of its key, and dead
// letters are what was given up: all of it, and nothing else.
import type { Handler } from '../functions/work.ts';
import { ATTEMPTS } from '../site/application.ts';
import type { Disturbances } from './disturbances.ts';
import { type ChaosEvent, isPoison } from './event.ts';
import { attemptOf, createWatch, type Found } from './watch.ts';

export interface Attempts {
  readonly handler: Handler;
  /**
   * By what is in the topic, and what is dead of that: what should not have been, what is dead and
   * should not be, and what is missing.
   */
  differences(found: Found): readonly string[];
  /** All that was seen of the events with which the last differences found something wrong. */
  sights(): readonly string[];
  /** Which part of what was tried no disturbance excuses, from 0 to 1. */
  strictShare(): number;
}

export function createAttempts(now: () => number, disturbances: Disturbances): Attempts {
  const watch = createWatch(now, ATTEMPTS, disturbances);
  let seen: readonly string[] = [];
  return {
    handler(body, id, headers) {
      const event: ChaosEvent = JSON.parse(body);
      const { done, doubted, failed } = watch.begins(id, attemptOf(headers));
      return {
        ms: 2,
        fails: isPoison(event),
        done(heard) {
          done(heard);
          return '';
        },
        doubted,
        failed,
      };
    },
    differences(found) {
      const { attempts, ends, sights } = watch.judge(found);
      seen = sights;
      return [...ends, ...attempts];
    },
    sights: () => seen,
    strictShare: watch.strictShare,
  };
}
