// The probes of the pods of a Function. Pure. They are patient: an instance that computes for some
// seconds is neither taken out nor restarted.
import { healthOf } from '../../../resources/health-of-function.ts';
import type { Resource } from '../../../resources/resource.ts';

type Probe = Readonly<Record<string, unknown>>;

const START_WITHIN_SECONDS = 120;
/**
 * Each probe that nothing answers is a Warning Event, and most processes listen within a second.
 * The kubelet rounds down, so it begins 1 to 3 s after the process. No waiting call waits for it.
 */
const QUIET_SECONDS = 2;
/** The longest time for one answer. */
const ANSWER_SECONDS = 10;

export interface Probes {
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
}

/** `port`: as probes name it. */
export function probesOf(fn: Resource<'Function'>, port: string | number): Probes {
  const health = healthOf(fn);
  const get = (path: string): Probe => ({ httpGet: { path, port, scheme: 'HTTP' } });
  // Any image answers on its port; its answers to paths are its own matter.
  const tcp: Probe = { tcpSocket: { port } };
  return {
    startupProbe: {
      ...(health ? get(health.path) : tcp),
      initialDelaySeconds: QUIET_SECONDS,
      periodSeconds: 1,
      timeoutSeconds: 2,
      failureThreshold: START_WITHIN_SECONDS,
    },
    readinessProbe: health
      ? { ...get(health.readyPath), periodSeconds: 5, ...patience(health.unreadyAfterMs) }
      : { ...tcp, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 2 },
    livenessProbe: health
      ? { ...get(health.path), periodSeconds: ANSWER_SECONDS, ...patience(health.restartAfterMs) }
      : { ...tcp, periodSeconds: 20, timeoutSeconds: 2, failureThreshold: 3 },
  };
}

/**
 * So many unanswered probes, one after the other, take at least that time: each waits
 * for its answer to the end.
 */
function patience(afterMs: number): Probe {
  const seconds = Math.max(1, Math.ceil(afterMs / 1000));
  const timeoutSeconds = Math.min(ANSWER_SECONDS, seconds);
  return { timeoutSeconds, failureThreshold: Math.ceil(seconds / timeoutSeconds) };
}
