// A Strangler in a cluster with two gateways: both count what they compared, a good feature moves
// on in both, and a wrong one in neither.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import type { FeatureReport, StranglerReport } from '../../../gateway/strangler/report.ts';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { TOKEN, variablesOf } from '../../processes/start-process.ts';
import { kafka } from '../../services/kafka.ts';
import { redis } from '../../services/redis.ts';
import { findService } from '../../services/service.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS } from '../installed-crds.ts';
import { kubectl, startPlane } from '../operator/operators.ts';
import { type ServingProcess, startServing } from './serving-process.ts';

const log = findService(kafka);
const store = findService(redis);
const MINIMUM = 100;
const PROMOTE = { minimum: MINIMUM, window: '10s', steps: [100] };
const SHADOW = { noise: true, compare: { ignore: ['/at'] } };

/**
 * One side: orders as JSON, invoices as a page. Each answer has a moment in it
 * that no other answer has.
 */
const side = (name: string, invoiceOf: (id: number) => number) =>
  createServer((request, response) => {
    const at = `${performance.now()}`;
    const [, what, text] = (request.url ?? '').split('/');
    const id = Number(text);
    response.setHeader('x-side', name);
    if (what === 'orders') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ id, total: id * 2, at }));
    } else {
      response.setHeader('content-type', 'text/html');
      response.end(`<html><p class="total">${invoiceOf(id)}</p><p class="at">${at}</p></html>`);
    }
  });

if (log && store)
  describe('a Strangler before two gateways of a cluster', () => {
    const prefix = `strangler-${process.pid}-${Date.now().toString(36)}`;
    let plane: ControlPlane;
    const sides: Server[] = [];
    let gateways: ServingProcess[] = [];
    let listeners: string[] = [];
    let admins: string[] = [];
    let asked = 0;

    before(async function () {
      this.timeout(BUILD_AND_START_MS);
      plane = await startPlane();
      sides.push(
        side('legacy', id => id * 3),
        side('new', id => id * 3 + 1),
      );
      const [legacy = '', fresh = ''] = await Promise.all(sides.map(each => listen(each, '127.0.0.1', 0)));
      const kube = kubectl(plane);
      await kube.apply('Function', 'shop', { url: fresh });
      const feature = (name: string) => ({
        name,
        match: { path: `/${name}/*` },
        to: { function: 'shop' },
        phase: 'shadow',
        shadow: SHADOW,
        promote: PROMOTE,
      });
      await kube.apply('Strangler', 'shop', {
        legacy: { url: legacy },
        features: [feature('orders'), feature('invoices')],
      });
      const env = variablesOf({ kafka: log.url(), redis: store.url(), prefix });
      gateways = [1, 2].map(() => startServing(plane, { role: 'gateway', env }));
      const addresses = await Promise.all(gateways.map(each => each.addresses()));
      listeners = addresses.map(each => each.public ?? '');
      admins = addresses.map(each => each.admin);
    });
    after(async () => {
      await Promise.all(gateways.map(each => each.end('SIGKILL')));
      await Promise.all(sides.map(each => closeServer(each, realWorld, 0)));
      await plane?.close();
      removeTempFolders();
    });

    /** The same number of requests through each gateway. */
    const callAll = async (times: number) => {
      const answered: (string | null)[] = [];
      for (let time = 0; time < times; time++)
        for (const listener of listeners)
          for (const what of ['orders', 'invoices']) {
            const response = await fetch(`${listener}/${what}/${asked++}`);
            assert.equal(response.status, 200);
            await response.arrayBuffer();
            if (what === 'invoices') assert.equal(response.headers.get('x-side'), 'legacy');
            else answered.push(response.headers.get('x-side'));
          }
      return answered;
    };
    const reportOf = async (admin: string, name: string): Promise<FeatureReport> => {
      const headers = { authorization: `Bearer ${TOKEN}` };
      const response = await fetch(`${admin}/api/stranglers/default/shop`, { headers });
      const text = await response.text();
      assert.equal(response.status, 200, text);
      const { features } = JSON.parse(text) as StranglerReport;
      return features.find(each => each.name === name) ?? assert.fail(`There is no feature ${name}.`);
    };
    const inBoth = async (name: string, holds: (report: FeatureReport) => boolean) =>
      (await Promise.all(admins.map(admin => reportOf(admin, name)))).every(holds);

    it('is judged by what both have compared, neither of which has seen enough', async () => {
      // The Strangler may not be in force yet in one that listens.
      for (const listener of listeners)
        await eventually(async () => (await fetch(`${listener}/orders/1`)).status === 200, 'it is in force');
      await callAll(MINIMUM * 0.7);
      const counts = ({ promotion }: FeatureReport) =>
        promotion?.gateways === 2 && promotion.window.compared >= MINIMUM * 1.4;
      for (const name of ['orders', 'invoices'])
        await eventually(async () => {
          if (await inBoth(name, report => report.phase !== 'shadow' || counts(report))) return true;
          await callAll(1);
          return false;
        }, `both know of the comparisons of both for ${name}`);
    });

    it('leads to the new side in both once that was good for as long as it must be', async () => {
      await eventually(async () => {
        const answered = await callAll(2);
        return answered.every(each => each === 'new') && (await inBoth('orders', ({ phase }) => phase === 'live'));
      }, 'orders are live in both');
    });

    it('leaves what answers wrongly where it is, and says why', async () => {
      await callAll(5);
      for (const admin of admins) {
        const { phase, promotion } = await reportOf(admin, 'invoices');
        assert.equal(phase, 'shadow');
        assert.equal(promotion?.verdict, 'stay');
        assert.match(promotion?.because ?? '', /^Too many differences\./);
      }
    });
  });
