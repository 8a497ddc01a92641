// The name of a FanOut's job among the signals of a process. Jobs of queues have names of their
// own.
import { jobSignalOf } from '../jobs/job-signals.ts';

export function fanOutSignalOf(namespace: string, fanOut: string, id: string): string {
  // One that was begun twice may be known by either place in the log.
  return jobSignalOf(namespace, `fan-outs/${fanOut}`, id.replace(/-\d+-/, '-'));
}
