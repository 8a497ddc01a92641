// The public listener with a route to a View of 10,000 rows, which a worker in the same process
// keeps, and a route that publishes the events that change it.
import { createViewSignals } from '../../../core/views/view-signals.ts';
import { realWorld as world } from '../../../core/world.ts';
import { createEventEndpoints } from '../../../gateway/endpoints/event-endpoints.ts';
import { checkAddress, compile, measured, neverCalled, serve } from '../../measure/served.ts';
import { folded, openSite } from './site.ts';

const ROWS = 10_000;
const API = `---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: seen }
spec:
  routes:
    - { match: { path: /seen, method: GET }, to: { view: seen } }
    - { match: { path: /events, method: POST }, to: { topic: events } }
`;
const site = await openSite(
  `table: { key: '\${event.data.id}', indexes: [who, all] }, query: { maxFollowers: 20000 }`,
  API,
);
const { storage, resources } = site;
await site.fill(ROWS, n => {
  const id = `row-${n}`;
  return { key: id, data: { id, who: id, ...(n < 20 ? { all: 1 } : {}), sent: 0, text: 'x'.repeat(200) } };
});
// One process folds and serves, so the fold tells the followers at once.
const viewSignals = createViewSignals();
const plane = site.start(viewSignals);
await folded(plane, ROWS);

const endpoints = createEventEndpoints({
  world,
  log: storage.log,
  store: storage.store,
  views: storage.store,
  search: storage.search,
  viewSignals,
  checkCallback: checkAddress,
  cancelJob: neverCalled,
});
const { plan } = compile(resources, { endpoints });
await serve(plan, measured());
