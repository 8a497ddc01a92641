// The contract of the search index: what every driver must do. Written against the port alone,
// without anything that Elasticsearch cannot do.
import { documents } from './documents.ts';
import { facets } from './facets.ts';
import type { SearchDriver, SearchSubject } from './subject.ts';
import { words } from './words.ts';

export function searchIndexContract(driver: SearchDriver): void {
  describe(`search index: ${driver.name}`, () => {
    let subject: SearchSubject;
    before(async () => {
      subject = await driver.create();
    });
    after(() => subject.destroy());
    for (const chapter of [words, documents, facets]) chapter(() => subject);
  });
}
