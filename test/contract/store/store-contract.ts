// The contract of the store: what every driver must do. Written against the port alone, without
// anything that Redis cannot do.
import { buckets } from './buckets.ts';
import { counters } from './counters.ts';
import { folds } from './folds.ts';
import { keys } from './keys.ts';
import { leases } from './leases.ts';
import { rankings } from './rankings.ts';
import type { StoreDriver, StoreSubject } from './subject.ts';
import { tables } from './tables.ts';
import { timers } from './timers.ts';

export function storeContract(driver: StoreDriver): void {
  describe(`store: ${driver.name}`, () => {
    let subject: StoreSubject;
    before(async () => {
      subject = await driver.create();
    });
    after(() => subject.destroy());
    for (const chapter of [keys, counters, tables, rankings, timers, leases, buckets, folds]) chapter(() => subject);
  });
}
