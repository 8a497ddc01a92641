// What the stages of a View, and of other folds, tell, as lines of the platform's log: only what somebody may have to act on.
import { isRetryable } from '../../core/errors.ts';
import { isMadeAgain } from '../../drivers/event-log/lives.ts';
import type { GatewayLog } from '../../gateway/plan/plan-context.ts';
import type { StageListener } from '../../worker/fold/stage.ts';
import type { ViewPlan } from '../../worker/plan/compile-views.ts';

export function createViewLog({ resource }: ViewPlan, log: GatewayLog): StageListener {
  const { namespace, name } = resource.metadata;
  return createStageLog({ view: `View/${namespace}/${name}` }, log);
}

/** `who`: among the members of each line. */
export function createStageLog(who: Readonly<Record<string, string>>, log: GatewayLog): StageListener {
  return {
    refused: (partition, { offset, headers }, error) =>
      log('warn', 'nothing could be made of an event; it was set aside', {
        ...who,
        id: `${partition}-${offset}`,
        event: headers['ce_id'],
        error: String(error),
      }),
    jumped: (partition, from, to) => {
      const text = isMadeAgain(from, to)
        ? 'a topic was deleted and made again: it is read from its first record; what of the earlier one was not is gone'
        : 'events were deleted by retention before they were folded';
      log('error', text, { ...who, partition, from, to });
    },
    superseded: (partition, why) => log('info', 'a partition begins again', { ...who, partition, why }),
    trouble(partition, error) {
      // What is tried again by itself would fill the log while a service is away.
      if (isRetryable(error)) return;
      log('warn', 'something could not be done and is tried again', { ...who, partition, error: String(error) });
    },
  };
}
