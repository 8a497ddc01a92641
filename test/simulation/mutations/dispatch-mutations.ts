// Changes to how events are attempted, parked, given up and committed.
import type { PartialPlan } from '../scenario/make-plan.ts';
import { VOID_PARK } from '../scenario/void-park.ts';
import { type Mutation, one } from './mutation.ts';

const WRITER = 'worker/dispatch/writes/parking-log-writer.ts';
const SESSION = 'worker/dispatch/partition-session.ts';
const GATHER = 'worker/parking-log/gather-commit.ts';
const COMMITTER = 'worker/dispatch/writes/committer.ts';
const COMPACTION = 'worker/dispatch/writes/compaction.ts';
const STEPS = 'worker/dispatch/writes/parking-log-steps.ts';
const RULES = 'worker/dispatch/lanes/attempt-rules.ts';
const WORK = 'worker/dispatch/lanes/lane-work.ts';
const DEAD_LETTER_WRITER = 'worker/dispatch/dead-letters/dead-letter-writer.ts';
const LANES = 'worker/dispatch/lanes/lanes.ts';
const SCHEDULER = 'worker/dispatch/calls/call-scheduler.ts';
const RATE = 'worker/dispatch/calls/rate-window.ts';
const COMMAND_HANDLER = 'worker/dispatch/commands/command-handler.ts';
const REDRIVE_QUEUE = 'worker/dispatch/commands/redrive-queue.ts';
const COMMANDS = 'worker/dispatch/commands/command-rules.ts';
const DECIDED = 'worker/dispatch/dead-letters/decided-letters.ts';
const SETTLEMENT = 'worker/dispatch/lanes/settlement.ts';
const READ_LIMIT = 'worker/dispatch/read-limit.ts';

/** Most keys seem to show a function that is down. */
const MANY_BAD: NonNullable<PartialPlan['functions']> = {
  poison: Array.from({ length: 30 }, (_, key) => key),
  poisonTimes: 1_000,
  poisonDoubt: 'status',
};

/** Owners that die while they are still reading what their predecessors have dealt with. */
const SLOW_READERS: PartialPlan = {
  limits: { events: 30, owners: 2, attempts: 1, readRecords: 1, concurrency: 4 },
  log: { latencyMs: 50, slow: 0.2, slowMs: 2_000, commitLate: 0.3 },
  functions: { flaky: 0.4, throttles: 0.3 },
  nudges: { killOnAppend: 0.1, killOnCommit: 0.3, forMs: 50 },
};

/** Redrives of few events, some of which come late or have to be asked for again. */
const LATE_REDRIVES: PartialPlan = {
  limits: { events: 4, owners: 1, attempts: 1 },
  log: { appendLate: 0.3, appendUnknown: 0.1, slow: 0.2, slowMs: 2_000 },
  functions: { poison: [0, 1, 2], poisonTimes: 3 },
  happenings: Array.from({ length: 16 }, (_, index) => ({
    at: 4_000 + index * 1_000,
    kind: 'command',
    verb: index % 4 === 3 ? 'purge' : 'redrive',
  })),
};

export const dispatchMutations: readonly Mutation[] = [
  one(
    'no-read-back',
    'a record counts before it was read back',
    WRITER,
    'this.#pending.push({ record, applied });',
    'this.#pending.push({ record, applied: () => {} });\n    queueMicrotask(applied);',
  ),
  one(
    'append-once',
    'what was not appended is not appended again',
    WRITER,
    'this.#sent = 0;\n        trouble(error);',
    'trouble(error);',
  ),
  one('sequence-survives-claim', 'a new claim does not begin a new sequence', WRITER, 'this.#seq = 1;', ''),
  one(
    'work-on-after-newer-claim',
    'a superseded owner goes on',
    SESSION,
    'if (!this.#compaction.adopts(decoded.nonce, record.offset))',
    'if (!this.#compaction.adopts(decoded.nonce, record.offset)) continue;\n        if (false)',
  ),
  one(
    'read-back-anything',
    'a void record counts as read back',
    SESSION,
    "if (verdict === 'counts') this.#writer.readBack();",
    "if (verdict === 'counts' || verdict === 'void' || verdict === 'repeat') this.#writer.readBack();",
  ),
  one(
    'commit-all-read',
    'what was read counts as done',
    GATHER,
    'position: holes[0] ?? top, top,',
    'position: top, top,',
  ),
  one(
    'forget-what-replay-said',
    'the watermark passes what the parking log said of events not read yet',
    GATHER,
    'seen.size > 0 ? begun.parkingLog :',
    '',
    SLOW_READERS,
  ),
  one(
    'forget-burials',
    'a new owner does not finish what its predecessor gave up',
    SESSION,
    'if (entry.death && !entry.deadLettered) this.#deadLetterWriter.add(entry.event);',
    '',
  ),
  one(
    'commit-once',
    'a commit that was overwritten is never made again',
    COMMITTER,
    '&& now < this.#lastAt + AGAIN_MS) return;',
    ') return;',
  ),
  one(
    'trim-too-far',
    'the claim itself is trimmed away',
    COMPACTION,
    'await log.trim(parkingLogTopic, partition, claim);',
    'await log.trim(parkingLogTopic, partition, claim + 1);',
  ),
  one(
    'trim-early',
    'what is open is trimmed away',
    COMPACTION,
    'claim !== this.#checked || watermark < claim || this.#trimmed',
    'claim !== this.#checked || this.#trimmed',
  ),
  one(
    'done-before-park',
    'the source offset is done before the park was read back',
    STEPS,
    '    totals.parked++;\n    lanes.countParked(item);',
    '    totals.parked++;\n    lanes.countParked(item);\n    lanes.markDone(item);',
    VOID_PARK,
  ),
  one('held-goes-on', 'a held key goes on', STEPS, "item.state = 'held';", 'lanes.remove(item); schedule(lane);'),
  one(
    'delay-forgotten',
    'what waits behind a parked event loses its delay',
    STEPS,
    'const wait = item.notBefore > 0 ? Math.max(0, item.notBefore - world.monotonic()) : 0;',
    'const wait = 0;',
    // Keys whose events wait, and fail.
    { limits: { events: 40, keys: 3, owners: 2, delayMs: 5_000 }, functions: { flaky: 0.5 } },
  ),
  one(
    'attempt-while-pending',
    'an attempt begins before the last one is in the parking log',
    RULES,
    'head.pending === 0 &&',
    '',
  ),
  one(
    'attempt-before-source',
    'a parked event overtakes those of its key that come again',
    RULES,
    "(head.state === 'parked' && head.offset < sourceRead)",
    "head.state === 'parked'",
  ),
  one('lane-runs-twice', 'a lane runs two events at a time', RULES, 'lane.running === undefined &&', ''),
  one(
    'parked-success-not-written',
    'a parked event that was handled comes again',
    WORK,
    'this.steps.handled(item);',
    'this.lanes.remove(item);\n    this.schedule(lane);',
  ),
  one('one-attempt-more', 'one attempt more than allowed', RULES, 'made >= (attempts', 'made > (attempts'),
  one(
    'nobody-there-is-an-attempt',
    'what was never delivered uses an attempt',
    RULES,
    "return { kind: 'retry', attempts, wait, error };",
    "return { kind: 'retry', attempts: attempts + 1, wait, error };",
  ),
  {
    name: 'answers-are-silence',
    why: 'failures that the target answered open its breaker, and count no more',
    edits: [
      {
        file: SETTLEMENT,
        find: "if (outcome.kind === 'failed' && outcome.doubt === undefined) this.#answered(item, false);\n    else if",
        replace: 'if',
      },
      {
        file: RULES,
        find: "if (outcome.doubt === undefined || !open) return 'attempt';",
        replace: "if (!open) return 'attempt';",
      },
    ],
  },
  one(
    'doubt-never-ends',
    'an event that seems to show a target that is down is put down to that for ever',
    RULES,
    "return doubtedMs < longest ? 'target' : 'attempt';",
    "return sure || doubtedMs < longest ? 'target' : 'attempt';",
  ),
  one(
    'probes-are-old',
    'only what was tried before is tried while the target is taken to be down',
    READ_LIMIT,
    'if (!scheduler.breaker.isFlowing) return this.#work.hasNew ? 0 : Math.min(room, ENOUGH_TO_TRY);',
    'if (!scheduler.breaker.isFlowing) return 0;',
    { limits: { keys: 40, events: 200, readRecords: 1, withinMs: 60_000, partitions: 1 }, functions: MANY_BAD },
  ),
  one(
    'parking-log-mark-runs-ahead',
    'the mark in the parking log moves on though a commit could not tell all that is open',
    COMMITTER,
    'const kept = { ...commit, parkingLog: this.#whole.parkingLog };',
    'const kept = commit;',
  ),
  one('final-is-retried', 'what fails for good is tried again', RULES, 'if (!outcome.retryable)', 'if (false)'),
  one(
    'no-dead-letter',
    'a dead letter is confirmed and was not appended',
    DEAD_LETTER_WRITER,
    'await tryAgain(world, signal, trouble, () => log.append(deadTopic, letters.map(encodeLetter)));',
    '',
  ),
  one(
    'nobody-told',
    'a dead letter is confirmed before those were told who must know',
    DEAD_LETTER_WRITER,
    'await Promise.all(letters.map(letter => this.#tell(letter)));',
    '',
  ),
  one(
    'redriven-again',
    'a redrive that comes late is carried out again',
    DECIDED,
    'if ((this.#decided.get(event) ?? -1) >= generation) return true;',
    '',
    LATE_REDRIVES,
  ),
  one(
    'redriven-at-once',
    'redrives of a partition do not wait for those before them',
    REDRIVE_QUEUE,
    'if (this.#queue.length === 1 || (this.#isHeldUp && this.#needsNoRoom(offset))) ',
    '',
    LATE_REDRIVES,
  ),
  one(
    'redriven-behind',
    'a redrive does not wait for another one of its event to be told',
    COMMANDS,
    "if (isBehind) return 'wait';",
    '',
    LATE_REDRIVES,
  ),
  one(
    'decisions-not-read',
    'an owner does not know what was decided before a command is open again',
    DECIDED,
    'from < until; )',
    'from < until - until; )',
    LATE_REDRIVES,
  ),
  one(
    'own-decisions-forgotten',
    'an owner does not know what it has decided itself',
    COMMAND_HANDLER,
    'this.#decided.add(event, generation);',
    '',
    LATE_REDRIVES,
  ),
  one(
    'one-call-more',
    'one call more than the concurrency allows',
    SCHEDULER,
    'if (this.inFlight >= this.#limiter.calls) {',
    'if (this.inFlight > this.#limiter.calls) {',
  ),
  one(
    'rate-on-average',
    'the rate holds on average alone',
    RATE,
    'this.#ago(this.#used) + this.periodMs <= now',
    'this.#ago(this.#used) + this.periodMs / 2 <= now',
  ),
  one(
    'settled-though-parked',
    'parked events count as settled',
    LANES,
    'for (const offset of this.#inParkingLog.keys()) if (offset < below) below = offset;',
    '',
  ),
  one(
    'settled-though-read',
    'what was read counts as settled',
    LANES,
    'let below = Math.min(read, this.#first?.offset ?? read);',
    'let below = read;',
  ),
];
