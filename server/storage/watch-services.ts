// Checks the services that keep data, and reports each change once: in the log, and to readiness
// checks.
import type { World } from '../../core/world.ts';
import type { GatewayLogEntry } from '../platform-events.ts';

export interface Service {
  /** e.g. `Redis (store)`. */
  readonly name: string;
  /** Whether it says itself when it cannot be used, and when it can again. */
  readonly tells: boolean;
  /**
   * How long it must have been well before it is called usable again,
   * milliseconds. Default: not at all.
   */
  readonly settleMs?: number;
  /** Whether it is a disk of this machine. */
  readonly disk?: boolean;
  health(): Promise<{ readonly ok: boolean; readonly reason?: string }>;
}

export interface ServiceState {
  readonly name: string;
  readonly usable: boolean;
  /** A sentence, where it is not usable. */
  readonly reason?: string | undefined;
}

export interface ServiceWatch {
  /** All, also those that are well. */
  states(): readonly ServiceState[];
  /** The faults of services and of disks of this machine, one sentence each. */
  reasons(): string[];
  diskReasons(): string[];
  close(): void;
}

const INTERVAL_MS = 3_000;
/** A service that does not even say that it is not well. */
const SILENCE_MS = 10_000;

/** Resolves when all have been asked once. */
export async function watchServices(
  world: World,
  services: readonly Service[],
  log: (entry: GatewayLogEntry) => void,
): Promise<ServiceWatch> {
  const watched = await Promise.all(services.map(service => watchService(world, service, log)));
  return {
    states: () =>
      watched.map(({ name, reason }) => {
        const why = reason();
        return { name, usable: why === undefined, ...(why === undefined ? {} : { reason: why }) };
      }),
    reasons: () => watched.flatMap(({ disk, reason }) => (disk ? [] : (reason() ?? []))),
    diskReasons: () => watched.flatMap(({ disk, reason }) => (disk ? (reason() ?? []) : [])),
    close: () => {
      for (const { close } of watched) close();
    },
  };
}

async function watchService(world: World, service: Service, log: (entry: GatewayLogEntry) => void) {
  const { name, tells, settleMs = 0, disk = false } = service;
  let trouble: string | undefined;
  let troubledAt = 0;
  let closed = false;
  let timer: { cancel(): void } | undefined;

  const look = async () => {
    const now = await ask(world, service);
    if (closed) return;
    if (now !== undefined) troubledAt = world.monotonic();
    // A fault that comes and goes, such as a disk with room for small things alone, is reported
    // once.
    const settles = trouble !== undefined && world.monotonic() - troubledAt < settleMs;
    const found = now ?? (settles ? trouble : undefined);
    if (!tells && found !== undefined && trouble === undefined)
      log({
        level: 'error',
        message: `${name} cannot be used; what needs it waits or is answered 503`,
        fields: { reason: found },
      });
    if (!tells && found === undefined && trouble !== undefined)
      log({ level: 'info', message: `${name} can be used again`, fields: {} });
    trouble = found;
    timer = world.after(INTERVAL_MS, () => void look());
  };
  await look();
  return {
    name,
    disk,
    reason: () => (trouble === undefined ? undefined : `${name} cannot be used: ${withStop(trouble)}`),
    close() {
      closed = true;
      timer?.cancel();
    },
  };
}

async function ask(world: World, service: Service): Promise<string | undefined> {
  let timer: { cancel(): void } | undefined;
  const silent = new Promise<string>(resolve => {
    timer = world.after(SILENCE_MS, () => resolve(`it has not answered within ${SILENCE_MS / 1000} s`));
  });
  const asked = service.health().then(
    ({ ok, reason = 'it does not say why' }) => (ok ? undefined : reason),
    error => (error instanceof Error ? error.message : String(error)),
  );
  try {
    return await Promise.race([asked, silent]);
  } finally {
    timer?.cancel();
  }
}

function withStop(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
