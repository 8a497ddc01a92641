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
/** A request that helpers make, of which somebody else judges the outcome. */
const SHARED_MS = 30_000;
/** A start, a life and an end of a process. */
const KILL_MS = 30_000;
/**
 * A bound from above on time that has passed, also on a machine that stands still for ten seconds.
 * The outcome that it rules out must take longer.
 */
const PASSED_MS = 15_000;

const NUMBER = String.raw`\d[\d_]*(?:e\d+)?`;
const PRODUCT = String.raw`${NUMBER}(?: \* ${NUMBER})*`;
/** A number, or the name of one that the same file declares or gives to a parameter. */
const LIMIT = String.raw`${PRODUCT}|[A-Za-z]\w*`;

const rules: readonly (readonly [what: string, pattern: RegExp, least: number])[] = [
  ['a limit of a test', new RegExp(String.raw`(?<!AbortSignal)\.timeout\((${PRODUCT})\)`, 'g'), HANGS_MS],
  [
    'an end of a wait',
    new RegExp(String.raw`\b(?:eventually|until|untilDone)\([^;]*?,\s*(\d[\d_]{2,}|\d+ \* ${NUMBER}),?\s*\);`, 'g'),
    WAITS_MS,
  ],
  ['an end of a wait', /\bleads\(\w+, (\d[\d_]*)\)/g, WAITS_MS],
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
    new RegExp(
      String.raw`\b(?:took|tookMs|elapsed|slowest|firstMs|waitedMs|longestGapMs|\w+\.ms) <=? (${PRODUCT})(?! \*)`,
      'g',
    ),
    PASSED_MS,
  ],
  [
    'an end of a wait, after which something else is the answer,',
    new RegExp(String.raw`\bsetTimeout\(\(\) => (?:resolve|reject|finish|done|settle)\([^()]*\), (${LIMIT})\)`, 'g'),
    WAITS_MS,
  ],
  [
    'an end of a wait, after which something else is the answer,',
    new RegExp(String.raw`\bsetTimeout\((?:resolve|reject|finish|done|settle), (${LIMIT}), [^)]+\)`, 'g'),
    WAITS_MS,
  ],
  [
    'an end of a wait, after which something else is the answer,',
    new RegExp(String.raw`\b(?:pause|sleep)\((${LIMIT})(?:, ['"\`][^)]*\)|\)\.then\(\(\) =>)`, 'g'),
    WAITS_MS,
  ],
  [
    'an end of a wait, after which a process is killed,',
    new RegExp(String.raw`\bsetTimeout\(\(\) => \w+\.kill\([^()]*\), (${LIMIT})\)`, 'g'),
    WAITS_MS,
  ],
  [
    'an end of a wait, after which a request has failed,',
    new RegExp(String.raw`\bAbortSignal\.timeout\((${PRODUCT})\)`, 'g'),
    WAITS_MS,
  ],
  [
    'an end of a wait, after which a request has failed,',
    new RegExp(String.raw`\.setTimeout\((${PRODUCT}), \(\) => \w+\.destroy\(new Error`, 'g'),
    WAITS_MS,
  ],
];

/** What tests share is no test of a limit: only a test itself may want a request to fail soon. */
const sharedRules: typeof rules = [
  ['a limit of a request', new RegExp(String.raw`\brequestTimeoutMs: (${PRODUCT})`, 'g'), SHARED_MS],
];

/** Until the port is used, a connection or another process may take it: `freePorts` holds it. */
const GIVEN_BACK = /\bport \} = \w+\.address\(\)[^;]*;\s*(?:await new Promise\(\w+ => )?\w+\.close\(/g;

/** Of a command that waits. One of a few seconds is the thing that is tested. */
const COMMAND_S = 300;
const COMMAND = /--timeout(?:=|['",\s]+)(\d{2,}s|\dm)\b/g;

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'test', 'functions'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter(path => path.endsWith('.ts') && !path.startsWith('test/architecture/'))
  // The rest of the applications is what users run.
  .filter(path => path.startsWith('test/') || path.endsWith('.test.ts'));

/** Of a limit in this text; undefined where a caller decides it. */
function millisecondsOf(limit: string, text: string): number | undefined {
  if (!/^[A-Za-z]/.test(limit)) return productOf(limit);
  const declared = new RegExp(String.raw`\b${limit} = (${PRODUCT})[;,)]`).exec(text)?.[1];
  return declared === undefined ? undefined : productOf(declared);
}

function productOf(product: string): number {
  return product.split(' * ').reduce((value, factor) => value * Number(factor.replaceAll('_', '')), 1);
}

function tooShort(text: string, path = 'some.test.ts'): string[] {
  const shared = path.endsWith('.test.ts') ? [] : sharedRules;
  return [...tooShortCommands(text), ...tooShortNumbers(text, [...rules, ...shared]), ...givenBack(text)];
}

function givenBack(text: string): string[] {
  return [...text.matchAll(GIVEN_BACK)].map(([found]) => `a port is given back before it is used: ${found}`);
}

function tooShortCommands(text: string): string[] {
  return [...text.matchAll(COMMAND)]
    .filter(([, limit = '']) => Number.parseInt(limit, 10) * (limit.endsWith('m') ? 60 : 1) < COMMAND_S)
    .map(([found]) => `the limit of a command that waits is below ${COMMAND_S} s: ${found}`);
}

function tooShortNumbers(text: string, all: typeof rules): string[] {
  const isTooShort = (limit: string, least: number) => {
    const ms = millisecondsOf(limit, text) ?? least;
    // Zero is no limit: for what computes a known number of steps.
    return ms > 0 && ms < least;
  };
  return all.flatMap(([what, pattern, least]) =>
    [...text.matchAll(pattern)]
      .filter(([, limit = '']) => isTooShort(limit, least))
      .map(([found]) => `${what} is below ${least} ms: ${found.slice(-80)}`),
  );
}

describe('time in tests', () => {
  it('decides nothing on a busy machine', () => {
    const found = files.flatMap(path =>
      tooShort(readFileSync(join(root, path), 'utf8'), path).map(each => `${path}: ${each}`),
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
    'assert.ok(next.ms < 150);',
    'await leads(second, 1500);',
    "await kubectl('wait', '--for=condition=Ready', '--timeout=60s');",
    "await tenfold(['apply', folder, '--wait', '--timeout', '2m']);",
    "await Promise.race([asked, new Promise(resolve => setTimeout(() => resolve('silent'), 5000))]);",
    'const finish = (closed: boolean) => {};\nfunction send(quietMs = 150) {\nsetTimeout(() => finish(false), quietMs);',
    "await Promise.race([asked, new Promise(resolve => setTimeout(resolve, 50, 'open'))]);",
    "await Promise.race([asked, pause(1000).then(() => 'open')]);",
    "await Promise.race([asked, pause(1000, 'open')]);",
    "setTimeout(() => child.kill('SIGKILL'), 20_000);",
    'fetch(url, { signal: AbortSignal.timeout(10_000) });',
    "socket.setTimeout(5000, () => socket.destroy(new Error('no answer')));",
    'const { port } = server.address() as AddressInfo;\nawait new Promise(resolve => server.close(resolve));',
    'const { port } = server.address() as AddressInfo;\nserver.close();',
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
    'const timer = setTimeout(() => resolve(undefined), ms);',
    'await Promise.race([asked, new Promise(resolve => setTimeout(() => resolve(undefined), 180_000))]);',
    'await new Promise(resolve => setTimeout(resolve, 20));',
    'const { port } = server.address() as AddressInfo;\nconst close = () => server.close();',
    "setTimeout(() => response.end('b'), 150);",
  ])
    it(`may stay: ${text}`, () => assert.deepEqual(tooShort(text), []));

  it('lets a test have a request fail soon, and nothing that tests share', () => {
    const text = 'const cluster = new Cluster({ requestTimeoutMs: 5000 });';
    assert.deepEqual(tooShort(text, 'links.test.ts'), []);
    assert.equal(tooShort(text, 'describe-group.ts').length, 1);
  });
});
