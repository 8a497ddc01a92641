// A topic that is deleted and made again under a dispatcher: all that comes is delivered, what
// waits aside goes on, and nobody starts anything anew.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or handled in this order.
import assert from 'node:assert/strict';
import { deadTopicOf, parkingLogTopicOf } from '../../../../core/names.ts';
import { realWorld } from '../../../../core/world.ts';
import { isRecreated } from '../../../../drivers/event-log/epochs.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import { createDeadLetters } from '../../../../worker/dispatch/dead-letters/dead-letters.ts';
import type { Dispatcher } from '../../../../worker/dispatch/dispatcher.ts';
import { silentObserver } from '../../../../worker/dispatch/observer.ts';
import type { DispatchSettings } from '../../../../worker/dispatch/settings.ts';
import { newName } from '../../../contract/event-log/subject.ts';
import { createClients } from '../../../drivers/event-log/kafka/kafka-cases.ts';
import { openInlineLog } from '../../../drivers/event-log/sqlite/open-inline-log.ts';
import { temporaryFolder } from '../../../drivers/sqlite/temporary-folder.ts';
import { eventually } from '../../../eventually.ts';
import { kafka } from '../../../services/kafka.ts';
import { findService } from '../../../services/service.ts';
import { done, fail } from '../harness.ts';
import { createHandled, dispatch, type Handled } from '../kafka/cases.ts';

interface Site {
  open(): Promise<EventLog>;
  close(): Promise<void>;
}

function embedded(): Site {
  const folder = temporaryFolder();
  let log: Promise<EventLog> | undefined;
  return {
    open: () => (log ??= openInlineLog(folder.file)),
    async close() {
      await (await log)?.close();
      folder.remove();
    },
  };
}

const service = findService(kafka);
const sites: (readonly [string, () => Site])[] = [['the embedded log', embedded]];
if (service)
  sites.push([
    'Kafka',
    () => {
      const clients = createClients();
      return { open: async () => clients.open(service.url().split(',')), close: () => clients.closeAll() };
    },
  ]);

const retry = { attempts: 1000, backoff: 'constant', initial: 100, max: 100 } as const;

for (const [name, create] of sites)
  describe(`dispatchers of a topic that is made again, over ${name}`, () => {
    let site: Site;
    let log: EventLog;
    let settings: Pick<DispatchSettings, 'topic' | 'group'>;
    let handled: Handled;
    const dispatchers = new Set<Dispatcher>();
    /** Texts that fail for now. */
    const failing = new Set<string>();
    const jumps: (readonly [from: number, to: number])[] = [];
    beforeEach(async () => {
      site = create();
      log = await site.open();
      settings = { topic: newName('topic'), group: newName('group') };
      handled = createHandled();
      failing.clear();
      jumps.length = 0;
      await log.ensureTopic(settings.topic, { partitions: 2 });
    });
    afterEach(async () => {
      await Promise.all([...dispatchers].map(each => each.close(0)));
      dispatchers.clear();
      await site.close();
    });

    const publish = (texts: string) =>
      log.append(
        settings.topic,
        texts.split(' ').map(text => ({ key: text.replace(/\d+$/, ''), value: Buffer.from(text), headers: {} })),
      );
    const start = async (more: Partial<DispatchSettings> = {}) => {
      const observer = {
        ...silentObserver,
        jumped: (_: number, from: number, to: number) => void jumps.push([from, to]),
      };
      const script = (_: unknown, text: string) => (failing.has(text) ? fail() : done);
      const all = { ...settings, retry, ...more };
      const dispatcher = await dispatch(await site.open(), handled, all, script, { observer });
      dispatchers.add(dispatcher);
      return dispatcher;
    };
    const stop = async (dispatcher: Dispatcher) => {
      dispatchers.delete(dispatcher);
      await dispatcher.close(5000);
    };
    const makeAgain = async (topic: string, partitions = 2) => {
      await log.deleteTopic(topic);
      await log.ensureTopic(topic, { partitions });
    };
    const untilHandled = (texts: string) =>
      eventually(() => {
        const all = new Set([...handled.byKey.values()].flat());
        return texts.split(' ').every(text => all.has(text));
      }, `${texts} are handled`);
    it('deliver all that comes, though offsets below were done or waited aside, and try on what waits', async () => {
      failing.add('a1');
      await publish('a1 a2 b1 b2 c1 c2 d1 d2');
      const dispatcher = await start({ from: 'latest' });
      await publish('a3 a4 b3 c3 d3');
      failing.add('a3');
      await untilHandled('b3 c3 d3');
      await eventually(() => dispatcher.view.parkedEvents === 2, 'a3 and a4 wait');
      await makeAgain(settings.topic);
      await publish('a5 b5 c5 d5 e5');
      await untilHandled('b5 c5 d5 e5');
      assert.equal(handled.byKey.get('a'), undefined, 'a5 waits behind a3');
      failing.clear();
      await untilHandled('a3 a4 a5');
      assert.deepEqual([...new Set(handled.byKey.get('a'))], ['a3', 'a4', 'a5']);
      assert.equal(handled.deadLettered.length, 0);
      assert.ok(dispatcher.view.madeAgain > 0);
      assert.equal(dispatcher.view.jumped, 0, 'retention took nothing');
      assert.ok(jumps.length > 0 && jumps.every(([from, to]) => isRecreated(from, to)));
      await eventually(() => dispatcher.view.lag === 0, 'nothing is left');
    });

    it('deliver all that came while none of them ran, also those that begin at the newest', async () => {
      await publish('a1 b1');
      const first = await start({ from: 'latest' });
      failing.add('a2');
      await publish('a2 b2 c2 d2');
      await untilHandled('b2 c2 d2');
      await eventually(() => first.view.parkedEvents === 1, 'a2 waits');
      await stop(first);
      await makeAgain(settings.topic);
      await publish('b3 c3 d3 e3');
      failing.clear();
      await start({ from: 'latest' });
      await untilHandled('a2 b3 c3 d3 e3');
    });

    it('wait while there is no topic, and go on with one that has other partitions', async () => {
      await publish('a1 b1 c1');
      const dispatcher = await start();
      await untilHandled('a1 b1 c1');
      await log.deleteTopic(settings.topic);
      await log.ensureTopic(settings.topic, { partitions: 1 });
      await publish('a2 b2 c2');
      await untilHandled('a2 b2 c2');
      await makeAgain(settings.topic, 4);
      await publish('a3 b3 c3 d3 e3 f3 g3 h3');
      await untilHandled('a3 b3 c3 d3 e3 f3 g3 h3');
      await eventually(() => dispatcher.view.partitions.length === 4, 'it owns all');
    });

    it('redrive events of an earlier one without taking anything from the new one', async () => {
      failing.add('a1');
      await publish('a1 b1');
      const dispatcher = await start({ retry: { ...retry, attempts: 1 } });
      await eventually(() => handled.deadLettered.length === 1, 'a1 is given up');
      const letters = createDeadLetters(realWorld, log, settings.group);
      await eventually(async () => (await letters.count()) === 1, 'its letter is there');
      const [letter] = (await letters.list({}, 1)).letters;
      await makeAgain(settings.topic);
      failing.clear();
      await letters.redrive(letter?.id ?? '');
      await publish('a2 b2 a3 b3');
      await untilHandled('a1 a2 b2 a3 b3');
      assert.equal(dispatcher.view.dead, 1);
    });

    it('keep what waits aside when the topic it lies in is deleted, and make that again', async () => {
      failing.add('a1');
      await publish('a1 a2 b1');
      const first = await start();
      await untilHandled('b1');
      await eventually(() => first.view.parkedEvents === 2, 'a1 and a2 wait');
      if (name === 'Kafka') {
        await log.deleteTopic(parkingLogTopicOf(settings.group));
        await log.deleteTopic(deadTopicOf(settings.group));
        await publish('a3 b3');
        const bounds = async (topic: string) => (await log.bounds(topic))?.some(({ end }) => end > 0) ?? false;
        await eventually(() => bounds(parkingLogTopicOf(settings.group)), 'it is there again');
        await untilHandled('b3');
        await eventually(() => first.view.parkedEvents === 3, 'a3 waits, too');
      }
      await stop(first);
      failing.clear();
      await start();
      await untilHandled(name === 'Kafka' ? 'a1 a2 a3' : 'a1 a2');
    });
  });
