// The contract of the store: what every driver must do. Written against the port alone, without anything that Redis cannot do.
import { counters } from './counters.ts';
import { keys } from './keys.ts';
import type { StoreDriver, StoreSubject } from './subject.ts';

export function storeContract(driver: StoreDriver): void {
  describe(`store: ${driver.name}`, () => {
    let subject: StoreSubject;
    before(async () => {
      subject = await driver.create();
    });
    after(() => subject.destroy());
    for (const chapter of [keys, counters]) chapter(() => subject);
  });
}
