// Tells of stages: lines of the log, and spans where these are recorded.
import type { Tracer } from '../../../core/tracing/tracer.ts';
import type { GatewayLog } from '../../../gateway/gateway-log.ts';
import type { StageObserver } from '../../../worker/fold/stage.ts';
import { withStageSpans } from '../../../worker/fold/stage-spans.ts';
import { createStageLog } from './stage-log.ts';

/** `who`: one member, whose value names the resource, such as `View/shop/totals`. */
export function stageObserver(
  who: Readonly<Record<string, string>>,
  handled: 'read' | 'folded',
  log: GatewayLog,
  tracer?: Tracer,
): StageObserver {
  return withStageSpans(createStageLog(who, handled, log), tracer, Object.values(who).join());
}
