// No test is red because its machine is busy: what waits has a generous end, and nothing asks how
// little time has passed, but where the other outcome takes far longer.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './source-files.ts';

/** Mocha's own, for a test that hangs. */
const HANGS_MS: number = JSON.parse(readFileSync(join(root, '.mocharc.json'), 'utf8')).timeout;
/** What `eventually` allows by itself. */
const WAITS_MS = 2 * 60_000;
/** A start, a life and an end of a process. */
const KILL_MS = 30_000;
/**
 * A bound from above on time that has passed. The outcome that it rules out must
 * take twice as long at least.
 */
const PASSED_MS = 10_000;

const NUMBER = String.raw`\d[\d_]*(?:e\d+)?`;
const PRODUCT = String.raw`${NUMBER}(?: \* ${NUMBER})*`;

const rules: readonly (readonly [what: string, pattern: RegExp, least: number])[] = [
  ['a limit of a test', new RegExp(String.raw`(?<!AbortSignal)\.timeout\((${PRODUCT})\)`, 'g'), HANGS_MS],
  [
    'an end of a wait',
    new RegExp(String.raw`\b(?:eventually|until|untilDone)\([^;]*?,\s*(\d[\d_]{2,}|\d+ \* ${NUMBER}),?\s*\);`, 'g'),
    WAITS_MS,
  ],
  ['a limit of a test, for each kill,', new RegExp(String.raw`\.timeout\(KILLS \* (${PRODUCT})`, 'g'), KILL_MS],
  ['an end of a wait', new RegExp(String.raw`\breadyWithinMs: (${PRODUCT}),`, 'g'), WAITS_MS],
  [
    'an end of a wait',
    new RegExp(String.raw`\bconst (?:(?:ASLEEP|HEALS|LISTENS|MOVED|READY|SERVED)_)?WITHIN_MS = (${PRODUCT});`, 'g'),
    WAITS_MS,
  ],
  [
    'a bound on the time that has passed',
    new RegExp(String.raw`(?<!while \([^;\n]*)\.now\(\) - \w+\)? <=? (${PRODUCT})(?! \*)`, 'g'),
    PASSED_MS,
  ],
  [
    'a bound on the time that has passed',
    new RegExp(String.raw`\b(?:took|tookMs|elapsed|slowest|firstMs|waitedMs) <=? (${PRODUCT})(?! \*)`, 'g'),
    PASSED_MS,
  ],
];

/** Of a command that waits. One of a few seconds is the thing that is tested. */
const COMMAND_S = 300;
const COMMAND = /--timeout(?:=|['",\s]+)(\d{2,}s|\dm)\b/g;

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'test', 'functions'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter(path => path.endsWith('.ts') && !path.startsWith('test/architecture/'));

function millisecondsOf(product: string): number {
  return product.split(' * ').reduce((value, factor) => value * Number(factor.replaceAll('_', '')), 1);
}

function tooShort(text: string): string[] {
  return [...tooShortCommands(text), ...tooShortNumbers(text)];
}

function tooShortCommands(text: string): string[] {
  return [...text.matchAll(COMMAND)]
    .filter(([, limit = '']) => Number.parseInt(limit, 10) * (limit.endsWith('m') ? 60 : 1) < COMMAND_S)
    .map(([found]) => `the limit of a command that waits is below ${COMMAND_S} s: ${found}`);
}

function tooShortNumbers(text: string): string[] {
  return rules.flatMap(([what, pattern, least]) =>
    [...text.matchAll(pattern)]
      // Zero is no limit: for what computes a known number of steps.
      .filter(([, product = '']) => millisecondsOf(product) > 0 && millisecondsOf(product) < least)
      .map(([found]) => `${what} is below ${least} ms: ${found.slice(-80)}`),
  );
}

describe('time in tests', () => {
  it('decides nothing on a busy machine', () => {
    const found = files.flatMap(path =>
      tooShort(readFileSync(join(root, path), 'utf8')).map(each => `${path}: ${each}`),
    );
    assert.deepEqual(found, []);
  });

  for (const text of [
    'this.timeout(20_000);',
    'this.timeout(2 * 60_000);',
    "await eventually(() => seen.length === 2, 'two', 5000);",
    "await eventually(\n  () => seen.length === 2,\n  'two',\n  5000,\n);",
    'it(name, async () => {}).timeout(KILLS * 5_000 + 60_000);',
    'const program = { readyWithinMs: 45_000, isReady };',
    'assert.ok(performance.now() - began < 1500);',
    'assert.ok(took < 2000, `${took} ms`);',
    "await kubectl('wait', '--for=condition=Ready', '--timeout=60s');",
    "await tenfold(['apply', folder, '--wait', '--timeout', '2m']);",
  ])
    it(`would be found: ${text.replaceAll('\n', ' ')}`, () => assert.equal(tooShort(text).length, 1));

  for (const text of [
    'this.timeout(900_000);',
    'this.timeout(0);',
    "await kubectl('wait', '--for=condition=Ready', '--timeout=300s');",
    "await tenfold(['apply', folder, '--wait', '--timeout', '1s']);",
    'while (performance.now() - began < 1000) {',
    "await eventually(() => seen.length === 2, 'two');",
    "await eventually(() => seen.length === 2, 'two', 180_000);",
    'assert.ok(performance.now() - began < 30_000);',
    'assert.ok(performance.now() - began >= 290);',
  ])
    it(`may stay: ${text}`, () => assert.deepEqual(tooShort(text), []));
});
