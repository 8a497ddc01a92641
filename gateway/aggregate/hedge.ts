// Makes a further call when the first is slow: the first good answer wins, the others are given up.
import type { Timer, World } from '../../core/world.ts';
import type { PartCall, PartCaller, PartReply, ReplyReceiver } from './part-caller.ts';
import type { RecentLatencies } from './recent-latencies.ts';

export interface HedgeSettings {
  /** Wait so many milliseconds, or as long as this share of the recent calls took at most. */
  readonly after: { readonly ms: number } | { readonly percentile: number };
  /** Further calls that may be made. */
  readonly max: number;
}

export function hedge(
  world: World,
  caller: PartCaller,
  settings: HedgeSettings,
  latencies: RecentLatencies,
): PartCaller {
  const { after, max } = settings;
  return (call, receiver) => {
    const waitMs = 'ms' in after ? after.ms : latencies.percentile(after.percentile);
    const race = new Race(world, caller, call, receiver, waitMs, waitMs === undefined ? 0 : max, latencies);
    race.next();
    return () => race.stop();
  };
}

class Race {
  readonly #world: World;
  readonly #caller: PartCaller;
  readonly #call: PartCall;
  readonly #receiver: ReplyReceiver;
  readonly #waitMs: number;
  readonly #latencies: RecentLatencies;
  readonly #began: number;
  readonly #cancels: (() => void)[] = [];
  #left: number;
  #running = 0;
  #timer: Timer | undefined;
  #ended = false;

  constructor(
    world: World,
    caller: PartCaller,
    call: PartCall,
    receiver: ReplyReceiver,
    waitMs: number | undefined,
    further: number,
    latencies: RecentLatencies,
  ) {
    this.#world = world;
    this.#caller = caller;
    this.#call = call;
    this.#receiver = receiver;
    this.#waitMs = waitMs ?? 0;
    this.#left = further;
    this.#latencies = latencies;
    this.#began = world.monotonic();
  }

  next(): void {
    if (this.#ended) return;
    if (this.#left > 0) this.#timer = this.#world.after(this.#waitMs, () => this.#hedge());
    this.#running++;
    const elapsed = Math.round(this.#world.monotonic() - this.#began);
    const call = elapsed > 0 ? { ...this.#call, timeoutMs: Math.max(1, this.#call.timeoutMs - elapsed) } : this.#call;
    const cancel = this.#caller(call, {
      answered: reply => this.#answered(reply),
      failed: error => this.#lost(() => this.#receiver.failed(error)),
    });
    if (this.#ended) cancel();
    else this.#cancels.push(cancel);
  }

  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.cancel();
    for (const cancel of this.#cancels) cancel();
  }

  #hedge(): void {
    this.#left--;
    this.#receiver.hedged?.();
    this.next();
  }

  #answered(reply: PartReply): void {
    if (this.#ended) return;
    if (reply.value.status >= 500) {
      this.#lost(() => this.#receiver.answered(reply));
      return;
    }
    // When a later call won, the first took longer than this: the least that is known of it.
    this.#latencies.add(this.#world.monotonic() - this.#began);
    this.stop();
    this.#receiver.answered(reply);
  }

  /** A bad answer counts only when no other call may bring a good one. */
  #lost(tell: () => void): void {
    if (this.#ended) return;
    this.#running--;
    if (this.#running > 0) return;
    this.stop();
    tell();
  }
}
