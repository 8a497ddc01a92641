// The stories of events that a Pipeline joins: the result names the events of both Topics, and they
// name it.
import assert from 'node:assert/strict';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { overEachLog } from '../../../event-plane/logs.ts';
import { eventually } from '../../../eventually.ts';
import { openStorySite } from './story-site.ts';

const APP = `
kind: Topic; metadata: { name: orders }; spec: { partitions: 1 }
kind: Topic; metadata: { name: payments }; spec: { partitions: 1 }
kind: Topic; metadata: { name: paid }; spec: { partitions: 1 }
kind: Pipeline; metadata: { name: match }; spec: { from: { topic: orders, start: earliest }, steps: [{ joinTopic: { topic: payments, key: "\${event.data.order}", otherKey: "\${event.data.order}", within: 1m, as: payment } }], to: [{ topic: paid }] }
`;

overEachLog('stories of a join', log => {
  let site: Awaited<ReturnType<typeof openStorySite>>;
  let stop: (() => Promise<void>) | undefined;

  before(async () => {
    site = await openStorySite({ app: APP, folder: tempFolder(), log, play: () => assert.fail() });
  });
  after(async () => {
    await stop?.();
    await site.close();
    removeTempFolders();
  });

  it('name the events of both Topics, and what they led to', async () => {
    stop = await site.start();
    const order = await site.publish('orders', { order: 'a' });
    const payment = await site.publish('payments', { order: 'a' });
    const told = async (topic: string, id: string) => site.tell(topic, id);
    await eventually(async () => (await told('orders', order)).ledTo.length === 1, 'the order has led to a result');
    const [link] = (await told('orders', order)).ledTo;
    const by = { kind: 'Pipeline', namespace: 'default', name: 'match' };
    assert.deepEqual([link?.how, link?.by, link?.of.name, link?.eventId], ['to', by, 'paid', 'match/0/0-0~0-0']);
    const fates = async () =>
      (await told('payments', payment)).consumers.map(
        ({ consumer, fate }) => `${consumer.name.replace(/[0-9a-f]{12}$/, '')} ${fate}`,
      );
    // The result is there before the join has stored that it is past both events.
    await eventually(async () => !(await fates()).some(fate => fate.endsWith('waiting')), 'all is stored');
    assert.deepEqual(await fates(), ['match/with.payments done', 'match/join. done']);
    const { ledTo } = await told('payments', payment);
    assert.equal(ledTo[0]?.id, link?.id);
    const { cameFrom } = await told('paid', link?.id ?? '');
    assert.deepEqual(
      cameFrom.map(({ how, of, id }) => [how, of.name, id]),
      [
        ['to', 'orders', '0-0'],
        ['to', 'payments', '0-0'],
      ],
    );
  });
});
