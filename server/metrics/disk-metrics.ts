// Metrics of the disk under the data folder, where anything is kept on it, and of the back-ups that
// a schedule makes of it.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { BackupFigures } from '../backup/scheduled-backups.ts';
import type { DiskFigures } from '../storage/watch-disk.ts';

type Figure<Found> = readonly [name: string, help: string, value: (found: Found) => number | undefined];

const OF_DISKS: readonly Figure<DiskFigures>[] = [
  [
    'tenfold_disk_free_bytes',
    'Bytes that can still be written to the disk of the data folder.',
    found => found.freeBytes,
  ],
  ['tenfold_disk_size_bytes', 'Size of the disk of the data folder.', found => found.sizeBytes],
  ['tenfold_disk_low', '1 while so little is free that the log has a warning of it.', found => (found.low ? 1 : 0)],
  ['tenfold_database_size_bytes', 'Size of the database file with its write-ahead log.', found => found.databaseBytes],
];

const OF_BACKUPS: readonly Figure<BackupFigures>[] = [
  [
    'tenfold_backup_newest_timestamp_seconds',
    'When the newest scheduled back-up began, seconds since 1970; without one nothing.',
    ({ newestAt }) => newestAt && newestAt / 1_000,
  ],
  ['tenfold_backup_late', '1 while a scheduled back-up was due, and is not there.', ({ late }) => (late ? 1 : 0)],
];

/** Reports nothing where services keep all data. */
export function registerDiskMetrics(registry: Registry, figures: () => DiskFigures | undefined): void {
  registerGauges(registry, OF_DISKS, figures);
}

/** Reports nothing where no back-ups are scheduled. */
export function registerBackupMetrics(registry: Registry, figures: () => BackupFigures | undefined): void {
  registerGauges(registry, OF_BACKUPS, figures);
  new Counter({
    name: 'tenfold_backup_failures_total',
    help: 'Attempts at a scheduled back-up that failed; ten minutes after each the next one follows.',
    registers: [registry],
    collect() {
      this.reset();
      const found = figures();
      if (found === undefined) this.remove();
      else this.inc(found.failures);
    },
  });
}

function registerGauges<Found>(
  registry: Registry,
  rows: readonly Figure<Found>[],
  figures: () => Found | undefined,
): void {
  for (const [name, help, value] of rows) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        const found = figures();
        const now = found && value(found);
        if (now === undefined) this.remove();
        else this.set(now);
      },
    });
  }
}
