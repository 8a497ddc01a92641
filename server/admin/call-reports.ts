// The newest calls of Functions, with the causes that they sealed for the platform.
import type { CallReport } from '../../admin/diagnosis/call-report.ts';
import { openCauses } from '../../core/cause.ts';
import type { CauseKeys } from '../../gateway/listeners/caller-keys.ts';
import type { Instruments } from '../../gateway/plan/instruments.ts';

export function callReportsOf(instruments: Instruments, { causeKeyFor }: CauseKeys): readonly CallReport[] {
  return [...instruments.calls.values()].map(({ owner: { namespace, name }, value }) => {
    const { newest, ...counts } = value.recent();
    if (newest === undefined) return { namespace, name, ...counts, newest };
    const { outcome, status, trace, sealed } = newest;
    const [first] = sealed === undefined ? [] : openCauses(causeKeyFor(namespace), sealed);
    return { namespace, name, ...counts, newest: { outcome, status, trace, cause: first?.cause } };
  });
}
