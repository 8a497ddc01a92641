// Metrics of objects in the blob store: how many are known to be damaged,
// and when all were read last.
import { Gauge, type Registry } from 'prom-client';
import type { ObjectsReport } from '../../admin/object-view.ts';

export function registerObjectMetrics(registry: Registry, report: () => Promise<ObjectsReport>): void {
  // A store that is away must not take the other metrics with it.
  const look = () => report().catch(() => undefined);
  new Gauge({
    name: 'tenfold_damaged_objects',
    help: 'Objects in the blob store that are known to be damaged.',
    registers: [registry],
    async collect() {
      const found = await look();
      if (found) this.set(found.count);
      else this.remove();
    },
  });
  new Gauge({
    name: 'tenfold_unknown_objects',
    help: 'Objects in the blob store without a checksum, so damage to them does not show.',
    registers: [registry],
    async collect() {
      const found = await look();
      if (found) this.set(found.unknown.count);
      else this.remove();
    },
  });
  new Gauge({
    name: 'tenfold_objects_checked_timestamp_seconds',
    help: 'When all objects in the blob store had been read and compared with their checksums the last time.',
    registers: [registry],
    async collect() {
      const found = await look();
      if (found?.checkedAt === undefined) this.remove();
      else this.set(found.checkedAt / 1000);
    },
  });
}
