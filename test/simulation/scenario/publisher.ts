// Publishes the events of a plan; what was acknowledged must be in the log, and what
// was not is published again.
import { TenfoldError } from '../../../core/errors.ts';
import { sleep } from '../../../core/world.ts';
import { Broken } from '../../judge/broken.ts';
import { LEFT_OUT, TOPIC } from '../consumers/consumer.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import { SimulatedLog } from '../log/simulated-log.ts';
import type { Limits } from './limits.ts';

export interface Publisher {
  readonly finished: boolean;
}

export function startPublisher(broker: SimulatedBroker, limits: Limits, fail: (error: unknown) => void): Publisher {
  const { simulation } = broker;
  const { chance } = simulation;
  const process = simulation.process('publisher');
  const { world } = process;
  const log = new SimulatedLog(broker, process);
  const state = { finished: false };
  const run = async () => {
    for (let count = 0; count < limits.events; ) {
      await sleep(world, chance.int('next event after', 0, (2 * limits.spanMs) / limits.events));
      const size = Math.min(limits.events - count, chance.happens('several events', 0.2) ? 3 : 1);
      const records = Array.from({ length: size }, (_, index) => ({
        key: chance.happens('event has no key', limits.keyless) ? null : `k${chance.int('key', 0, limits.keys - 1)}`,
        value: Buffer.from(`event ${count + index}`),
        headers: {
          ce_id: `${count + index}`,
          ...(chance.happens('event is filtered', limits.filtered) ? { ce_type: LEFT_OUT } : {}),
        },
      }));
      count += size;
      await publish(records);
    }
    state.finished = true;
  };
  const publish = async (records: Parameters<SimulatedLog['append']>[1]) => {
    for (;;) {
      try {
        const places = await log.append(TOPIC, records);
        for (const [index, { partition, offset }] of places.entries()) {
          const stored = broker.partition(TOPIC, partition).history.find(record => record.offset === offset);
          if (!stored || Buffer.compare(stored.value, records[index]?.value ?? Buffer.alloc(0)) !== 0) {
            throw new Broken('durable', `${partition}/${offset} was acknowledged and is not in the log`);
          }
        }
        return;
      } catch (error) {
        if (!(error instanceof TenfoldError && error.retryable)) throw error;
        await sleep(world, 200);
      }
    }
  };
  run().catch(fail);
  return state;
}
