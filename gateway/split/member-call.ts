// A call at one member of a split: says how the member did, and is made elsewhere when it
// failed before an answer began.
import type { World } from '../../core/world.ts';
import type { Call } from '../exchange/target.ts';
import type { UpstreamControl } from '../transport/transport.ts';
import { Attempt } from '../upstream/policies/retry-attempt.ts';
import type { Failure } from '../upstream/policies/retry-decision.ts';
import type { CallOutcome } from './member-health.ts';

export interface MemberCallInit {
  readonly world: World;
  /** Whether it is the first member that is asked. */
  readonly first: boolean;
  tell(outcome: CallOutcome): void;
  /** Whether the call is made at another member. */
  elsewhere(failure: Failure): boolean;
}

/** Statuses of a proxy in front of a service that is down. Others are the service's own. */
const AWAY = new Set(['502', '503', '504']);

export class MemberCall extends Attempt {
  readonly #tell: (outcome: CallOutcome) => void;
  #told = false;

  constructor(outer: Call, { world, first, tell, elsewhere }: MemberCallInit) {
    super(outer, {
      world,
      first,
      number: undefined,
      timeoutMs: undefined,
      again: failure => {
        this.#judge(failure);
        return elsewhere(failure);
      },
    });
    this.#tell = tell;
  }

  override onResponseStart(control: UpstreamControl, status: number): void {
    if (!this.ended && status >= 200 && !AWAY.has(String(status))) this.#say('ok');
    super.onResponseStart(control, status);
  }

  override onResponseError(control: UpstreamControl, error: Error): void {
    super.onResponseError(control, error);
    // An answer that broke off, although it began well. An earlier failure has been judged.
    if (this.hasBegun) this.#tell('failed');
  }

  protected override outerEnded(): void {
    if (this.ranOutOfTime) this.#say('failed');
    super.outerEnded();
  }

  #judge({ conditions, sent }: Failure): void {
    if (conditions.includes('connect')) this.#say('refused');
    else if (sent && conditions.some(condition => isAway(condition))) this.#say('failed');
  }

  #say(outcome: CallOutcome): void {
    if (this.#told) return;
    this.#told = true;
    this.#tell(outcome);
  }
}

/** A failure by which a service as a whole is away, rather than an answer of its own. */
export function isAway(condition: string): boolean {
  return condition === 'reset' || condition === 'timeout' || AWAY.has(condition);
}
