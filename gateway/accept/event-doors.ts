// What the doors for events and jobs need of the process they run in.
import type { World } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import { type Appender, createAppender } from './appender.ts';
import { createIntake, type Intake } from './intake.ts';

export interface EventDoorsOptions {
  readonly world: World;
  readonly log: EventLog;
  /** Bytes that all requests together may hold; without it 128 MiB. */
  readonly maxHeldBytes?: number;
}

/** Made once for a process; lasts longer than any plan. */
export interface EventDoors {
  readonly log: EventLog;
  readonly appender: Appender;
  readonly intake: Intake;
}

export function createEventDoors({ world, log, maxHeldBytes }: EventDoorsOptions): EventDoors {
  return { log, appender: createAppender(world, log), intake: createIntake(maxHeldBytes) };
}
