// Instances of a Function that only let calls time out, as gateways and workers tell: some
// of what answers is missing.
import { parseTimestamp } from '../../../core/world.ts';
import { type KubeObject, readNumber, readText } from '../../api/kube-object.ts';
import type { Observation } from '../../providers/provider.ts';

/** Every process that finds it reports it again every minute. */
const HOLDS_MS = 3 * 60_000;

export function withUnresponsive(observed: Observation, object: KubeObject, now: number): Observation {
  const instances = readNumber(object, 'status', 'unresponsive', 'instances') ?? 0;
  const at = parseTimestamp(readText(object, 'status', 'unresponsive', 'at') ?? '');
  const left = at === undefined ? 0 : at + HOLDS_MS - now;
  if (instances === 0 || left <= 0) return observed;
  const who = instances === 1 ? '1 instance lets' : `${instances} instances let`;
  return {
    ...observed,
    lost: true,
    message: `${observed.message} ${who} calls time out, and get none for now. See their logs; spec.probes has such instances restarted.`,
    lookAgainMs: Math.min(left, observed.lookAgainMs ?? left),
  };
}
