// Makes back-ups by a schedule, in a folder of their own, and removes the oldest ones.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupControl, BackupLine } from '../../admin/backup-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { every } from '../../core/retry/every.ts';
import { type CronTimes, compileCron } from '../../core/schedules/cron.ts';
import { toTimestamp, type World } from '../../core/world.ts';
import { type FileLock, lockFile } from '../../drivers/sqlite/file-lock.ts';
import type { GatewayLogEntry } from '../platform-events.ts';
import { backupName, listBackups, removeOldest, removeUnfinished } from './kept-backups.ts';

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
 * Somebody may set the clock of the machine, and it may sleep. A process that ends again and again
 * at its start makes none each time.
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
  readonly #running: Promise<void>;
  #lock: FileLock | undefined;
  #newestAt: number | undefined;
  #failures = 0;
  /** After a failure: no attempt before it. */
  #againAt = 0;
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
    this.#running = every(LOOK_MS, () => this.#look(), { world, signal: this.#stop.signal });
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

  async #look(): Promise<void> {
    const now = this.#world.now();
    if (now < this.#againAt) return;
    try {
      this.#open();
      if (this.#isDue(now)) await this.#make(now);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#fail(error);
    }
  }

  /** Finds out what is there. Throws where another process keeps its back-ups in the folder. */
  #open(): void {
    const { folder } = this.#settings;
    if (!existsSync(folder))
      throw new TenfoldError('storage-unusable', `There is no folder ${folder} on the machine of the platform.`);
    this.#lock ??= lockFile(join(folder, LOCK));
    this.#newestAt = listBackups(folder)[0]?.at;
  }

  #isDue(now: number): boolean {
    const due = this.#times.latest(1, now)[0];
    return due !== undefined && (this.#newestAt === undefined || this.#newestAt < due);
  }

  async #make(now: number): Promise<void> {
    const { folder, keep } = this.#settings;
    await removeUnfinished(folder);
    const done = await lastOf(this.#control.make({ to: join(folder, backupName(now)) }, this.#stop.signal));
    this.#newestAt = now;
    this.#trouble = undefined;
    this.#tell(done);
    await removeOldest(folder, keep);
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
    const reason = error instanceof Error ? error.message : String(error);
    this.#failures++;
    this.#againAt = this.#world.now() + RETRY_MS;
    this.#trouble = `The back-up that was due at ${toTimestamp(this.#times.latest(1, this.#world.now())[0] ?? 0)} was not made: ${reason}`;
    const fields = { reason, againInSeconds: RETRY_MS / 1_000 };
    this.#log({ level: 'error', message: 'a scheduled back-up has failed', fields });
  }
}

async function lastOf(lines: AsyncIterable<BackupLine>): Promise<Done> {
  for await (const line of lines) if (line.kind === 'done') return line;
  throw new TenfoldError('storage-unusable', 'The copy has ended before it was whole.');
}
