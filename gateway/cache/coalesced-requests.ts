// Coalesces requests: fetches in flight by key, so that a request for the same key waits for the
// one that has begun.

export interface CoalescedRequest {
  /** Goes on with `next` when the fetch has ended, however. */
  wait(next: () => unknown): Promise<void>;
  end(): void;
}

export interface CoalescedRequests {
  get(key: string): CoalescedRequest | undefined;
  begin(key: string): CoalescedRequest;
  /** Answers under this key may not be kept: for a while nobody waits for one. */
  refuse(primary: string, now: number): void;
  isRefused(primary: string, now: number): boolean;
}

/** How long it is remembered that answers under a key may not be kept. */
const REFUSED_MS = 10_000;
const MAX_REFUSED = 10_000;

export function createCoalescedRequests(): CoalescedRequests {
  const coalescing = new Map<string, CoalescedRequest>();
  const refused = new Map<string, number>();
  return {
    get: key => coalescing.get(key),
    begin(key) {
      let end = () => {};
      const ended = new Promise<void>(resolve => {
        end = resolve;
      });
      const coalesced: CoalescedRequest = {
        async wait(next) {
          await ended;
          await next();
        },
        end() {
          coalescing.delete(key);
          end();
        },
      };
      coalescing.set(key, coalesced);
      return coalesced;
    },
    refuse(primary, now) {
      if (refused.size >= MAX_REFUSED) refused.clear();
      refused.set(primary, now + REFUSED_MS);
    },
    isRefused(primary, now) {
      if (refused.size === 0) return false;
      const until = refused.get(primary);
      if (until !== undefined && until > now) return true;
      refused.delete(primary);
      return false;
    },
  };
}
