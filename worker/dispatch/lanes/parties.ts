// Finds the party of an event where several parties share the calls of one dispatcher.
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { DispatchSettings } from '../settings.ts';

const NOBODY = '';

/**
 * Events of different parties take turns. Lanes already take turns where events of a key come one
 * after the other. Undefined: all events are of one party and go in the order in which they were
 * read.
 */
export function partyOf(
  settings: Pick<DispatchSettings, 'order' | 'share'>,
): ((record: LogRecord) => string) | undefined {
  const { share, order } = settings;
  if (share) return record => share.by(record) ?? NOBODY;
  return order === 'none' ? ({ key }) => key ?? NOBODY : undefined;
}
