// What a simulated owner runs: the product's dispatcher, or a simpler one that the
// harness must find wanting.
import type { World } from '../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Destination } from '../../../worker/deliver/destination.ts';
import type { DeadLetter } from '../../../worker/dispatch/settings.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import type { Truth } from '../model/truth.ts';
import type { Limits } from '../scenario/limits.ts';

export const TOPIC = 'events';
/** The type of events that consumers with a filter leave out. */
export const LEFT_OUT = 'LeftOut';
export const GROUP = 'subscription.simulated.group';

/** The share of an event where there are so many. Events of one key are of different ones. */
export function shareIn(shares: number, { headers }: LogRecord): string | undefined {
  const number = Number(headers['ce_id'] ?? 0);
  return number % 7 === 0 ? undefined : `s${number % shares}`;
}

export interface ConsumerOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly limits: Limits;
  readonly destination: Destination;
  /** Resolves once whoever must know of a dead letter knows. */
  readonly deadLettered: (letter: DeadLetter) => Promise<void>;
  /** A rare state was visited. */
  readonly saw: (sight: string) => void;
}

export interface RunningConsumer {
  close(): Promise<void>;
}

export interface Consumer {
  readonly name: string;
  /** Keeps dead letters that a person can decide about. */
  readonly hasParkingLog: boolean;
  start(options: ConsumerOptions): Promise<RunningConsumer>;
  /** How to read what it writes down. `saw` is told of rare states. */
  truth(broker: SimulatedBroker, saw: (sight: string) => void): Truth;
}
