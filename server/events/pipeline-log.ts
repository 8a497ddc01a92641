// What the stages of a Pipeline tell, as lines of the platform's log: only what somebody may have to act on.
import type { GatewayLog } from '../../gateway/plan/plan-context.ts';
import type { StageListener } from '../../worker/fold/stage.ts';
import type { PipelinePlan } from '../../worker/plan/compile-pipelines.ts';
import { createTopicTrouble } from './topic-trouble.ts';

export function createPipelineLog({ settings: { namespace, name } }: PipelinePlan, log: GatewayLog): StageListener {
  const who = { pipeline: `Pipeline/${namespace}/${name}` };
  const texts = {
    madeAgain:
      'a topic was deleted and made again: it is read from its first record; what of the earlier one was not is gone',
    deleted: 'events were deleted by retention before they were read',
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
