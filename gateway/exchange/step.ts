// A step: one thing that is done to a request, chosen when its route was compiled.
import type { Exchange } from './exchange.ts';

/** A step that has answered the request ends the list. */
export type Step = (
  exchange: Exchange,
  /**
   * All steps of the route, and the place of this one among them: for steps that
   * take the rest themselves.
   */
  steps: readonly Step[],
  index: number,
) => void | Promise<void>;
