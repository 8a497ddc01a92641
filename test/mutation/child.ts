// A process that runs tests with one mutant in force at a time, as its parent tells it.
// One that computes without end is ended by a thread of its own, by processor time: a
// busy machine decides nothing.
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
}

export interface Answer {
  /** Undefined where all tests passed. */
  readonly failed: { readonly test: string; readonly message: string } | undefined;
  /** How often each mutant was reached: while files were loaded, and by test. */
  readonly loading: Readonly<Record<string, number>>;
  readonly byTest: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Milliseconds of processor time. */
  readonly computing: number;
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

/** What waits in vain fails after this; all that a test waits for comes within seconds. */
const WAIT_MS = 180_000;

const watchdog = new Worker(
  `const { parentPort } = require('node:worker_threads');
  const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
  let end = Infinity;
  parentPort.on('message', computing => { end = used() + computing; });
  setInterval(() => { if (used() > end) process.kill(process.pid, 'SIGKILL'); }, 200);`,
  { eval: true },
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

process.on('message', async ({ mutant, tests, hits, computing }: Order) => {
  watchdog.postMessage(computing);
  const before = process.cpuUsage();
  Object.assign(ns, { activeMutant: mutant, hitCount: 0, hitLimit: hits });
  if (ns.mutantCoverage) ns.mutantCoverage.perTest = {};
  mocha.grep(tests ? new RegExp(`^(${tests.map(quote).join('|')})$`) : /^/);
  const failed = await run();
  ns.activeMutant = undefined;
  watchdog.postMessage(Number.POSITIVE_INFINITY);
  // What it left behind fails before the next one begins.
  for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve));
  const byTest = mutant === undefined ? (ns.mutantCoverage?.perTest ?? {}) : {};
  const { user, system } = process.cpuUsage(before);
  const answer = { failed, loading: mutant === undefined ? loading : {}, byTest, computing: (user + system) / 1_000 };
  process.send?.(answer satisfies Answer);
});
process.send?.('ready');

function run(): Promise<Answer['failed']> {
  return new Promise(resolve => {
    let failed: Answer['failed'];
    const runner = mocha.run(() => resolve(failed));
    runner.on('test', test => {
      ns.currentTestId = test.fullTitle();
    });
    runner.on('fail', (test, error) => {
      failed ??= { test: test.fullTitle(), message: String(error.message).slice(0, 300) };
    });
  });
}

function quote(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
