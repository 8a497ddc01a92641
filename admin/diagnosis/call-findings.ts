// Finds Functions whose calls fail, whoever calls them: routes, parts, events or other functions.
import { causeText } from '../../core/cause.ts';
import { counted } from '../../core/units/counted.ts';
import { toTimestamp } from '../../core/world.ts';
import type { CallReport, NewestFailedCall } from './call-report.ts';
import type { OwnFinding } from './finding.ts';

/** From this likelihood on that calls fail as before, they are not taken for mended. */
const UNLIKELY = 0.01;
/** From these shares of the calls on, one that fails is no exception; as the chart's alerts do. */
const MANY = 0.5;
const SOME = 0.05;

export function findingsOfCalls(report: CallReport): OwnFinding[] {
  const { calls, failed, since, newest } = report;
  if (newest === undefined || since === undefined || failed < calls * SOME || isMended(report)) return [];
  return [
    {
      severity: failed >= calls * MANY ? 'error' : 'warning',
      reason: 'FailingCalls',
      since: toTimestamp(since),
      message: `${failed} of ${counted(calls, 'call')} in the last minutes failed; ${howOf(newest)} (trace ${newest.trace}).`,
      ...(newest.cause === undefined ? {} : { cause: causeText(newest.cause) }),
      next: newest.cause
        ? 'Mend the function at the place that the cause names; its log has the whole error.'
        : `Look for the trace ${newest.trace} in the logs of the platform and of the function.`,
    },
  ];
}

/** A run of calls that end well, and that is hardly chance where they still failed as often. */
function isMended({ calls, failed, wellSince }: CallReport): boolean {
  const share = failed / Math.max(failed, calls - wellSince);
  return (1 - share) ** wellSince < UNLIKELY;
}

function howOf({ outcome, status }: NewestFailedCall): string {
  if (outcome === 'timeout') return 'the newest took too long';
  return status === undefined ? 'the newest got no whole answer' : `the newest was answered with ${status}`;
}
