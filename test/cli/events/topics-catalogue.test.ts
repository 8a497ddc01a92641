// `tenfold topics catalogue`: all Topics in a table, and one of them with its schema and samples.
import assert from 'node:assert/strict';
import { catalogueResources } from '../../admin/catalogue/topics-of-shop.ts';
import { assertGolden } from '../golden.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';

describe('topics catalogue', () => {
  let admin: AdminRun;
  before(async () => {
    const orders = catalogueResources().filter(({ metadata }) => metadata.name === 'orders');
    const others = orders.map(each => ({ ...each, metadata: { ...each.metadata, namespace: 'green' } }));
    admin = await startAdminRun({}, { view: { resources: [...catalogueResources(), ...others] } });
  });
  after(() => admin.close());
  const run = (...words: string[]) => admin.run(['topics', 'catalogue', ...words], { columns: 80 });

  it('lists the Topics of all namespaces or of one, in 80 columns', async () => {
    assertGolden('topics/catalogue.txt', (await run()).stdout);
    const { stdout } = await run('-n', 'shop');
    assert.deepEqual(
      stdout.split('\n').map(line => line.split(' ')[0]),
      ['TOPIC', 'late', 'orders', ''],
    );
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  });

  it('shows one with who sends and reads its events, its schema and its samples', async () => {
    const { stdout } = await run('orders', '-n', 'shop');
    assertGolden('topics/catalogue-of-one.txt', stdout);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  });

  it('prints names and data for programs', async () => {
    assert.equal((await run('-n', 'shop', '-o', 'name')).stdout, 'late\norders\n');
    const { items } = JSON.parse((await run('-n', 'shop', '-o', 'json')).stdout);
    const one = JSON.parse((await run('orders', '-n', 'shop', '-o', 'json')).stdout);
    assert.deepEqual(items[1], one);
    assert.deepEqual(one.samples, [{ id: '17' }]);
  });

  it('says that there are more than the limit', async () => {
    const { stdout, stderr } = await run('--limit', '1', '-o', 'name');
    assert.deepEqual([stdout, stderr], ['payments\n', 'There are more; see further with --limit.\n']);
  });

  it('asks which one where a name is not enough, and says that there is none', async () => {
    const several = await run('orders');
    assert.match(several.stderr, /"orders" exists in several namespaces/);
    const none = await run('order', '-n', 'shop');
    assert.match(none.stderr, /There is no Topic "order" in namespace "shop"/);
    assert.deepEqual([several.code, none.code], [2, 3]);
  });

  it('prints its samples as events for publish', async () => {
    const sample = (...words: string[]) => admin.run(['topics', 'sample', ...words, '-n', 'shop'], { columns: 80 });
    const { stdout } = await sample('orders', '--type', 'OrderPaid');
    const { id, ...event } = JSON.parse(stdout);
    assert.equal(stdout.split('\n').length, 2);
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(event, {
      specversion: '1.0',
      source: '/tenfold/cli',
      type: 'OrderPaid',
      datacontenttype: 'application/json',
      data: { id: '17' },
    });
    assert.equal(JSON.parse((await sample('orders')).stdout).type, 'orders');
    const none = await sample('late');
    assert.equal(none.code, 3);
    assert.match(none.stderr, /has no examples.*\n.*tenfold publish late -n shop --data/);
    for (const words of [[], ['orders', '-o', 'yaml'], ['orders', '--key', 'a']]) {
      assert.equal((await sample(...words)).code, 2, words.join(' '));
    }
    assert.equal((await run('--type', 'x')).code, 2);
  });

  it('refuses options that select events', async () => {
    const { code, stderr } = await run('--key', 'a');
    assert.equal(code, 2);
    assert.match(stderr, /--key/);
  });
});
