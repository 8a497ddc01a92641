// Why the number of instances of a Function does not follow its load, as its
// HorizontalPodAutoscaler reports it. Pure.
import { parseTimestamp } from '../../../core/world.ts';
import type { Resource } from '../../../resources/resource.ts';
import type { Seen } from '../object-provider.ts';
import { toPlainText } from '../pods/plain-text.ts';
import type { Observation } from '../provider.ts';
import { reportedConditionOf } from './condition.ts';
import { objectNameOf } from './names.ts';

/**
 * A cluster has no metrics of a new instance for a minute or two, and a restarted metrics-server
 * has none of any.
 */
const SETTLES_WITHIN_MS = 180_000;
/** It works while both are True. ScalingLimited is usual: `scale.min` or `scale.max` is reached. */
const NEEDED = ['AbleToScale', 'ScalingActive'];
const KIND = 'HorizontalPodAutoscaler';
const LONGEST_MESSAGE = 500;

const WAYS_OUT: Readonly<Record<string, string>> = {
  FailedGetResourceMetric:
    'Scaling by CPU needs a metrics-server in the cluster, and a CPU request of each container of the pod.',
  FailedGetExternalMetric:
    "Scaling by calls in flight needs an adapter that serves the metric of the operator's setting operator.inFlightMetric.",
};

export function scalingFaultOf(
  { metadata }: Resource<'Function'>,
  { live, now }: Pick<Seen, 'live' | 'now'>,
): Pick<Observation, 'cannotScale' | 'lookAgainMs'> {
  const name = objectNameOf(metadata.name);
  const autoscaler = live.find(({ kind, metadata: { name: its } }) => kind === KIND && its === name);
  const failed = NEEDED.map(type => autoscaler && reportedConditionOf(autoscaler, type)).find(
    condition => condition?.status === 'False',
  );
  if (!failed) return {};
  const left = (parseTimestamp(failed.since) ?? now) + SETTLES_WITHIN_MS - now;
  if (left > 0) return { lookAgainMs: left };
  const said = toPlainText(failed.message, LONGEST_MESSAGE);
  const wayOut = WAYS_OUT[failed.reason] ?? '';
  const sentences = [`Its ${KIND} ${name} cannot work (${failed.reason})${said === '' ? '' : `: ${said}`}`, wayOut];
  return {
    cannotScale: sentences
      .filter(sentence => sentence !== '')
      .map(sentence => (/[.…]$/.test(sentence) ? sentence : `${sentence}.`))
      .join(' '),
  };
}
