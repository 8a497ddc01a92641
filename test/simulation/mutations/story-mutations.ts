// Changes to how the story of an event is put together.
import type { PartialPlan } from '../scenario/make-plan.ts';
import { type Mutation, one } from './mutation.ts';

const FATE = 'server/events/stories/dispatched-fate.ts';
const PIPELINE_FATE = 'server/events/stories/pipeline-fate.ts';
const VIEW_FATE = 'server/events/stories/view-fate.ts';
const LETTER = '    const given = await fateInLetters(letters);\n';
const FIRST = '  let spoken = 0;\n';

/** Dead letters that a person redrives all the while. */
const REDRIVEN: PartialPlan = {
  limits: { events: 8, keys: 3, owners: 2, attempts: 1, spanMs: 30_000 },
  log: { slow: 0.2, slowMs: 1_000 },
  functions: { flaky: 0.7 },
  happenings: Array.from({ length: 80 }, (_, index) => ({ at: 2_000 + index * 350, kind: 'command', verb: 'redrive' })),
};

/** Owners that compact their parking log all the while. */
const COMPACTED: PartialPlan = {
  limits: { partitions: 3, owners: 1, attempts: 1, parkingLogRecords: 1, events: 30, spanMs: 60_000 },
  functions: { poison: [2], poisonTimes: 2, flaky: 0.5 },
  nudges: { pauseOnClaim: 0.1 },
};

/** Found by the simulation of Pipelines. */
const ofPipelines: readonly Mutation[] = [
  one(
    'story-pipeline-without-filter',
    'what the first filter of a Pipeline leaves out is told as handed on',
    PIPELINE_FATE,
    "if (isFiltered(plan, told)) return { fate: 'filtered' };",
    '',
  ),
  one(
    'story-pipeline-of-any-record',
    'the story of an event names the windows of others',
    PIPELINE_FATE,
    "if (mark.offset === record.offset) return 'found';",
    "if (mark.offset >= record.offset) return 'found';",
  ),
];

/** Found by the simulation of Views. */
const ofViews: readonly Mutation[] = [
  one(
    'story-view-before-fold',
    'what is on its way to the rows of a View is told as done',
    VIEW_FATE,
    'if (await hasSeen(store, scope, { topic, partition, offset: record.offset, index })) continue;',
    "if (scope !== '') continue;",
  ),
  one(
    'story-view-position-of-group',
    'the next event that a View reads is told as if it had been read',
    VIEW_FATE,
    'if (position > record.offset) return undefined;',
    'if (position >= record.offset) return undefined;',
  ),
  one(
    'story-view-without-filter',
    'what the filter of a View leaves out is told as done',
    VIEW_FATE,
    "if (keyed.length === 0) return { fate: 'filtered' };",
    '',
  ),
];

/** Found by the simulation of FanOuts. */
const ofFanOuts: readonly Mutation[] = [
  one(
    'story-fan-out-behind-nobody',
    'what waits of a job is told without the item that it waits for',
    FATE,
    'const isBehind = head !== entry;',
    'const isBehind = false;',
  ),
  one(
    'story-fan-out-items-of-others',
    'the story of a job names the items of others that wait',
    'server/events/stories/parked-of-job.ts',
    'const begin = `${nonce}-`;',
    "const begin = '';",
  ),
  one(
    'story-fan-out-failed-again',
    'what is tried again is told as failed',
    'server/events/control/fan-out-control.ts',
    'if (generation < (job?.reopened ?? 0)) return [];',
    '',
  ),
  one(
    'story-fan-out-handed-out-less',
    'more items are told to be done than were handed out',
    'worker/fan-outs/job-turn.ts',
    'job.items = Math.max(job.items, index + 1);',
    '',
  ),
  one(
    'story-fan-out-gone-too-early',
    'a job that the store has lost for a moment is told to be forgotten',
    'gateway/fan-outs/fan-out-reader.ts',
    'looks < LOOKS',
    'looks < 1',
  ),
];

export const storyMutations: readonly Mutation[] = [
  ...ofFanOuts.map(each => ({ ...each, simulation: 'fan-outs' as const })),
  ...ofPipelines.map(each => ({ ...each, simulation: 'pipelines' as const })),
  ...ofViews.map(each => ({ ...each, simulation: 'views' as const })),
  one(
    'story-not-of-parking-log',
    'what the parking log speaks of, and the commit does not yet, is told as waiting',
    FATE,
    'if (!(spoken > 0 || isDone(commit, record.offset)))',
    'if (!isDone(commit, record.offset))',
  ),
  one(
    'story-without-holes',
    'what is under way is told as done where later events are',
    FATE,
    'return offset < top && !holes.includes(offset);',
    'return offset < top;',
  ),
  one(
    'story-without-filter',
    'what the filter leaves out is told as done, or as waiting',
    FATE,
    "if (isLeftOut(record)) return { fate: 'filtered' };",
    '',
  ),
  one(
    'story-without-checkpoint',
    'what a commit does not know is told as waiting after the parking log was trimmed',
    FATE,
    'if (start <= commit.parkingLog.offset) return commit;',
    'if (start >= 0) return commit;',
  ),
  one(
    'story-behind-nobody',
    'what waits behind another event of its key is told to be tried next',
    FATE,
    'const isBehind = head !== entry;',
    'const isBehind = false;',
  ),
  {
    name: 'story-letter-first',
    why: 'what is given up while its story is told is told as done',
    edits: [
      { file: FATE, find: LETTER, replace: '' },
      { file: FATE, find: FIRST, replace: LETTER + FIRST },
    ],
  },
  one(
    'story-not-read-again',
    'what is redriven while its story is told is told as done',
    FATE,
    'if (spoken !== known || reader.start > from) continue;',
    '',
    REDRIVEN,
  ),
  one(
    'story-not-made-anew',
    'what is given up while its parking log is compacted and its story is told is told as done',
    FATE,
    ' || reader.start > from) continue;',
    ') continue;',
    COMPACTED,
  ),
  one(
    'story-commit-last',
    'what is parked while its story is told is told as done',
    FATE,
    'parkingLog, partition, reader.commit());',
    'parkingLog, partition, ((await openParkedReaders(log, { group, topic: told.topic, parkingLog }))[partition] ?? reader).commit());',
  ),
];
