// Says what a look through a topic has missed.
import type { ScanReport } from '../../admin/topic-view.ts';
import { counted } from '../../core/units/counted.ts';
import { oneLine } from '../output/table.ts';
import type { Terminal } from '../terminal.ts';

export interface Missed {
  expired: number;
  undecided: number;
  /** The first of these, and why. */
  first: string | undefined;
}

export function missedNothing(): Missed {
  return { expired: 0, undecided: 0, first: undefined };
}

export function addMissed(missed: Missed, { expired = 0, undecided }: Pick<ScanReport, 'expired' | 'undecided'>): void {
  missed.expired += expired;
  if (undecided === undefined) return;
  missed.undecided += undecided.count;
  missed.first ??= `${undecided.first}: ${undecided.message}`;
}

export function sayMissed({ expired, undecided, first }: Missed, terminal: Pick<Terminal, 'say' | 'err'>): void {
  const { yellow } = terminal.err;
  if (expired > 0)
    terminal.say(yellow(`Retention took ${counted(expired, 'event')} meanwhile, so this list lacks them.`));
  if (undecided > 0) {
    const those = `The filter cannot be evaluated for ${counted(undecided, 'event')}, so this list lacks them.`;
    terminal.say(yellow(`${those} The first is ${oneLine(first ?? '')}`));
  }
}
