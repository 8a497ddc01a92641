// What several test files share, such as a service, runs from the first file that uses it to the
// last: idling for all of a run, a node or a broker computes more than the tests have of it.
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface SharedThing {
  /** In the titles of its hooks. */
  readonly name: string;
  /** Once, and only where a file that uses it has tests to run. */
  start(): Promise<void>;
  /** May be called again, and where it never started. */
  stop(): Promise<void>;
  readonly startWithinMs: number;
}

/** Returns what is to be called whenever a test file that uses it loads. */
export function shareBetweenFiles(thing: SharedThing): () => void {
  const users = new Set<string | undefined>();
  // Hooks of the root suite: when the first one runs, all files are loaded.
  before(`see which files use ${thing.name}`, function () {
    if (this.test?.parent?.root !== true)
      throw new Error(`Ask for ${thing.name} while a file loads, and not within a describe: nothing would start it.`);
    placeHooks(this.test?.parent?.suites ?? [], users, thing);
  });
  after(`stop ${thing.name}`, () => thing.stop());
  return () => void users.add(loadingTestFile());
}

/**
 * `users`: paths of files; undefined stands for one that is not known, and then it runs for all.
 * Each suite of a user may start it, as `--grep` may leave any of them without tests.
 */
export function placeHooks(
  suites: readonly Mocha.Suite[],
  users: ReadonlySet<string | undefined>,
  { name, start, stop, startWithinMs }: SharedThing,
): void {
  const isUser = ({ file }: Mocha.Suite) =>
    users.has(undefined) || (file !== undefined && users.has(realpathSync(file)));
  const using = suites.filter(isUser);
  let started: Promise<void> | undefined;
  for (const suite of using) {
    suite.beforeAll(`start ${name}`, function () {
      this.timeout(startWithinMs);
      started ??= start();
      return started;
    });
    toFront(suite);
  }
  using.at(-1)?.afterAll(`stop ${name}`, () => stop());
}

/** Hooks of its file need what this one starts. Types of mocha leave `getHooks` out. */
function toFront(suite: Mocha.Suite): void {
  const hooks = (suite as unknown as { getHooks(name: 'beforeAll'): Mocha.Hook[] }).getHooks('beforeAll');
  const last = hooks.pop();
  if (last) hooks.unshift(last);
}

/** Undefined where a helper asks while it is loaded itself, perhaps for several files. */
function loadingTestFile(): string | undefined {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  const { stack = '' } = new Error('where');
  Error.stackTraceLimit = stackTraceLimit;
  const url = /file:\/\/\S+?\.test\.ts/.exec(stack)?.[0];
  return url === undefined ? undefined : realpathSync(fileURLToPath(url));
}
