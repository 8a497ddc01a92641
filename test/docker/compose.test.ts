// docker-compose.yaml by Docker: an order is taken, comes to the wall, and is there again when all
// has been stopped, and when all has been made anew. A gateway that stops or dies is not missed.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { freePorts } from '../cluster/free-ports.ts';
import { eventually } from '../eventually.ts';
import { docker } from './docker.ts';

interface Container {
  readonly ID: string;
  readonly Service: string;
  readonly State: string;
  readonly Health: string;
  readonly ExitCode: number;
}

/** That the file builds. */
const IMAGE = 'tenfold:local';

describe('docker compose up', function () {
  // The first time images are fetched and built.
  this.timeout(1_200_000);
  const secret = () => randomBytes(24).toString('hex');
  const variables: Record<string, string> = { TENFOLD_INTERNAL_SECRET: secret(), TENFOLD_ADMIN_TOKEN: secret() };
  const compose = (...args: readonly string[]) =>
    docker(['compose', '--project-name', `tenfold-test-${process.pid}`, ...args], variables);
  // A file that changes meanwhile would make another image, and all containers anew.
  const up = (...args: readonly string[]) => compose('up', '--detach', ...args, '--wait', '--wait-timeout', '600');
  const containers = async (...services: readonly string[]): Promise<readonly Container[]> => {
    const lines = await compose('ps', '--all', '--format', 'json', ...services);
    return lines.split('\n').map(line => JSON.parse(line));
  };
  let shop = '';
  let order = '';
  let hadImage = true;

  before(async () => {
    hadImage = (await docker(['image', 'ls', '--quiet', IMAGE])) !== '';
    const [port = 0] = await freePorts(1);
    variables['SHOP_PORT'] = String(port);
    shop = `http://127.0.0.1:${port}/shop`;
    await up('--build');
  });
  // What the balancer thinks of each gateway, and when.
  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      console.error(await compose('logs', '--timestamps', '--tail', '60', 'balancer', 'gateway'));
  });
  after(async () => {
    await compose('down', '--volumes', '--timeout', '5');
    if (!hadImage) await docker(['image', 'rm', '--force', IMAGE]);
  });

  const ask = async (path: string, body?: object) => {
    const init = body && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    const answer = await fetch(`${shop}${path}`, init);
    const text = await answer.text();
    assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
    return text;
  };
  const takeOrder = async () => {
    const { id: customer } = JSON.parse(await ask('/customers', { name: 'Ada' }));
    order = JSON.parse(await ask('/orders', { customer, items: [{ drink: 'v60', quantity: 2 }] })).id;
    return order;
  };
  const isTaken = () => takeOrder().then(Boolean, () => false);
  const isOnWall = async () => {
    assert.notEqual(order, '', 'no order was taken');
    const answer = await fetch(`${shop}/wall`).catch(() => undefined);
    return answer?.status === 200 && (await answer.text()).includes(order);
  };

  it('has two gateways and two workers that are healthy', async () => {
    const all = await containers('gateway', 'worker');
    assert.deepEqual(all.map(({ Service, Health }) => `${Service} ${Health}`).sort(), [
      'gateway healthy',
      'gateway healthy',
      'worker healthy',
      'worker healthy',
    ]);
  });

  it('takes an order that comes to the wall', async () => {
    // The first requests wait for functions that start, and for workers that share what there is.
    await eventually(isTaken, 'an order is taken');
    await eventually(isOnWall, 'the order is on the wall');
  });

  it('answers every request while a gateway is stopped and started', async () => {
    const gateways = await containers('gateway');
    let running = true;
    const client = async () => {
      while (running) await ask('/menu');
    };
    const clients = [client(), client()];
    try {
      // Each in turn: the balancer knows both.
      for (const { ID } of gateways) {
        await docker(['stop', ID]);
        await docker(['start', ID]);
        await up();
      }
      const ids = async () => (await containers('gateway')).map(({ ID }) => ID).sort();
      assert.deepEqual(await ids(), gateways.map(({ ID }) => ID).sort(), 'no container is made anew');
    } finally {
      running = false;
    }
    await Promise.all(clients);
  });

  it('goes on by the other gateway when one is killed, and loses no order', async () => {
    const [gateway] = await containers('gateway');
    const before = await takeOrder();
    await docker(['kill', gateway?.ID ?? '']);
    // A request that the dead one had may fail, so it is sent again.
    await eventually(isTaken, 'an order is taken by the other one');
    await eventually(isOnWall, 'the later order is on the wall');
    assert.ok((await ask('/wall')).includes(before), 'the order from before is on the wall');
    await docker(['start', gateway?.ID ?? '']);
    await up();
  });

  it('ends its processes by themselves when it is stopped, and goes on with what it had', async () => {
    await compose('stop', 'gateway', 'worker');
    for (const { Service, State, ExitCode } of await containers('gateway', 'worker'))
      assert.deepEqual([Service, State, ExitCode], [Service, 'exited', 0]);
    await compose('stop');
    await up();
    await eventually(isOnWall, 'the order is on the wall again');
  });

  it('has what it had when all of its containers are made anew', async () => {
    await compose('down');
    await up();
    await eventually(isOnWall, 'the order is on the wall again');
  });
});
