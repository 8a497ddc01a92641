// Runs the tests of a room for each mutant: first without any, to see which tests reach which
// mutant, then those tests alone.
import { type ChildProcess, fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Answer, Order } from './child.ts';
import type { Instrumented, Mutant } from './instrument.ts';

export interface Result {
  readonly mutant: Mutant;
  readonly end: 'killed' | 'survived' | 'not reached';
  readonly by: string;
}

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
const HOOK = new URL('hook.ts', import.meta.url).href;
/** What mutants leave behind is kept in memory: another process goes on after so many. */
const MUTANTS_OF_A_CHILD = 100;
/** Of what its tests compute, and of the longest wait, without any mutant. */
const LONGER = 5;
const MIN_COMPUTING_MS = 10_000;
/** Of a fifth of a second each. */
const MIN_WAITING_STEPS = 100;
const MORE_HITS = 100;

export class MutantRunner {
  readonly #file: string;
  readonly #tests: readonly string[];
  #child: ChildProcess | undefined;
  #used = 0;
  /** Whose mutants the child has. */
  #of: string | undefined;

  /** `file`: where the mutated sources may be kept for child processes. */
  constructor(file: string, { sources }: Instrumented, tests: readonly string[]) {
    writeFileSync(file, JSON.stringify(sources));
    this.#file = file;
    this.#tests = tests;
  }

  async run(mutants: readonly Mutant[], told: (result: Result) => void): Promise<void> {
    const dry = await this.#ask({ mutant: undefined, tests: undefined, hits: 1e12, computing: 1e9, waiting: 1e9 });
    if (dry === undefined) throw new Error('the process ended, without any mutant');
    if (dry.failed) throw new Error(`${dry.failed.test} fails without any mutant: ${dry.failed.message}`);
    const waiting = Math.max(MIN_WAITING_STEPS, dry.waiting * LONGER);
    for (const mutant of mutants) {
      const atLoad = (dry.loading[mutant.id] ?? 0) > 0;
      const reaching = Object.entries(dry.byTest).filter(([, hits]) => hits[mutant.id]);
      if (reaching.length === 0 && !atLoad) {
        told({ mutant, end: 'not reached', by: '' });
        continue;
      }
      const most = reaching.reduce((sum, [, hits]) => sum + (hits[mutant.id] ?? 0), 0);
      const tests = atLoad ? undefined : reaching.map(([title]) => title);
      const used = (tests ?? Object.keys(dry.computing)).reduce((sum, test) => sum + (dry.computing[test] ?? 0), 0);
      const computing = Math.max(MIN_COMPUTING_MS, used * LONGER);
      const hits = atLoad ? 1e12 : most * MORE_HITS + 10_000;
      const order = { mutant: mutant.id, tests, hits, computing, waiting };
      // What is made while files are loaded is made once: such a mutant has a process of its own.
      if (atLoad) this.close();
      const answer = await this.#ask(order, mutant.file, atLoad ? mutant.id : undefined);
      if (atLoad) this.close();
      if (answer === undefined)
        told({ mutant, end: 'killed', by: 'the process ended, computed without end or waited in vain' });
      else if (answer.failed) told({ mutant, end: 'killed', by: `${answer.failed.test}: ${answer.failed.message}` });
      else told({ mutant, end: 'survived', by: '' });
    }
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
    this.#used = 0;
  }

  async #ask(order: Order, file?: string, active?: string): Promise<Answer | undefined> {
    if (this.#used++ >= MUTANTS_OF_A_CHILD || file !== this.#of) this.close();
    this.#of = file;
    if (!this.#child) {
      const child = fork(CHILD, this.#tests, {
        execArgv: ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', '--import', HOOK],
        env: {
          ...process.env,
          TENFOLD_MUTANTS: this.#file,
          ...(file && { TENFOLD_MUTANTS_OF: file }),
          ...(active && { __STRYKER_ACTIVE_MUTANT__: active }),
        },
        stdio: ['ignore', 'ignore', order.mutant === undefined ? 'inherit' : 'ignore', 'ipc'],
      });
      this.#child = child;
      if ((await nextOf(child)) === undefined) {
        this.close();
        return undefined;
      }
    }
    this.#child.send(order);
    const answer = await nextOf(this.#child);
    if (answer === undefined || answer === 'ready') {
      this.close();
      return undefined;
    }
    return answer;
  }
}

/** Undefined: it ended. */
function nextOf(child: ChildProcess): Promise<Answer | 'ready' | undefined> {
  return new Promise(resolve => {
    const settle = (answer: Answer | 'ready' | undefined) => {
      child.removeAllListeners('message');
      child.removeAllListeners('exit');
      resolve(answer);
    };
    child.once('message', (answer: Answer | 'ready') => settle(answer));
    child.once('exit', () => settle(undefined));
  });
}
