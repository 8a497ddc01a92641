// The contract of the blob store: what every driver must do. Written against the port alone,
// without anything that S3 cannot do.
import { changes } from './changes.ts';
import { objects } from './objects.ts';
import type { BlobDriver, BlobSubject } from './subject.ts';

export function blobStoreContract(driver: BlobDriver): void {
  describe(`blob store: ${driver.name}`, () => {
    // Long objects on slow machines.
    let subject: BlobSubject;
    before(async () => {
      subject = await driver.create();
    });
    after(() => subject.destroy());
    for (const chapter of [objects, changes]) chapter(() => subject);
  });
}
