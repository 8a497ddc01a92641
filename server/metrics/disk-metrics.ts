// Metrics of the disk under the data folder, where anything is kept on it.
import { Gauge, type Registry } from 'prom-client';
import type { DiskFigures } from '../storage/watch-disk.ts';

const FIGURES: readonly (readonly [string, string, (figures: DiskFigures) => number])[] = [
  [
    'tenfold_disk_free_bytes',
    'Bytes that can still be written to the disk of the data folder.',
    found => found.freeBytes,
  ],
  ['tenfold_disk_size_bytes', 'Size of the disk of the data folder.', found => found.sizeBytes],
  ['tenfold_disk_low', '1 while so little is free that the log has a warning of it.', found => (found.low ? 1 : 0)],
  ['tenfold_database_size_bytes', 'Size of the database file with its write-ahead log.', found => found.databaseBytes],
];

/** Reports nothing where services keep all data. */
export function registerDiskMetrics(registry: Registry, figures: () => DiskFigures | undefined): void {
  for (const [name, help, value] of FIGURES) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        const found = figures();
        if (found === undefined) this.remove();
        else this.set(value(found));
      },
    });
  }
}
