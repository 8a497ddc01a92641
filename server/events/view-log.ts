// What the stages of a View, and of other folds, tell, as lines of the platform's log: only what somebody may have to act on.
import type { GatewayLog } from '../../gateway/plan/plan-context.ts';
import type { StageListener } from '../../worker/fold/stage.ts';
import type { ViewPlan } from '../../worker/plan/compile-views.ts';
import { createTopicTrouble } from './topic-trouble.ts';

export function createViewLog({ resource }: ViewPlan, log: GatewayLog): StageListener {
  const { namespace, name } = resource.metadata;
  return createStageLog({ view: `View/${namespace}/${name}` }, log);
}

/** `who`: among the members of each line. */
export function createStageLog(who: Readonly<Record<string, string>>, log: GatewayLog): StageListener {
  const texts = {
    madeAgain:
      'a topic was deleted and made again: it is read from its first record; what of the earlier one was not is gone',
    deleted: 'events were deleted by retention before they were folded',
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
