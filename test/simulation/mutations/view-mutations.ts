// Changes to how Views are folded, built anew and read.
import { type Mutation, one } from './mutation.ts';

const FOLD = 'worker/fold/fold.ts';
const POSITION = 'worker/fold/stored-position.ts';
const REKEY = 'worker/fold/rekey.ts';
const GENERATIONS = 'worker/views/generations/view-generations.ts';
const DIRECTORY = 'core/views/view-directory.ts';
const SEARCH = 'worker/views/shapes/search.ts';
const FENCE = 'const fence = { consumer, partition, after: this.#value, upTo, server: this.#server };';
const APPLIED = 'const { applied } = await store.apply(scope, changes, fence);';

const changes: readonly Mutation[] = [
  one(
    'view-not-fenced',
    'whoever folds a View writes, wherever the position is',
    POSITION,
    FENCE,
    'const after = await store.position(scope, consumer, partition);\n    const fence = { consumer, partition, after, upTo };',
  ),
  one(
    'position-after-changes',
    'the position is written after what comes of the events',
    POSITION,
    APPLIED,
    'await store.apply(scope, changes);\n    const { applied } = await store.apply(scope, [], { consumer, partition, after: this.#value, upTo });',
  ),
  {
    name: 'repeats-folded',
    why: 'what was appended twice counts twice',
    // Most of it is also known as the same event, so neither guard may look at it.
    edits: [
      {
        file: FOLD,
        find: 'function newOf(records',
        replace: 'const again = new WeakSet();\nfunction newOf(records',
      },
      {
        file: FOLD,
        find: 'return mark !== undefined && seen.take(mark) ? [{ record, mark }] : [];',
        replace:
          'if (mark !== undefined && !seen.take(mark)) again.add(record);\n    return mark !== undefined ? [{ record, mark }] : [];',
      },
      {
        file: FOLD,
        find: 'const isOne = mark !== undefined && repeats.isRepeat(record, mark);',
        replace: 'const isOne = mark !== undefined && !again.has(record) && repeats.isRepeat(record, mark);',
      },
    ],
  },
  one(
    'published-twice-folded',
    'an event that was published twice counts twice',
    FOLD,
    'const isOne = mark !== undefined && repeats.isRepeat(record, mark);',
    'const isOne = mark === undefined && repeats.isRepeat(record, mark);',
  ),
  one(
    'loss-not-noticed',
    'a fold goes on from where it is in a store that has lost its newest changes',
    POSITION,
    FENCE,
    'const stored = await store.position(scope, consumer, partition);\n    if (stored !== undefined && this.#value !== undefined && stored < this.#value) this.#value = stored;\n    const fence = { consumer, partition, after: this.#value, upTo };',
  ),
  one(
    'source-done-first',
    'the position in a source moves before what comes of it is appended',
    REKEY,
    'let made: NewRecord[] = [];',
    "await owned.commit({ offset: next, metadata: '' });\n      let made: NewRecord[] = [];",
  ),
  one(
    'position-stays-back',
    'a position that was set back stays there until the next event',
    REKEY,
    'stored === undefined || stored.offset >= known ||',
    'true ||',
  ),
  one(
    'newer-version-not-yielded-to',
    'a process that still has the older version of a View builds that again',
    'worker/views/generations/view-wanted.ts',
    'return superseded.includes(wanted.definition) &&',
    'return superseded.length > 99 &&',
  ),
  {
    name: 'swapped-before-caught-up',
    why: 'a generation serves as soon as it is built at all',
    edits: [
      {
        file: GENERATIONS,
        find: 'if (building && (await hasCaughtUp(options, building, signal))) {',
        replace: 'if (building) {',
      },
      {
        file: GENERATIONS,
        find: '(await hasCaughtUp(options, building, signal)) && (await swap(options, state))',
        replace: 'await swap(options, state)',
      },
    ],
  },
  one(
    'caught-up-by-half',
    'a generation serves when its sources are read, and not folded yet',
    'worker/views/generations/caught-up.ts',
    'return isThrough(layout.topic, ends, positions);',
    'return positions.length >= 0;',
    // What is read has to wait for the store.
    { storeMs: 300 },
  ),
  one(
    'removed-at-once',
    'the old generation is removed while it is read',
    GENERATIONS,
    'await sleep(world, RETIRED_MS, signal);',
    '',
  ),
  {
    name: 'swap-not-noticed',
    why: 'a reader goes on with a generation that serves no more',
    edits: [
      { file: DIRECTORY, find: 'age > STALE_MS) return', replace: 'false) return' },
      { file: DIRECTORY, find: 'if (age > KEPT_MS) ask(namespace, name).catch(() => undefined);', replace: '' },
      { file: DIRECTORY, find: '&& world.monotonic() - found.at < RETIRED_MS', replace: '' },
    ],
  },
  one(
    'old-not-read-as-it-is',
    'while another definition is built, what serves is folded by the new one',
    'worker/plan/compile-views.ts',
    'const shapeThen = isWanted ? shape : other && compileShape(other);',
    'const shapeThen = other ? compileShape(view) : shape;',
  ),
  one(
    'row-not-read',
    'a row is merged with what the step has, not with what is there',
    'worker/views/shapes/merged-rows.ts',
    'const stored = await readAll(store, scope, table, [...byRow.keys()]);',
    'const stored = new Map<string, unknown>();',
  ),
  one(
    'window-never-over',
    'points that are over stay where no more come',
    'worker/views/shapes/ranking-window.ts',
    'toSlices(value).filter(([slice]) => slice > last),',
    'toSlices(value),',
  ),
  {
    name: 'last-writer-wins',
    why: 'a document that is written again late wins over a newer one',
    edits: [
      { file: SEARCH, find: '/** Offsets begin at 0. */', replace: 'const written = { count: 0 };' },
      { file: SEARCH, find: 'const version = record.offset + 1;', replace: 'const version = 1e6 + ++written.count;' },
    ],
  },
  one(
    'position-before-documents',
    'the position moves on before the documents are in the index',
    SEARCH,
    '(await store.changeDocuments(changes)).entries()',
    '(await Promise.race([store.changeDocuments(changes).catch(() => []), []])).entries()',
  ),
];

export const viewMutations: readonly Mutation[] = changes.map(change => ({ ...change, simulation: 'views' }));
