// A process that runs tests with one mutant in force at a time, as its parent tells it.
// A thread of its own ends one that computes without end or waits in vain. It goes by processor
// time and by how often it is woken itself: a busy machine decides nothing.
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import Mocha from 'mocha';
import '../whole-sizes.ts';

export interface Order {
  /**
   * None is in force where it is undefined: then the answer says which tests reach which mutants.
   */
  readonly mutant: string | undefined;
  /** Titles of the tests; all where it is undefined. */
  readonly tests: readonly string[] | undefined;
  /** More hits of the mutant are a loop without end. */
  readonly hits: number;
  /** Milliseconds of processor time. */
  readonly computing: number;
  /** Steps of the watchdog at which nothing had been computed, one after the other. */
  readonly waiting: number;
}

export interface Answer {
  /** Undefined where all tests passed. */
  readonly failed: { readonly test: string; readonly message: string } | undefined;
  /** How often each mutant was reached: while files were loaded, and by test. */
  readonly loading: Readonly<Record<string, number>>;
  readonly byTest: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Milliseconds of processor time, by test. */
  readonly computing: Readonly<Record<string, number>>;
  /** The longest wait, in steps of the watchdog. */
  readonly waiting: number;
}

interface Switch {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number;
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
}

declare global {
  var __stryker__: Switch | undefined;
}

/** What waits in vain fails after this, where the watchdog does not see it. */
const WAIT_MS = 180_000;

/** The longest wait since it was set to 0, in steps of the watchdog. */
const longest = new Int32Array(new SharedArrayBuffer(4));
const watchdog = new Worker(
  `const { parentPort, workerData: longest } = require('node:worker_threads');
  const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
  const QUIET_MS = 20;
  let end = Infinity, most = Infinity, waits = 0, before = used();
  parentPort.on('message', ({ computing, waiting }) => { end = used() + computing; most = waiting; waits = 0; });
  setInterval(() => {
    const now = used();
    waits = now - before < QUIET_MS ? waits + 1 : 0;
    before = now;
    longest[0] = Math.max(longest[0], waits);
    if (now > end || waits > most) process.kill(process.pid, 'SIGKILL');
  }, 200);`,
  { eval: true, workerData: longest },
);

class Silent {}

// That a mutant is found is enough: nobody reads by which smallest example.
fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });
globalThis.__stryker__ ??= {};
const ns = globalThis.__stryker__;
const mocha = new Mocha({ timeout: WAIT_MS, bail: true, reporter: Silent as never, forbidPending: true });
mocha.cleanReferencesAfterRun(false);
for (const file of process.argv.slice(2)) mocha.addFile(file);
await mocha.loadFilesAsync();
const loading = { ...ns.mutantCoverage?.static };

process.on('message', async ({ mutant, tests, hits, computing, waiting }: Order) => {
  longest[0] = 0;
  watchdog.postMessage({ computing, waiting });
  Object.assign(ns, { activeMutant: mutant, hitCount: 0, hitLimit: hits });
  if (ns.mutantCoverage) ns.mutantCoverage.perTest = {};
  mocha.grep(tests ? new RegExp(`^(${tests.map(quote).join('|')})$`) : /^/);
  const used: Record<string, number> = {};
  const failed = await run(used);
  ns.activeMutant = undefined;
  const wait = longest[0] ?? 0;
  watchdog.postMessage({ computing: Number.POSITIVE_INFINITY, waiting: Number.POSITIVE_INFINITY });
  // What it left behind fails before the next one begins.
  for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve));
  const byTest = mutant === undefined ? (ns.mutantCoverage?.perTest ?? {}) : {};
  const answer = { failed, loading: mutant === undefined ? loading : {}, byTest, computing: used, waiting: wait };
  process.send?.(answer satisfies Answer);
});
process.send?.('ready');

/** Adds to `used` what each test computed. */
function run(used: Record<string, number>): Promise<Answer['failed']> {
  return new Promise(resolve => {
    let failed: Answer['failed'];
    let before = process.cpuUsage();
    const runner = mocha.run(() => resolve(failed));
    runner.on('test', test => {
      ns.currentTestId = test.fullTitle();
      before = process.cpuUsage();
    });
    runner.on('test end', test => {
      const { user, system } = process.cpuUsage(before);
      used[test.fullTitle()] = (used[test.fullTitle()] ?? 0) + (user + system) / 1_000;
    });
    runner.on('fail', (test, error) => {
      failed ??= { test: test.fullTitle(), message: String(error.message).slice(0, 300) };
    });
  });
}

function quote(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
