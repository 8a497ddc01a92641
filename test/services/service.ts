// How tests find a service that they need: where the environment says, else in a container, else as
// a program of this machine, else not at all, and loudly.

import { spawnSync } from 'node:child_process';
import { shareBetweenFiles } from '../share-between-files.ts';
import { type ContainerService, type ImageState, imageOf, imageState, startContainer } from './containers.ts';
import type { StartedService } from './started-service.ts';

/** Programs end by themselves before, and say why (`native-process.ts`). */
const START_WITHIN_MS = 10 * 60_000;

export interface ServiceKind {
  readonly name: string;
  /** Of the variable that holds its URL when there is one already. */
  readonly variable: string;
  /** Left out: there is no image of it. */
  readonly container?: ContainerService;
  /** Whether this machine could start it as a program. */
  isInstalled(): boolean;
  /** As a program. */
  start(): Promise<StartedService>;
}

export interface FoundService {
  /** Once the tests run. */
  url(): string;
}

/** `why`, and why by none of the ways before it, for people. */
export type Way =
  | { readonly by: 'url'; readonly url: string }
  | { readonly by: 'container' | 'program' | 'none'; readonly why: string };

export const isCommand = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

/** Takes some 50 ms where Docker answers, and 10 ms where not. */
export function wayTo(kind: ServiceKind, stateOf: (image: string) => ImageState = imageState): Way {
  const { name, variable, container } = kind;
  const url = process.env[variable];
  if (url) return { by: 'url', url };
  let why = `${variable} does not say where it runs`;
  if (container) {
    const image = imageOf(container);
    const state = stateOf(image);
    if (state === 'there') return { by: 'container', why: `${name} runs in a container of ${image}` };
    why += state === 'missing' ? `, Docker has no image ${image}` : ', Docker does not answer';
  }
  if (kind.isInstalled()) return { by: 'program', why: `${name} runs as a program: ${why}` };
  return { by: 'none', why: `${why}, and it is not installed (make install-services)` };
}

/**
 * To be stopped by whoever calls, also where it is one that the environment names. Says how it
 * runs, on stderr; throws where it cannot.
 */
export async function startService(kind: ServiceKind, way: Way = wayTo(kind)): Promise<StartedService> {
  if (way.by === 'url') return { url: way.url, stop: async () => {} };
  if (way.by === 'none') throw new Error(`${kind.name} cannot be started: ${way.why}.`);
  process.stderr.write(`${way.why}.\n`);
  return way.by === 'container' && kind.container ? await startContainer(kind.container) : await kind.start();
}

/**
 * To be called when a test file loads. Undefined: the tests that need it are not to be defined,
 * which is told on stderr; where `CI` is set that is an error. What is started is shared by all
 * files of this run that call this.
 */
export function findService(kind: ServiceKind): FoundService | undefined {
  let found = shared.get(kind.name);
  if (!found) {
    const way = wayTo(kind);
    if (way.by === 'none') return tellSkipped(kind, way.why);
    found = way.by === 'url' ? { url: () => way.url, used() {} } : shareForRun(kind, way);
    shared.set(kind.name, found);
  }
  found.used();
  return found;
}

/**
 * For tests that start their own programs, to break them; the same is told where they cannot be.
 */
export function canStart(kind: ServiceKind): boolean {
  if (kind.isInstalled()) return true;
  tellSkipped(kind, 'it is not installed (make install-services)');
  return false;
}

function tellSkipped({ name }: ServiceKind, why: string): undefined {
  const what = `Tests that need ${name} cannot run: ${why}.`;
  if (process.env['CI']) throw new Error(what);
  process.stderr.write(`\n!! SKIPPED. ${what}\n\n`);
}

/** One of each kind in this process. */
const shared = new Map<string, FoundService & { used(): void }>();

function shareForRun(kind: ServiceKind, way: Way): FoundService & { used(): void } {
  let service: StartedService | undefined;
  const used = shareBetweenFiles({
    name: kind.name,
    startWithinMs: START_WITHIN_MS,
    async start() {
      service = await startService(kind, way);
    },
    async stop() {
      const ended = service;
      service = undefined;
      await ended?.stop();
    },
  });
  return {
    used,
    url() {
      if (!service) throw new Error(`${kind.name} does not run; ask when tests run, in a file that finds it.`);
      return service.url;
    },
  };
}
