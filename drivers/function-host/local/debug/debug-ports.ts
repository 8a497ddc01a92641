// The ports at which debuggers find functions, and the time that stands still while one of them has
// paused a function.

import { createStandingWorld, type StandingWorld } from '../../../../core/standing-world.ts';
import { suggest } from '../../../../core/suggest.ts';
import type { World } from '../../../../core/world.ts';
import type { FunctionDefinition } from '../../function-host.ts';
import { DebugPort } from './debug-port.ts';

export interface DebugSettings {
  /** The name of the one function that can be debugged; all of them without it. */
  readonly only: string | undefined;
  /** The port of the first one, and those after it of the others; 0 takes any free ones. */
  readonly port: number;
}

export interface DebugListener {
  listens(definition: FunctionDefinition, address: string): void;
  /** A debugger has paused it for the first time since it was attached. */
  paused(definition: FunctionDefinition): void;
  /** A function that was declared later can get no port. */
  failed(error: DebugPortError): void;
}

export class DebugPortError extends Error {
  readonly functionName: string;

  constructor({ name }: FunctionDefinition, cause: unknown) {
    super(`The debugger of ${name} cannot have its port.`, { cause });
    this.functionName = name;
  }
}

export class UnknownToDebug extends Error {
  constructor(name: string, known: readonly string[]) {
    const near = suggest(name, known);
    super(
      `There is no Function ${name} that runs here from a source${near === undefined ? '.' : `; did you mean ${near}?`}`,
    );
  }
}

/** Flags of a process that listens for debuggers at any free port, without a line on stderr. */
const FLAGS = ['--allow-inspector', '--inspect=127.0.0.1:0', '--inspect-publish-uid=http'] as const;

interface Debugged {
  readonly port: DebugPort;
  readonly flags: readonly string[];
}

export class DebugPorts {
  readonly #settings: DebugSettings;
  readonly #listener: DebugListener;
  readonly #standing: StandingWorld;
  /** By namespace and name, in the order of their ports. */
  readonly #ports = new Map<string, Debugged>();
  readonly #opening = new Set<Promise<void>>();
  #known: readonly string[] | undefined;
  #hasStarted = false;
  #closed = false;

  constructor(world: World, settings: DebugSettings, listener: DebugListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.#standing = createStandingWorld(world);
  }

  /** Its time stands still while a debugger has paused a function. */
  get world(): World {
    return this.#standing.world;
  }

  of({ namespace, name }: FunctionDefinition): Debugged | undefined {
    return this.#ports.get(`${namespace}/${name}`);
  }

  /**
   * Opens the ports that are missing. A function that can be debugged gets exactly one process, so
   * that each call meets the breakpoints.
   */
  prepare(definitions: readonly FunctionDefinition[]): FunctionDefinition[] {
    const known = definitions.filter(({ run }) => run.by === 'source');
    const debugged = known.filter(({ name }) => this.#settings.only === undefined || this.#settings.only === name);
    this.#known = known.map(({ name }) => name);
    for (const one of debugged.toSorted(byName)) if (this.of(one) === undefined && !this.#closed) this.#open(one);
    return definitions.map(one =>
      debugged.includes(one) && one.maxInstances > 0 ? { ...one, minInstances: 1, maxInstances: 1 } : one,
    );
  }

  /** Resolves once the ports of the functions that are declared now are open. */
  async opened(): Promise<void> {
    const { only } = this.#settings;
    await Promise.all(this.#opening);
    this.#hasStarted = true;
    if (only !== undefined && this.#known?.includes(only) === false) throw new UnknownToDebug(only, this.#known);
  }

  /** Lets go what is paused. No debugger is taken any more. */
  close(): void {
    this.#closed = true;
    for (const { port } of this.#ports.values()) port.close();
    this.#standing.goOn();
  }

  #open(definition: FunctionDefinition): void {
    const { port: first } = this.#settings;
    const number = first === 0 ? 0 : first + this.#ports.size;
    const port = new DebugPort({
      changed: () => this.#look(),
      firstPause: () => this.#listener.paused(definition),
    });
    this.#ports.set(`${definition.namespace}/${definition.name}`, { port, flags: FLAGS });
    const opening = port.open(number).then(
      address => this.#listener.listens(definition, address),
      cause => {
        const error = new DebugPortError(definition, cause);
        if (!this.#hasStarted) throw error;
        this.#listener.failed(error);
      },
    );
    this.#opening.add(opening);
    // The caller of `opened` gets the error.
    opening.then(
      () => this.#opening.delete(opening),
      () => {},
    );
  }

  #look(): void {
    if ([...this.#ports.values()].some(({ port }) => port.isPaused)) this.#standing.stand();
    else this.#standing.goOn();
  }
}

function byName(a: FunctionDefinition, b: FunctionDefinition): number {
  const [one, other] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  return one < other ? -1 : 1;
}
