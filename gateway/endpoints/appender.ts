// Appends for the endpoints: answers within a bound in any state of the log, and refuses at once
// what is for a topic that hangs. Other topics go on.
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { AppendedAt, EventLog, NewRecord } from '../../drivers/event-log/event-log.ts';

export interface Appender {
  /**
   * Durable when it resolves. Rejects with an error that says when to try again. `settled` is
   * called once with the outcome of the append, which may come long after it was given up. It must
   * not throw.
   */
  append(
    topic: string,
    records: readonly NewRecord[],
    settled?: (outcome: Settled) => void,
  ): Promise<readonly AppendedAt[]>;
}

export type Settled = { readonly places: readonly AppendedAt[] } | { readonly error: unknown };

interface Pending {
  readonly topic: TopicState;
  readonly since: number;
  giveUp(): void;
}

interface TopicState {
  /** No append to the topic has ended for as long as clients wait. */
  hanging: boolean;
  /** Times by the monotonic clock. */
  probedAt: number;
  appendedAt: number;
}

/** After this time the client learns that the outcome of its events is unknown. */
const GIVE_UP_MS = 5_000;
const LOOK_MS = 500;
/** While a topic hangs, one append in this time finds out whether it still does. */
const PROBE_MS = 1_000;
const NOT_BEGUN = new TenfoldError('overloaded', 'The event log does not answer: nothing was appended.', {
  reason: 'log.unavailable',
});

export function createAppender(world: World, log: Pick<EventLog, 'append'>): Appender {
  // In the order in which they were made: the first is the oldest.
  const pending = new Set<Pending>();
  const topics = new Map<string, TopicState>();
  let looking = false;

  /** One timer for all, as long as there are any. */
  const look = () => {
    looking = true;
    world.after(LOOK_MS, () => {
      const now = world.monotonic();
      for (const each of pending) {
        if (now - each.since < GIVE_UP_MS) break;
        // A partition alone that takes nothing is no reason to refuse what is for the others.
        if (each.topic.appendedAt < each.since) {
          each.topic.hanging = true;
          each.topic.probedAt = now;
        }
        each.giveUp();
      }
      looking = false;
      if (pending.size > 0) look();
    });
  };

  return {
    append(name, records, settled) {
      const topic = stateOf(topics, name);
      if (topic.hanging) {
        const now = world.monotonic();
        if (now - topic.probedAt < PROBE_MS) {
          settled?.({ error: NOT_BEGUN });
          return Promise.reject(unavailable('The event log does not answer.'));
        }
        topic.probedAt = now;
      }
      return new Promise((resolve, reject) => {
        const settle = () => pending.delete(each);
        const each: Pending = {
          topic,
          since: world.monotonic(),
          giveUp() {
            settle();
            reject(
              unavailable('The event log has not answered in time; whether it has taken the events is not known.'),
            );
          },
        };
        pending.add(each);
        if (!looking) look();
        log.append(name, records).then(
          appended => {
            topic.hanging = false;
            topic.appendedAt = world.monotonic();
            settle();
            settled?.({ places: appended });
            resolve(appended);
          },
          error => {
            settle();
            settled?.({ error });
            reject(toRefusal(error));
          },
        );
      });
    },
  };
}

function stateOf(topics: Map<string, TopicState>, name: string): TopicState {
  let topic = topics.get(name);
  if (topic === undefined) {
    topic = { hanging: false, probedAt: Number.NEGATIVE_INFINITY, appendedAt: Number.NEGATIVE_INFINITY };
    topics.set(name, topic);
  }
  return topic;
}

function unavailable(message: string): TenfoldError {
  return new TenfoldError('log-unavailable', message, { retryAfterSeconds: 1 });
}

/** The message for the client: nothing about the log's insides, and when to come again. */
function toRefusal(error: unknown): unknown {
  if (!(error instanceof TenfoldError)) return error;
  switch (error.code) {
    case 'log-unavailable':
      return new TenfoldError('log-unavailable', 'The event log cannot be written at the moment.', {
        retryAfterSeconds: error.retryAfterSeconds ?? 1,
        cause: error,
      });
    case 'overloaded':
      return new TenfoldError('overloaded', 'Too many events are waiting to be written. Try again in a moment.', {
        retryAfterSeconds: error.retryAfterSeconds ?? 1,
        reason: error.reason === 'limit.work' ? 'limit.events' : error.reason,
        cause: error,
      });
    case 'not-found':
      // The resource is there, so the topic will be.
      return new TenfoldError('not-ready', 'The topic has not been created in the log yet.', {
        retryAfterSeconds: 1,
        reason: 'topic.starting',
        cause: error,
      });
    default:
      if (error.status !== 503 || error.retryAfterSeconds !== undefined) return error;
      return new TenfoldError(error.code, error.message, { retryAfterSeconds: 1, cause: error, reason: error.reason });
  }
}
