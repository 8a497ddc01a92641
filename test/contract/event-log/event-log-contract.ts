// The contract of the log: what every driver must do. Written against the port alone, without
// anything that Kafka cannot do.
import { appending } from './appending.ts';
import { epochs } from './epochs.ts';
import { groups } from './groups.ts';
import { positions } from './positions.ts';
import { reading } from './reading.ts';
import type { LogDriver, LogSubject } from './subject.ts';
import { topics } from './topics.ts';

export function eventLogContract(driver: LogDriver): void {
  describe(`event log: ${driver.name}`, () => {
    let subject: LogSubject;
    before(async () => {
      subject = await driver.create();
    });
    after(() => subject.destroy());
    for (const chapter of [topics, appending, reading, positions, groups, epochs]) chapter(() => subject, driver);
  });
}
