// Whose an event is, where several share the calls of one dispatcher.
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { DispatchSettings } from '../settings.ts';

const NOBODY = '';

/**
 * Events of different parties take turns. Where events of a key come one after the other, lanes take turns already. Undefined: all are of one
 * party, and come as they were read.
 */
export function partyOf(
  settings: Pick<DispatchSettings, 'order' | 'share'>,
): ((record: LogRecord) => string) | undefined {
  const { share, order } = settings;
  if (share) return record => share.by(record) ?? NOBODY;
  return order === 'none' ? ({ key }) => key ?? NOBODY : undefined;
}
