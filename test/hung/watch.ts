// Loaded before all tests: mocha's time limits hold, too, where a test never lets the event loop
// go on. No timer of the same thread comes to an end then, and CI would wait until it is killed.
import { url } from 'node:inspector';
import { Worker } from 'node:worker_threads';

/** Posted to the thread that watches; `limitMs` is 0 where there is no limit. */
export interface Beat {
  readonly title?: string;
  readonly limitMs?: number;
}

const BEAT_MS = 1000;

// A debugger holds everything up on purpose.
const watcher = url() === undefined ? new Worker(new URL('watcher.ts', import.meta.url)) : undefined;
watcher?.unref();
const post = (beat: Beat) => watcher?.postMessage(beat);
setInterval(() => post({}), BEAT_MS).unref();

const mochaHooks: Mocha.RootHookObject = {
  beforeEach(this: Mocha.Context) {
    post({ title: this.currentTest?.fullTitle() ?? '', limitMs: this.currentTest?.timeout() ?? 0 });
  },
};

// Mocha asks for it by this name.
export { mochaHooks };
