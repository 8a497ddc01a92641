// What the stages of a Pipeline tell, as lines of the platform's log: only what somebody may have to act on.
import { isRetryable } from '../../core/errors.ts';
import { isMadeAgain } from '../../drivers/event-log/lives.ts';
import type { GatewayLog } from '../../gateway/plan/plan-context.ts';
import type { StageListener } from '../../worker/fold/stage.ts';
import type { PipelinePlan } from '../../worker/plan/compile-pipelines.ts';

export function createPipelineLog({ settings: { namespace, name } }: PipelinePlan, log: GatewayLog): StageListener {
  const who = { pipeline: `Pipeline/${namespace}/${name}` };
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
        : 'events were deleted by retention before they were read';
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
