// The public listener with a route that leads to a View with a table of 10,000 rows, which a worker
// in the same process keeps. INDEX=on has them in an index, 100 in each group.
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
    - match: { path: /seen, method: GET }
      to: { view: seen }
`;
const cache = process.env['CACHE'] === 'on' ? ', query: { cache: { ttl: 1m } }' : '';
const index = process.env['INDEX'] === 'on' ? ', indexes: [[group, at]]' : '';
const site = await openSite(`table: { key: '\${event.data.id}'${index} }${cache}`, API);
const { storage, resources } = site;
await site.fill(ROWS, n => ({
  key: `row-${n}`,
  data: { id: `row-${n}`, group: `g${n % 100}`, at: n, text: 'x'.repeat(200) },
}));
const plane = site.start();
await folded(plane, ROWS);

const endpoints = createEventEndpoints({
  world,
  log: storage.log,
  store: storage.store,
  views: storage.store,
  search: storage.search,
  viewSignals: createViewSignals(),
  checkCallback: checkAddress,
  cancelJob: neverCalled,
});
const { plan } = compile(resources, { endpoints });
await serve(plan, measured());
