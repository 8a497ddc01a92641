// The product's own rules, as the model uses them, and the same with one of them broken:
// what the model has to notice.

import { type CommandFacts, type CommandStep, stepOf } from '../../worker/dispatch/commands/command-rules.ts';
import { mayAttempt, mustFollow } from '../../worker/dispatch/lanes/attempt-rules.ts';
import { type Commit, composeCommit, parseCommit } from '../../worker/parking-log/commit.ts';
import {
  foldRecord,
  judgeRecord,
  type Mark,
  type ParkingLogState,
  parkingLogWatermark,
} from '../../worker/parking-log/fold-parking-log.ts';
import { gatherCommit, type OwnersKnowledge } from '../../worker/parking-log/gather-commit.ts';
import type { ParkingLogRecord } from '../../worker/parking-log/parking-log-record.ts';
import { isRestart, restart, tooLate } from '../../worker/parking-log/take-over.ts';

export interface Rules {
  readonly foldRecord: typeof foldRecord;
  readonly compose: (commit: Commit) => { readonly offset: number; readonly metadata: string };
  readonly parse: typeof parseCommit;
  readonly gatherCommit: typeof gatherCommit;
  readonly restart: typeof restart;
  readonly tooLate: (commit: Commit, claim: number) => boolean;
  readonly isRestart: typeof isRestart;
  readonly mayAttempt: typeof mayAttempt;
  readonly mustFollow: typeof mustFollow;
  readonly stepOf: (command: Parameters<typeof stepOf>[0], facts: CommandFacts) => CommandStep;
  /** When a record of one's own takes effect: read back, or already when it was appended. */
  readonly countsAtOnce: (record: ParkingLogRecord, moved: boolean) => boolean;
  /**
   * The source offset of an event is done when its park was given to the parking
   * log, not when it came back.
   */
  readonly doneWhenWritten: boolean;
  /** An owner that does not find its own claim stops. */
  readonly stopsWithoutClaim: boolean;
  /** Up to where a new owner replays the parking log. */
  readonly replayEnd: (claim: number, commit: Commit) => number;
  readonly trimPoint: (claim: number, commit: Commit) => number;
  /** Whether the source may be read on, by what is in memory and by what is in the parking log. */
  readonly mayRead: (about: { readonly fresh: number; readonly room: number; readonly parked: number }) => boolean;
  /** What is behind an event that takes long goes to the parking log when memory is full. */
  readonly makesRoom: boolean;
  /** Source offsets that the replayed parking log speaks of are done. */
  readonly seenIsDone: boolean;
}

export const rules: Rules = {
  foldRecord,
  compose: commit => composeCommit(commit).position,
  parse: parseCommit,
  gatherCommit,
  restart,
  tooLate: (commit, claim) => tooLate(commit, claim) !== undefined,
  isRestart,
  mayAttempt,
  mustFollow,
  stepOf,
  countsAtOnce: () => false,
  doneWhenWritten: false,
  stopsWithoutClaim: true,
  replayEnd: claim => claim,
  trimPoint: claim => claim,
  mayRead: ({ fresh, room }) => fresh < room,
  makesRoom: true,
  seenIsDone: true,
};

/** Folds a record as if it had the claim or the number that it ought to have. */
function lenient(
  state: ParkingLogState,
  offset: number,
  record: ParkingLogRecord,
  excuses: ReturnType<typeof judgeRecord>,
  numbers: 'any' | 'later',
) {
  if (record.type === 'claim' || record.type === 'command') return foldRecord(state, offset, record);
  if (judgeRecord(state, record) !== excuses || (numbers === 'later' && record.seq < state.seq))
    return foldRecord(state, offset, record);
  if (excuses === 'void') return foldRecord(state, offset, { ...record, claim: state.claim, seq: state.seq });
  const { seq } = state;
  state.seq = record.seq;
  const verdict = foldRecord(state, offset, record);
  state.seq = Math.max(seq, state.seq);
  return verdict;
}

export const mutations = {
  'own-claim-trimmed': { stopsWithoutClaim: false },
  'trim-past-claim': { trimPoint: (claim, commit) => Math.max(claim + 1, commit.parkingLog.offset) },
  'trimmed-while-replaying': { isRestart: () => false },
  'move-counts-at-once': { countsAtOnce: (_, moved) => moved },
  'no-read-back': { countsAtOnce: () => true },
  'ignore-claims': { foldRecord: (state, offset, record) => lenient(state, offset, record, 'void', 'any') },
  'repeats-count': { foldRecord: (state, offset, record) => lenient(state, offset, record, 'repeat', 'any') },
  'gaps-count': { foldRecord: (state, offset, record) => lenient(state, offset, record, 'repeat', 'later') },
  'no-claim-in-commit': { parse: position => without(parseCommit(position), { claim: -1 }) },
  'no-number-in-commit': { parse: position => without(parseCommit(position), { seq: 1 }) },
  'commit-before-read-back': { doneWhenWritten: true },
  'replay-past-claim-missing': { replayEnd: (claim, commit) => Math.min(claim, commit.parkingLog.offset) },
  'followers-overtake': {
    mustFollow: () => false,
    mayAttempt: (lane, head) => lane.running === undefined && head.state !== 'held',
  },
  'watermark-past-open': marked(({ state, parkingLogRead: offset }) => ({
    offset,
    claim: state.claim,
    seq: state.seq,
  })),
  'watermark-past-dead': marked(({ state, parkingLogRead }) => parkingLogWatermark(withoutDead(state), parkingLogRead)),
  'watermark-past-commands': marked(({ state, parkingLogRead }) =>
    parkingLogWatermark({ ...state, commands: new Map() }, parkingLogRead),
  ),
  'watermark-past-unread': {
    gatherCommit: known => ({
      ...gatherCommit(known),
      parkingLog: parkingLogWatermark(known.state, known.parkingLogRead),
    }),
  },
  'predecessor-forgotten': { gatherCommit: known => gatherCommit({ ...known, begun: { ...known.begun, top: 0 } }) },
  'no-checkpoint': { restart: (commit, start) => restart(commit, start, undefined) },
  'trust-newer-commit': { tooLate: () => false },
  'one-claim-in-commit': { compose: commit => composeCommit({ ...commit, by: commit.parkingLog.claim }).position },
  'attempt-while-unconfirmed': { mayAttempt: (lane, head, read) => mayAttempt(lane, { ...head, pending: 0 }, read) },
  'two-at-once': { mayAttempt: (lane, head, read) => mayAttempt({ ...lane, running: undefined }, head, read) },
  'parked-before-reread': { mayAttempt: (lane, head) => mayAttempt(lane, head, Number.POSITIVE_INFINITY) },
  'held-goes-on': {
    mayAttempt: (lane, head, read) =>
      mayAttempt(lane, head.state === 'held' ? { ...head, state: 'parked' } : head, read),
  },
  'command-twice': { stepOf: (command, facts) => stepOf(command, { ...facts, acted: false }) },
  'command-of-the-past': { stepOf: (command, facts) => stepOf({ ...command, generation: 99 }, facts) },
  'redriven-again': { stepOf: (command, facts) => stepOf(command, { ...facts, decided: false }) },
  'redriven-behind': { stepOf: (command, facts) => stepOf(command, { ...facts, isBehind: false }) },
  'dead-are-given-anew': { seenIsDone: false },
} as const satisfies Record<string, Partial<Rules>>;

/** What breaks no promise of safety, but lets events wait for others. */
export const starving = {
  'parked-is-forgotten': { mayAttempt: (lane, head, read) => head.state === 'fresh' && mayAttempt(lane, head, read) },
  'no-room-is-made': { makesRoom: false },
  'stops-at-what-is-parked': { mayRead: ({ fresh, room, parked }) => fresh < room && parked === 0 },
} as const satisfies Record<string, Partial<Rules>>;

export type Mutation = keyof typeof mutations;

function without(commit: Commit, parkingLog: Partial<Mark>): Commit {
  return { ...commit, parkingLog: { ...commit.parkingLog, ...parkingLog } };
}

function withoutDead(state: ParkingLogState): ParkingLogState {
  return { ...state, entries: new Map([...state.entries].filter(([, entry]) => entry.state !== 'dead')) };
}

/** With another watermark of the parking log. */
function marked(mark: (known: OwnersKnowledge) => Mark): Partial<Rules> {
  return {
    gatherCommit: known => ({
      ...gatherCommit(known),
      parkingLog: known.seen.size > 0 ? known.begun.parkingLog : mark(known),
    }),
  };
}
