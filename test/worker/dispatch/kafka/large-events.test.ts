// Events as large as their topic takes: what is kept of them beside it, such as attempts and dead
// letters, is larger than they are.
import assert from 'node:assert/strict';
import { deadTopicOf, parkingLogTopicOf } from '../../../../core/names.ts';
import { newName, record } from '../../../contract/event-log/subject.ts';
import { createClients } from '../../../drivers/event-log/kafka/kafka-cases.ts';
import { eventually } from '../../../eventually.ts';
import { kafka } from '../../../services/kafka.ts';
import { findService } from '../../../services/service.ts';
import { fail } from '../harness.ts';
import { createHandled, dispatch } from './cases.ts';

/**
 * With all that Kafka puts around it a little less than 1,048,588, which is what a topic
 * takes unless told otherwise.
 */
const LARGE = 1_048_400;
const RETRY = { attempts: 2, backoff: 'constant', initial: 20, max: 20 } as const;

const service = findService(kafka);
if (service)
  describe('dispatchers over Kafka, of events as large as their topic takes', () => {
    const clients = createClients();
    afterEach(() => clients.closeAll());

    for (const isOld of [false, true])
      it(`try them again, give them up, and go on with others${isOld ? ', also with topics of an earlier release' : ''}`, async () => {
        const [topic, group] = [newName('topic'), newName('group')];
        const log = clients.open(service.url().split(','));
        await log.ensureTopic(topic, { partitions: 1 });
        if (isOld)
          for (const name of [parkingLogTopicOf(group), deadTopicOf(group)])
            await log.ensureTopic(name, { partitions: 1 });
        const handled = createHandled();
        const dispatcher = await dispatch(log, handled, { group, topic, retry: RETRY }, () => fail());
        await log.append(topic, [record('large', 'x'.repeat(LARGE))]);
        await log.append(topic, [record('small', 'y')]);
        await eventually(() => handled.deadLettered.length === 2, 'both are given up');
        const large = handled.deadLettered.find(({ record: { key } }) => key === 'large');
        assert.deepEqual([large?.attempts, large?.record.value.length], [2, LARGE]);
        await dispatcher.close(5000);
      });
  });
