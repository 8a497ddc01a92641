// What there is one mechanism for is not written a second time elsewhere.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, SHIPPED_FOLDERS, sourceFiles } from './source-files.ts';

interface Mechanism {
  readonly what: string;
  /** Code that does the same by itself. */
  readonly copy: RegExp;
  /** Beginnings of paths that may have it. */
  readonly where: readonly string[];
  /** The folders that are looked at; undefined: all that ship. */
  readonly within?: readonly string[];
}

const TIME = '(?:pause|wait|delay|rest|retry)\\w*';

const mechanisms: readonly Mechanism[] = [
  {
    what: 'reads Retry-After (core/retry/retry-after.ts)',
    copy: /(?:Number|parseInt|Date\.parse)\([^;\n]*retry-after/gi,
    where: ['core/retry/'],
  },
  {
    what: 'spreads a time by chance (core/retry/backoff.ts)',
    copy: /\b(?:random|chance)\b(?:\(\))?(?: [*+-]|\s\/) [\w(]|[\w)] [*/+-] \(?(?:[\w.#]+\.)?(?:random|chance)\b/g,
    where: [
      'core/retry/',
      // A version that no other owner has: not a time to wait for.
      'worker/pipelines/window/stage-clock.ts',
    ],
  },
  {
    what: 'lets a pause grow (core/retry/backoff.ts)',
    copy: new RegExp(`${TIME} \\* 2\\b|\\b2 \\* [\\w.#]*?${TIME}|\\* 2 \\*\\* `, 'gi'),
    where: [
      'core/retry/',
      // It grows and shrinks with what the target answers.
      'worker/dispatch/calls/circuit-breaker.ts',
    ],
  },
  {
    what: 'repeats a step until it succeeds (core/retry/again.ts)',
    copy: /catch(?: \(\w+\))? \{(?:(?!\n {0,6}\}).)*?await (?:sleep|pause)\(/gs,
    where: [
      'core/retry/',
      // A refused number is followed by another one, up to a limit.
      'drivers/blob-store/s3/journal/journal.ts',
      // One second look, for a schema that is new.
      'drivers/event-log/shared/registry/schema-registry.ts',
      // A member lives between its failures, and joins again for several reasons.
      'drivers/event-log/kafka/',
      // What is appended changes from one attempt to the next.
      'worker/dispatch/writes/parking-log-writer.ts',
      // Changed files end the pause.
      'cli/dev-cluster/dev-cluster.ts',
    ],
  },
  {
    what: 'does periodic work (core/retry/every.ts)',
    copy: /(?:while \([^\n]*|for \([^\n]*;\)) \{\n\s*(?:\/\/[^\n]*\n\s*)*await (?:sleep|pause)\(/g,
    where: [
      'core/retry/',
      // An instance is given up after a number of rounds of equal length.
      'drivers/function-host/local/watch-health.ts',
      // A person watches.
      'cli/top/watch.ts',
    ],
  },
  {
    what: 'says how many of a thing there are (core/units/counted.ts)',
    copy: /=== 1 \? '(?:1 )?(\w+)' : ['`](?:\$\{\w+\} )?\1s['`]|=== 1 \? '' : 's'/g,
    where: ['core/units/'],
  },
  {
    what: 'takes what is repeated from the end of a text (core/paths/trailing-slashes.ts): a pattern takes quadratic time',
    copy: /replace\(\/(?:[^/\n]*\|)?(?:\\.|\[[^\]\n]*\]|[^\\/^])[+*]\$\//g,
    where: [
      // Names of resources and folders, and digits of a number: short, and not from whoever sends
      // requests.
      'k8s/providers/',
      'core/cel/internal/durations.ts',
      'cli/apply/application-name.ts',
      'cli/init/write-application.ts',
    ],
  },
  {
    what: 'takes the namespace of the context where none is named (namespaceFor in cli/platform/platform-options.ts)',
    copy: /'-n, --namespace <[^\n]*, 'default'\)|\.namespace \?\? target\.namespace/g,
    where: ['cli/platform/platform-options.ts'],
  },
  {
    what: 'reads and writes data of events with all digits of their numbers (core/units/whole-numbers.ts)',
    copy: /\bJSON\.(?:parse|stringify)\(/g,
    within: ['worker'],
    where: [
      // They read and write records of our own, fingerprints and words of messages: none has data
      // of events that may hold a BigInt.
      'worker/archive/archive-event.ts',
      'worker/archive/encode-jsonl.ts',
      'worker/archive/layout.ts',
      'worker/archive/manifest.ts',
      'worker/archive/range.ts',
      'worker/deliver/to-outcome.ts',
      'worker/deliver/with-idempotency.ts',
      'worker/dispatch/dead-letters/dead-letter-codec.ts',
      'worker/fan-outs/gather-destination.ts',
      'worker/fan-outs/job-turn.ts',
      'worker/fan-outs/outbox-relay.ts',
      'worker/fan-outs/splitter.ts',
      'worker/fan-outs/watch-uploads.ts',
      'worker/fold/repeats.ts',
      'worker/parking-log/parking-log-codec.ts',
      'worker/pipelines/compile-topology.ts',
      'worker/pipelines/flow/first-of-key.ts',
      'worker/pipelines/join/join-partition.ts',
      'worker/pipelines/window/open-window.ts',
      'worker/pipelines/window/saved-clock.ts',
      'worker/pipelines/window/stage-clock.ts',
      'worker/pipelines/window/window-input.ts',
      'worker/pipelines/window/window-partition.ts',
      'worker/plan/compile-fan-outs.ts',
      'worker/plan/compile-pipelines.ts',
      'worker/plan/compile-syncs.ts',
      'worker/plan/compile-views.ts',
      'worker/plan/compile.ts',
      'worker/plan/topic-keeper.ts',
      'worker/schedules/schedule-runner.ts',
      'worker/sources/source-plan.ts',
      'worker/views/shapes/feed-entry.ts',
      'worker/views/shapes/operation.ts',
      'worker/views/shapes/ranking-window.ts',
      'worker/views/shapes/ranking.ts',
      'worker/views/shapes/search.ts',
    ],
  },
  {
    what: 'reads a table to its end (server/shared/all-rows.ts), as a page may be shorter although there is more',
    copy: /\{ rows \} = await [\w.#]+\.scan\(/g,
    where: [
      // These remove what they have read, and read again until nothing is left.
      'worker/fan-outs/outbox-handler.ts',
      'worker/views/shapes/ranking-window.ts',
      'worker/views/projection/projected.ts',
    ],
  },
  {
    what: 'decides about each resource from its slice of what was gathered (admin/live/slices.ts)',
    copy: /\b(?:conditionsOf|findingsOfResource|problemsOf)\(\w+, gathered\b/g,
    // These get the slice, or the one resource that is asked for.
    where: [
      'admin/resource-state.ts',
      'admin/diagnosis/diagnose.ts',
      'admin/live/resource-summaries.ts',
      'admin/internal/resource-routes.ts',
    ],
  },
];

const copiesIn = ({ copy }: Mechanism, text: string) => [...text.matchAll(copy)].map(([found]) => found);

describe('one mechanism for one thing', () => {
  for (const mechanism of mechanisms)
    it(mechanism.what, () => {
      const others = (mechanism.within ?? SHIPPED_FOLDERS)
        .flatMap(sourceFiles)
        .filter(file => !mechanism.where.some(beginning => file.startsWith(beginning)));
      const found = others.flatMap(file =>
        copiesIn(mechanism, readFileSync(join(root, file), 'utf8')).map(copy => `${file}: ${copy}`),
      );
      assert.deepEqual(found, []);
    });

  for (const [index, kind, lines, count] of [
    [
      0,
      'a second reader of Retry-After',
      `const after = Number(response.headers.get('retry-after') ?? Number.NaN);
       after = Number(answer.headers['retry-after']) * 1000 || undefined;
       const ms = parseRetryAfter(headers['retry-after'], now);`,
      2,
    ],
    [
      1,
      'jitter of its own',
      `await sleep(world, pause * (0.75 + world.random() / 2), signal);
       await sleep(world, world.random() * PAUSE_MS);
       return ceiling * (0.5 + random / 2);
       return Math.round(pauseUpTo(ceiling, random));
       if (sample < 1 && world.random() >= sample) return;`,
      3,
    ],
    [
      2,
      'a pause that grows by itself',
      `for (let wait = FIRST; ; wait = Math.min(wait * 2, LONGEST)) {
       this.#pause = Math.min(2 * this.#pause, LAST_PAUSE_MS);
       const ceiling = Math.min(max, initial * 2 ** (attempt - 1));
       const bytes = Math.max(this.length * 2, wanted);`,
      3,
    ],
    [
      3,
      'a loop that repeats by hand',
      'try {\n  return await act();\n} catch (error) {\n  await sleep(world, 200);\n}',
      1,
    ],
    [
      5,
      'a plural by hand',
      "`${n} ${n === 1 ? 'row' : 'rows'}`; n === 1 ? '1 row' : `${n} rows`; `row${n === 1 ? '' : 's'}`; n === 1 ? 'is' : 'are';",
      3,
    ],
    [
      6,
      'a pattern for the end of a text',
      "path.replace(/\\/+$/, ''); text.replace(/=+$/, ''); text.replace(/^a+$/, ''); text.replace(/x$/, ''); text.replace(/^[ab]+$/, ''); part.replace(/^[ ]+|[ ]+$/g, ''); part.replace(/[ab]+$/, '');",
      4,
    ],
    [
      7,
      'a namespace of its own where none is named',
      `.option('-n, --namespace <NAME>', 'namespace of the topic', 'default')
       .option('-n, --namespace <NAME>', 'namespace of the topic')
       const namespace = options.namespace ?? target.namespace ?? 'default';`,
      2,
    ],
    [
      8,
      'a reader of data that rounds',
      'const data = JSON.parse(text); const written = JSON.stringify(event.data); const exact = parseExactly(text);',
      2,
    ],
    [
      9,
      'a table that is read in part',
      'const { rows } = await store.scan(SCOPE, TABLE, { limit }); const { rows, next } = await store.scan(a, b, c);',
      1,
    ],
    [
      10,
      'a decision from all that was gathered',
      'conditionsOf(resource, gathered); conditionsOf(resource, sliceOf(resource)); problemsOf(each, gathered);',
      2,
    ],
    [4, 'a periodic loop by hand', 'while (!signal.aborted) {\n  // Not at once.\n  await sleep(world, 200);\n}', 1],
  ] as const) {
    it(`finds ${kind}`, () => {
      const mechanism = mechanisms[index];
      assert.ok(mechanism);
      assert.equal(copiesIn(mechanism, lines).length, count);
    });
  }
});
