// Coalesces requests: fetches in flight by key, so that a request for the same key waits for the
// one that has begun.

export interface Flight {
  /** Goes on with `next` when the fetch has ended, however. */
  wait(next: () => unknown): Promise<void>;
  end(): void;
}

export interface Flights {
  get(key: string): Flight | undefined;
  begin(key: string): Flight;
  /** Answers under this key may not be kept: for a while nobody waits for one. */
  refuse(primary: string, now: number): void;
  isRefused(primary: string, now: number): boolean;
}

/** How long it is remembered that answers under a key may not be kept. */
const REFUSED_MS = 10_000;
const MAX_REFUSED = 10_000;

export function createFlights(): Flights {
  const flights = new Map<string, Flight>();
  const refused = new Map<string, number>();
  return {
    get: key => flights.get(key),
    begin(key) {
      let end = () => {};
      const ended = new Promise<void>(resolve => {
        end = resolve;
      });
      const flight: Flight = {
        async wait(next) {
          await ended;
          await next();
        },
        end() {
          flights.delete(key);
          end();
        },
      };
      flights.set(key, flight);
      return flight;
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
