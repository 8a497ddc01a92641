// Writes down which events each function has handled, whatever its model makes of that.
import type { Handler } from '../functions/work.ts';

export interface Handled {
  /** The same handlers, watched. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Whether an attempt of the function at an event of this id has got as far as its answer. */
  has(fn: string, eventId: string): boolean;
}

export function watchHandled(handlers: Readonly<Record<string, Handler>>): Handled {
  const handled = new Map<string, Set<string>>();
  const watched = Object.entries(handlers).map(([fn, handler]): [string, Handler] => {
    const ids = new Set<string>();
    handled.set(fn, ids);
    return [
      fn,
      (body, eventId, headers) => {
        const work = handler(body, eventId, headers);
        return {
          ...work,
          done(heard) {
            ids.add(eventId);
            return work.done(heard);
          },
        };
      },
    ];
  });
  return {
    handlers: Object.fromEntries(watched),
    has: (fn, eventId) => handled.get(fn)?.has(eventId) ?? false,
  };
}
