// The reports of stages of Pipelines, Views and FanOuts as lines of the platform's log: only those
// that somebody may have to act on.
import type { GatewayLog } from '../../../gateway/gateway-log.ts';
import type { StageObserver } from '../../../worker/fold/stage.ts';
import { createTopicTrouble } from './topic-trouble.ts';

/**
 * `who`: the members of each line. `handled`: the phase of its work on events, as in "before they
 * were read".
 */
export function createStageLog(
  who: Readonly<Record<string, string>>,
  handled: 'read' | 'folded',
  log: GatewayLog,
): StageObserver {
  const texts = {
    madeAgain:
      'a topic was deleted and made again: it is read from its first record; what of the earlier one was not is gone',
    deleted: `events were deleted by retention before they were ${handled}`,
  };
  return {
    ...createTopicTrouble({ who, log, texts }),
    refused: (partition, { offset, headers }, error) =>
      log('warn', 'nothing could be made of an event; it was set aside', {
        ...who,
        id: `${partition}-${offset}`,
        event: headers['ce_id'],
        error: String(error),
      }),
    superseded: (partition, why) => log('info', 'a partition begins again', { ...who, partition, why }),
  };
}
