// Several targets as one: each call goes to a member by weight, and to
// another one when that is away.
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { Call, Target } from '../exchange/target.ts';
import type { GatewayLog } from '../gateway-log.ts';
import { RelayCall } from '../upstream/policies/relay-call.ts';
import { type Failure, isIdempotent, isReplayable } from '../upstream/policies/retry-decision.ts';
import { chooseMember } from './choose-member.ts';
import { isAway, MemberCall } from './member-call.ts';
import type { CallOutcome, MemberHealth } from './member-health.ts';

export interface Member {
  readonly target: Target;
  readonly weight: number;
  readonly failover: boolean;
  /** Kept from one plan to the next. */
  readonly health: MemberHealth;
}

export interface SplitInit {
  readonly world: World;
  readonly members: readonly Member[];
  readonly log: GatewayLog;
  /** Owner of the split, for the log. */
  readonly name: string;
}

/**
 * A request visits each member once at most: what fails cannot flood those that are well with
 * more than everybody's calls.
 */
export function createSplitTarget(init: SplitInit): Target {
  const { world, members } = init;
  /** Members that a request has tried: a retry goes elsewhere. */
  const beenAt = new WeakMap<Call, Set<Member>>();
  const choose = (tried: ReadonlySet<Member>, point: number): Member | undefined => {
    const now = world.monotonic();
    const choosable = members.map(member => ({
      member,
      weight: member.weight,
      failover: member.failover,
      isShut: (member.target.restsForMs?.() ?? 0) > 0,
      isOut: member.health.outForMs(now) > 0,
      isTried: tried.has(member),
    }));
    return chooseMember(choosable, point)?.member;
  };
  return {
    label: members.map(({ target }) => target.label).join(' or '),
    restsForMs: () => Math.min(...members.map(({ target }) => target.restsForMs?.() ?? 0)),
    send(call) {
      if (call.ended) return;
      const root = rootOf(call);
      const tried = beenAt.get(root) ?? new Set();
      beenAt.set(root, tried);
      const point = call.point ?? world.random();
      new SplitCall(init, call, tried, () => choose(tried, point)).next(true);
    },
  };
}

class SplitCall {
  readonly #init: SplitInit;
  readonly #call: Call;
  readonly #tried: Set<Member>;
  readonly #choose: () => Member | undefined;
  #current: MemberCall | undefined;

  constructor(init: SplitInit, call: Call, tried: Set<Member>, choose: () => Member | undefined) {
    this.#init = init;
    this.#call = call;
    this.#tried = tried;
    this.#choose = choose;
  }

  next(first: boolean): void {
    const member = this.#choose();
    if (member === undefined) {
      this.#call.fail(allShut(this.#init.members));
      return;
    }
    // Only a request that has been everywhere goes anywhere a second time.
    if (this.#tried.has(member)) this.#tried.clear();
    this.#tried.add(member);
    const { world } = this.#init;
    this.#current?.giveUp(undefined);
    this.#current = new MemberCall(this.#call, {
      world,
      first,
      tell: outcome => this.#tell(member, outcome),
      elsewhere: failure => this.#elsewhere(failure),
    });
    if (!this.#current.ended) member.target.send(this.#current);
  }

  #elsewhere(failure: Failure): boolean {
    const { method, body, ended } = this.#call;
    const { world } = this.#init;
    if (ended || !isReplayable(body)) return false;
    const next = this.#choose();
    if (next === undefined || this.#tried.has(next)) return false;
    if (failure.sent) {
      if (!isIdempotent(method) || !failure.conditions.some(isAway)) return false;
    } else if (failure.conditions.length === 0) return false;
    // Not from within the end of the one before.
    world.after(0, () => {
      if (!this.#call.ended) this.next(false);
    });
    return true;
  }

  #tell({ target, health }: Member, outcome: CallOutcome): void {
    const { world, log, name } = this.#init;
    const change = health.tell(outcome, world.monotonic());
    if (change === 'left')
      log('warn', 'A target has left its split: calls to it fail.', { split: name, target: target.label });
    else if (change === 'returned')
      log('info', 'A target is back in its split: it answers again.', { split: name, target: target.label });
  }
}

function allShut(members: readonly Member[]): TenfoldError {
  const waitMs = Math.min(...members.map(({ target }) => target.restsForMs?.() ?? 0));
  const publicMessage = 'All targets of the route fail; they are left alone for a moment.';
  return new TenfoldError('circuit-open', publicMessage, {
    publicMessage,
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
    reason: 'split.empty',
  });
}

/** The request itself, behind the policies around its target. */
function rootOf(call: Call): Call {
  let root = call;
  while (root instanceof RelayCall) root = root.outer;
  return root;
}
