// Changes to how pipelines count, hand on, and know how far time has come.
import { type Mutation, one } from './mutation.ts';

const STAGE = 'worker/pipelines/window/run-window-stage.ts';
const INTAKE = 'worker/pipelines/window/window-intake.ts';
const HAND_ON = 'worker/pipelines/window/hand-on.ts';
const IN_PLACE = 'worker/pipelines/window/in-place.ts';
const PARTITION = 'worker/pipelines/window/window-partition.ts';
const WATERMARK = 'worker/pipelines/window/watermark.ts';
const SETTLING = 'worker/pipelines/settling.ts';
const FLOW = 'worker/pipelines/run-flow-stage.ts';

const changes: readonly Mutation[] = [
  one(
    'windows-not-fenced',
    'whoever counts writes, whatever was written meanwhile',
    'worker/fold/stored-position.ts',
    'const { applied } = await store.apply(scope, changes, fence);',
    'const after = await store.position(scope, consumer, partition);\n    const { applied } = await store.apply(scope, changes, { ...fence, after });',
    { log: { overlap: 1, shuffle: 1 } },
  ),
  {
    name: 'windows-count-repeats',
    why: 'what was appended twice counts twice',
    // Most of it is also known as the same event, so neither guard may look at it.
    edits: [
      { file: INTAKE, find: 'if (found.mark) {', replace: 'let again = false;\n    if (found.mark) {' },
      {
        file: INTAKE,
        find: 'if (seen && !seen.take(found.mark)) {',
        replace: 'again = seen !== undefined && !seen.take(found.mark);\n      if (again && !input) {',
      },
      {
        file: INTAKE,
        find: 'const counted = repeats.find(',
        replace: 'const counted = again ? undefined : repeats.find(',
      },
    ],
  },
  one(
    'windows-count-published-twice',
    'an event that was published twice counts twice',
    INTAKE,
    'const counted = repeats.find(',
    'const counted = input ? undefined : repeats.find(',
  ),
  one(
    'windows-forget-the-seen',
    'what was seen is not written with what was made of it',
    STAGE,
    '[...changes, ...this.#intake.changes()]',
    'changes',
  ),
  one(
    'results-not-awaited',
    'the position moves on before results are handed on',
    STAGE,
    'await this.#handOn();\n    const { changes, bytes }',
    'this.#handOn().catch(() => {});\n    const { changes, bytes }',
  ),
  one(
    'window-begins-anew',
    'a window whose state is lost begins where it is, not where it began',
    IN_PLACE,
    'return whose === id ? Number(first) : (committed?.offset ?? 0);',
    'return whose === id && first === undefined ? 0 : (committed?.offset ?? 0);',
  ),
  one(
    'windows-loaded-in-parts',
    'what was written while it was loaded is taken in part',
    PARTITION,
    'if ((await text()) !== before) return undefined;',
    '',
    // A former owner writes meanwhile.
    { slowScan: { table: 'windows', mostMs: 3_000 }, log: { overlap: 1, shuffle: 1 } },
  ),
  one(
    'unknown-source-left-out',
    'time goes on without a source that has said nothing yet',
    WATERMARK,
    'if (time === undefined) return false;',
    'if (time === undefined && this.newest === undefined) return false;\n      if (time === undefined) continue;',
  ),
  one(
    'new-source-left-out',
    'time goes on without a partition that is new, until something came from it',
    WATERMARK,
    'if (sources !== undefined) this.#sourceOf(sources - 1);',
    '',
    { variant: { grows: true, way: 'keyed otherwise' } },
  ),
  one(
    'growth-not-seen',
    'windows that count events where they are go on when keys have moved',
    HAND_ON,
    'if (windows.results.length > 0 || intake.hasGivenUp) await inPlace?.check();',
    '',
    { variant: { grows: true, way: 'keyed as the topic', idle: 'never' } },
  ),
  one(
    'silent-source-left-out',
    'a silent source lets the others go on as far as they like',
    WATERMARK,
    'const time = latest(source);',
    'const time = source.silentMs === undefined ? latest(source) : this.newest;',
  ),
  one(
    'handed-on-after-the-position',
    'the position moves on before events are handed on',
    FLOW,
    'await Promise.all(outlets.map(',
    'Promise.resolve().catch(() => {});\n    void Promise.allSettled(outlets.map(',
  ),
  one(
    'time-stays-untold',
    'a time that only one partition knows is told to nobody when the one who would have told it is gone',
    INTAKE,
    'if (time !== undefined) this.#untold.push({ ...found.clock, time });',
    'if (time === Number.NaN) this.#untold.push({ ...found.clock, time });',
  ),
  one(
    'settled-while-parked',
    'events that are parked count as settled',
    SETTLING,
    "if (state !== 'running' || parkedEvents > 0) return;",
    "if (state !== 'running' || parkedEvents < 0) return;",
  ),
];

export const pipelineMutations: readonly Mutation[] = changes.map(change => ({
  ...change,
  simulation: 'pipelines',
}));
