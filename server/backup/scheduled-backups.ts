// Makes back-ups by a schedule, in a folder of their own, and removes the oldest ones.
import { join } from 'node:path';
import type { BackupControl, BackupLine } from '../../admin/backup-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { every } from '../../core/retry/every.ts';
import { type CronTimes, compileCron } from '../../core/schedules/cron.ts';
import { unlessAborted } from '../../core/unless-aborted.ts';
import { toTimestamp, type World } from '../../core/world.ts';
import { type FileLock, lockFile } from '../../drivers/sqlite/file-lock.ts';
import type { GatewayLogEntry } from '../platform-events.ts';
import { backupName, listBackups, removeOldest, removeUnfinished } from './kept-backups.ts';
import { isThere } from './make-backup.ts';

export interface BackupSchedule {
  /** Absolute. */
  readonly folder: string;
  /** A cron pattern. */
  readonly schedule: string;
  readonly timeZone: string;
  /** How many are kept. */
  readonly keep: number;
}

export interface BackupFigures {
  /** When the newest whole one began, milliseconds since 1970; undefined where there is none. */
  readonly newestAt: number | undefined;
  /** Attempts that failed since the process started. */
  readonly failures: number;
  /** One was due, and is not there. */
  readonly late: boolean;
}

type Done = Extract<BackupLine, { kind: 'done' }>;

/**
 * The machine may sleep, and its clock may be set. A process that ends again and again at its start
 * makes none each time.
 */
const LOOK_MS = 30_000;
const RETRY_MS = 10 * 60_000;
const LOCK = 'tenfold-backups';

export class ScheduledBackups {
  readonly #world: World;
  readonly #settings: BackupSchedule;
  readonly #control: Pick<BackupControl, 'make'>;
  readonly #log: (entry: GatewayLogEntry) => void;
  readonly #times: CronTimes;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #lock: FileLock | undefined;
  #newestAt: number | undefined;
  #failures = 0;
  /** After a failure: no attempt before it. */
  #againAt = 0;
  /** A process may have ended before it had removed the oldest. */
  #removes = true;
  /** Why the last attempt failed. */
  #trouble: string | undefined;

  constructor(
    world: World,
    settings: BackupSchedule,
    control: Pick<BackupControl, 'make'>,
    log: (entry: GatewayLogEntry) => void,
  ) {
    [this.#world, this.#settings, this.#control, this.#log] = [world, settings, control, log];
    this.#times = compileCron(settings.schedule, settings.timeZone);
  }

  /** Looks now and then from here on, until it is closed. */
  start(): void {
    this.#running = every(LOOK_MS, () => this.look(), { world: this.#world, signal: this.#stop.signal });
  }

  figures(): BackupFigures {
    return { newestAt: this.#newestAt, failures: this.#failures, late: this.#isDue(this.#world.now()) };
  }

  /** A sentence on the last attempt, where that failed. */
  trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves once nothing of a back-up that is under way is left. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('The process stops.'));
    await this.#running;
    this.#lock?.release();
  }

  /** Makes a back-up where one is due, and removes the oldest. Never rejects. */
  async look(): Promise<void> {
    const now = this.#world.now();
    if (now < this.#againAt) return;
    try {
      await this.#attempt('Back-ups cannot be made', () => this.#makeWhereDue(now));
      if (this.#removes) await this.#attempt('The oldest back-ups cannot be removed', () => this.#remove(now));
      this.#recover();
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#fail(error);
    }
  }

  /** Throws with what could not be done in front of the reason. */
  async #attempt(failing: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${failing}: ${reason}`, { cause });
    }
  }

  async #makeWhereDue(now: number): Promise<void> {
    await this.#open(now);
    if (this.#isDue(now)) await this.#make(now);
  }

  /** Finds out what is there. Throws where another process keeps its back-ups in the folder. */
  async #open(now: number): Promise<void> {
    const { folder } = this.#settings;
    const { signal } = this.#stop;
    // A share of the network may be silent for ever.
    if (!(await unlessAborted(isThere(folder), signal)))
      throw new TenfoldError('storage-unusable', `There is no folder ${folder} on the machine of the platform.`);
    this.#lock ??= lockFile(join(folder, LOCK));
    const [newest] = await unlessAborted(listBackups(folder, now), signal);
    this.#newestAt = newest && newest.at <= now ? newest.at : undefined;
  }

  #isDue(now: number): boolean {
    const due = this.#times.latest(1, now)[0];
    return due !== undefined && (this.#newestAt === undefined || this.#newestAt < due);
  }

  async #make(now: number): Promise<void> {
    const { folder } = this.#settings;
    await removeUnfinished(folder);
    const done = await lastOf(this.#control.make({ to: join(folder, backupName(now)) }, this.#stop.signal));
    this.#newestAt = now;
    this.#removes = true;
    this.#tell(done);
  }

  async #remove(now: number): Promise<void> {
    const { folder, keep } = this.#settings;
    await removeOldest(folder, keep, now);
    this.#removes = false;
  }

  #tell({ to, databaseBytes, objects, objectBytes, problems }: Done): void {
    const fields = { databaseBytes, objects, objectBytes };
    if (problems.length === 0) {
      this.#log({ level: 'info', message: `all data are copied to ${to}, as scheduled`, fields });
      return;
    }
    const message = `all data are copied to ${to}, and some of them are damaged: see "tenfold doctor"`;
    this.#log({ level: 'error', message, fields: { ...fields, problems: problems.slice(0, 3) } });
  }

  #fail(error: unknown): void {
    const now = this.#world.now();
    const reason = error instanceof Error ? error.message : String(error);
    const due = this.#isDue(now) ? ` One was due at ${toTimestamp(this.#times.latest(1, now)[0] ?? 0)}.` : '';
    this.#failures++;
    this.#againAt = now + RETRY_MS;
    this.#trouble = `${reason.replace(/\.$/, '')}.${due}`;
    const fields = { reason, againInSeconds: RETRY_MS / 1_000 };
    this.#log({ level: 'error', message: 'scheduled back-ups fail', fields });
  }

  #recover(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#log({ level: 'info', message: 'scheduled back-ups work again', fields: {} });
  }
}

async function lastOf(lines: AsyncIterable<BackupLine>): Promise<Done> {
  for await (const line of lines) if (line.kind === 'done') return line;
  throw new TenfoldError('storage-unusable', 'The copy has ended before it was whole.');
}
