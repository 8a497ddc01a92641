// The Events that people see when a canary begins, is taken back, or gets all calls: each once, by
// what the status said before. Pure.

import type { Reason } from '../../../resources/reasons.ts';
import { type KubeObject, readList, readNumber, readText } from '../../api/kube-object.ts';
import type { Note } from './note.ts';
import type { Status } from './status.ts';

const ALL = 100;

export function canaryNotes(object: KubeObject, status: Status): Note[] {
  const [before, now] = [dividedBy(object['status']), dividedBy(status)];
  const had = before?.percent ?? 0;
  if (now && now.percent > 0 && (had === 0 || before?.canary !== now.canary)) {
    return [
      note('CanaryBegun', `${now.percent}% of the calls go to ${now.canary} from now on, the others to ${now.stable}.`),
    ];
  }
  if (now && now.percent === 0 && had > 0) {
    return [note('CanaryTakenBack', `No call goes to ${now.canary} any more; ${now.stable} has all of them.`)];
  }
  if (before && !now && isPromoted(object, status)) {
    return [note('CanaryPromoted', `All calls go to ${before.canary} from now on.`)];
  }
  return [];
}

/** Reasons of Ready under which the Function answers. */
const ANSWERS = ['Available', 'NotTakenUp'];

/** A canary may also be gone because the Function stopped, or runs by another provider. */
function isPromoted(object: KubeObject, status: Status): boolean {
  const isHere = readText(object, 'status', 'url') === status['url'];
  const answers = status.conditions.some(({ type, reason }) => type === 'Ready' && ANSWERS.includes(reason));
  return isHere && answers && (readNumber(object, 'spec', 'canary', 'percent') ?? ALL) === ALL;
}

interface Divided {
  readonly stable: string;
  readonly canary: string;
  /** The share of calls that the canary gets. */
  readonly percent: number;
}

function dividedBy(status: unknown): Divided | undefined {
  const shares = readList(status, 'traffic');
  const [stable, canary] = ['stable', 'canary'].map(tag => shares.find(one => readText(one, 'tag') === tag));
  const [kept, tried] = [readText(stable, 'revision'), readText(canary, 'revision')];
  if (kept === undefined || tried === undefined) return undefined;
  return { stable: kept, canary: tried, percent: readNumber(canary, 'percent') ?? 0 };
}

function note(reason: Reason, text: string): Note {
  return { type: 'Normal', reason, note: text };
}
