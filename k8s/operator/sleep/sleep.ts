// Decides whether a Function sleeps: no instance runs because there are no calls, and the next call
// starts one. Pure.
import type { Resource } from '../../../resources/resource.ts';

export interface Calls {
  /**
   * When the platform called it last, as text that changes with each report; undefined when never.
   */
  readonly calledAt: string | undefined;
  /** The value of `calledAt` when it was put to sleep; undefined while it is awake. */
  readonly asleepAfter: string | undefined;
  /** How long ago `calledAt` was seen to change. */
  readonly quietMs: number;
  /**
   * Whether an instance answers. A Function that never did is not put to sleep: that would hide its
   * fault.
   */
  readonly answers: boolean;
}

export type Sleep =
  | { readonly asleep: true }
  /** `lookAgainMs`: when it may fall asleep, if there is no call before. */
  | { readonly asleep: false; readonly lookAgainMs: number | undefined };

/** The text for "never was called" in a status. */
const NEVER = 'never';

/** Only a Function that the platform alone calls may sleep: other callers could not wake it. */
export function maySleep({ spec }: Resource<'Function'>): boolean {
  const { min, replicas } = spec.scale;
  return spec.url === undefined && min === 0 && replicas === undefined && spec.visibility === 'private';
}

export function decideSleep(fn: Resource<'Function'>, calls: Calls): Sleep {
  const awake = { asleep: false, lookAgainMs: undefined } as const;
  if (!maySleep(fn)) return awake;
  if (calls.asleepAfter !== undefined)
    return calls.asleepAfter === sleepMarkOf(calls.calledAt) ? { asleep: true } : awake;
  if (!calls.answers) return awake;
  const rest = quietFor(fn.spec.scale.idle) - calls.quietMs;
  return rest <= 0 ? { asleep: true } : { asleep: false, lookAgainMs: rest };
}

export function sleepMarkOf(calledAt: string | undefined): string {
  return calledAt ?? NEVER;
}

/**
 * Calls are reported only so often, so the silence has to last longer than a call may stay
 * unreported.
 */
function quietFor(idleMs: number): number {
  return idleMs + reportEveryMs(idleMs);
}

/** How often a process tells that a Function is called. */
export function reportEveryMs(idleMs: number): number {
  return Math.min(60_000, Math.max(500, idleMs / 2));
}

/** The Function as what runs it is to see it. */
export function sleeping(fn: Resource<'Function'>): Resource<'Function'> {
  return { ...fn, spec: { ...fn.spec, scale: { ...fn.spec.scale, replicas: 0 } } };
}
