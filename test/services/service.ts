// How tests find a service that they need: where the environment says, else as a program that is started for this run, else not at all, and loudly.
import { spawnSync } from 'node:child_process';

export interface ServiceKind {
  readonly name: string;
  /** Of the variable that holds its URL when there is one already. */
  readonly variable: string;
  /** Whether this machine could start it. */
  isInstalled(): boolean;
  start(): Promise<StartedService>;
}

export interface StartedService {
  readonly url: string;
  stop(): Promise<void>;
}

export interface FoundService {
  /** Once the tests run. */
  url(): string;
}

export const isCommand = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

/**
 * To be called when a test file loads. Undefined: the tests that need it are not to be defined, which is told on stderr; where `CI` is set that is
 * an error. What is started is shared by all files of this run and ends with it.
 */
export function findService(kind: ServiceKind): FoundService | undefined {
  const given = process.env[kind.variable];
  if (given) return { url: () => given };
  if (!canStart(kind, `, and ${kind.variable} does not say where it runs`)) return undefined;
  const running = shared.get(kind.name) ?? shareForRun(kind);
  return running;
}

/** For tests that start their own, to break it; the same is told where it cannot be. */
export function canStart(kind: ServiceKind, more = ''): boolean {
  if (kind.isInstalled()) return true;
  const what = `Tests that need ${kind.name} cannot run: it is not installed (make install-services)${more}.`;
  if (process.env['CI']) throw new Error(what);
  process.stderr.write(`\n!! SKIPPED. ${what}\n\n`);
  return false;
}

/** One of each kind in this process. */
const shared = new Map<string, FoundService>();

function shareForRun(kind: ServiceKind): FoundService {
  let service: StartedService | undefined;
  // Hooks of the root suite: around all files of the run.
  before(`start ${kind.name}`, async function () {
    this.timeout(60_000);
    service = await kind.start();
  });
  after(`stop ${kind.name}`, async function () {
    this.timeout(60_000);
    await service?.stop();
  });
  const found: FoundService = {
    url() {
      if (!service) throw new Error(`${kind.name} has not been started; ask when tests run.`);
      return service.url;
    },
  };
  shared.set(kind.name, found);
  return found;
}
