// F22: what Kafka's retention deletes before a dispatcher has read it is counted and told, also
// when nothing comes after it.
import assert from 'node:assert/strict';
import { silentObserver } from '../../../../worker/dispatch/observer.ts';
import { newName } from '../../../contract/event-log/subject.ts';
import { createClients } from '../../../drivers/event-log/kafka/kafka-cases.ts';
import { eventually } from '../../../eventually.ts';
import { kafka } from '../../../services/kafka.ts';
import { findService } from '../../../services/service.ts';
import { createHandled, dispatch } from './cases.ts';

const service = findService(kafka);
if (service)
  describe('dispatchers behind the retention of Kafka', () => {
    const clients = createClients();
    const open = () => clients.open(service.url().split(','));
    afterEach(() => clients.closeAll());

    it('F22: events that were deleted unread are counted and told at once, and it goes on behind them', async () => {
      const [topic, group] = [newName('topic'), newName('group')];
      const publish = (texts: readonly string[]) =>
        log.append(
          topic,
          texts.map(text => ({ key: 'k', value: Buffer.from(text), headers: {} })),
        );
      const log = open();
      await log.ensureTopic(topic, { partitions: 1 });
      await publish(['1', '2']);
      const first = await dispatch(open(), createHandled(), { group, topic });
      await eventually(async () => (await log.positions(group, topic))[0]?.offset === 2, 'it commits');
      await first.close(5000);
      await publish(['3', '4', '5']);
      await log.trim(topic, 0, 5);

      const jumps: number[][] = [];
      const handled = createHandled();
      const observer = { ...silentObserver, jumped: (...jump: number[]) => void jumps.push(jump) };
      const second = await dispatch(open(), handled, { group, topic }, undefined, { observer });
      await eventually(() => second.view.jumped === 3, 'it is counted');
      assert.deepEqual(jumps, [[0, 2, 5]]);
      await publish(['6']);
      await eventually(() => handled.count() === 1, 'it goes on');
      assert.deepEqual(handled.byKey.get('k'), ['6']);
      assert.equal(second.view.jumped, 3);
    });
  });
