// Keeps a second process (or a second opening in this one) off the database. SQLite holds a file
// beside it locked, and the kernel releases the lock when the process ends.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { TenfoldError } from '../../core/errors.ts';
import { BUSY, resultCode } from './sqlite-error.ts';

export interface FileLock {
  /** A second call does nothing. */
  release(): void;
}

/**
 * Who holds it. Process ids repeat: in containers the only process is always 1, and a new pod
 * may take over the name of the one before. When a process began, on the clock of its
 * machine, tells them apart.
 */
export interface Holder {
  readonly pid: number;
  /** The name of the pod, in Kubernetes. */
  readonly host: string;
  /** Another text after each start of the machine; empty where the kernel does not tell. */
  readonly boot: string;
  /** When the process began, milliseconds of the monotonic clock of its machine. */
  readonly startedMs: number;
}

/** Throws `storage-unusable` that names the holder's process. */
export function lockFile(file: string, me: Holder = thisProcess()): FileLock {
  const owner = `${file}.owner`;
  // The locked file itself must not be opened by other means: closing it anywhere in a process
  // drops the locks of the whole process (POSIX).
  const db = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (resultCode(error) === BUSY) throw alreadyOpen(file, me, tryRead(owner));
    throw error;
  }
  tryWrite(owner, me);
  return {
    release() {
      // The file of the owner may be another one's by now.
      if (!db.isOpen) return;
      rmSync(owner, { force: true });
      db.close();
    },
  };
}

function alreadyOpen(file: string, me: Holder, holder: Holder | undefined): TenfoldError {
  return new TenfoldError(
    'storage-unusable',
    `${file} is in use by ${describe(me, holder)}. Only one process may have it open: stop that one first, or give this one a folder of its own.`,
  );
}

function describe(me: Holder, holder: Holder | undefined): string {
  if (holder === undefined) return 'another process, which has not said who it is';
  if (isSame(me, holder)) return 'this process already';
  const { pid, host } = holder;
  if (host !== me.host) return `process ${pid} of another pod or machine, ${host}`;
  // Numbers of processes differ on one machine; with the same one it is another
  // container or machine of that name.
  if (pid === me.pid) return `process ${pid} of another container or pod that is called ${host} as well`;
  return `process ${pid} of this machine (${host})`;
}

/** Both clocks are read one after the other, so two readings of one process differ by a little. */
const SAME_WITHIN_MS = 100;

function isSame(one: Holder, other: Holder): boolean {
  return (
    one.pid === other.pid &&
    one.host === other.host &&
    one.boot === other.boot &&
    Math.abs(one.startedMs - other.startedMs) <= SAME_WITHIN_MS
  );
}

function thisProcess(): Holder {
  const nowMs = Number(process.hrtime.bigint() / 1_000_000n);
  return { pid: process.pid, host: hostname(), boot: bootId(), startedMs: nowMs - Math.round(process.uptime() * 1000) };
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** Only for the message above, so that it may fail on a full disk. */
function tryWrite(owner: string, me: Holder): void {
  try {
    writeFileSync(owner, JSON.stringify(me));
  } catch {}
}

/** A release before this one wrote the number of its process alone. */
function tryRead(owner: string): Holder | undefined {
  try {
    const read: unknown = JSON.parse(readFileSync(owner, 'utf8'));
    if (typeof read === 'number') return { pid: read, host: hostname(), boot: '', startedMs: 0 };
    return isHolder(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, host, boot, startedMs }: { pid?: unknown; host?: unknown; boot?: unknown; startedMs?: unknown } = value;
  return (
    typeof pid === 'number' && typeof host === 'string' && typeof boot === 'string' && typeof startedMs === 'number'
  );
}
