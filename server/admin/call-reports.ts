// The newest calls of Functions, with the causes that they sealed for the platform.
import type { CallReport, EndedCallCounts } from '../../admin/diagnosis/call-report.ts';
import { openCauses } from '../../core/cause.ts';
import type { CauseKeys } from '../../gateway/listeners/caller-keys.ts';
import type { CallTimesView, Instruments } from '../../gateway/plan/instruments.ts';

export function callReportsOf(instruments: Instruments, { causeKeyFor }: CauseKeys): readonly CallReport[] {
  return [...instruments.calls.values()].map(({ owner: { namespace, name }, value }) => {
    const { newest, ...recent } = value.recent();
    const counts = { ...recent, ended: endedOf(value) };
    if (newest === undefined) return { namespace, name, ...counts, newest };
    const { outcome, status, trace, sealed } = newest;
    const [first] = sealed === undefined ? [] : openCauses(causeKeyFor(namespace), sealed);
    return { namespace, name, ...counts, newest: { outcome, status, trace, cause: first?.cause } };
  });
}

function endedOf(calls: CallTimesView): EndedCallCounts {
  const sum = { calls: 0, failed: 0, ms: 0 };
  for (const { outcome, durations } of calls.all()) {
    if (outcome === 'refused' || outcome === 'cancelled') continue;
    sum.calls += durations.count;
    sum.ms += durations.sum * 1000;
    if (outcome === 'failed' || outcome === 'timeout') sum.failed += durations.count;
  }
  return sum;
}
