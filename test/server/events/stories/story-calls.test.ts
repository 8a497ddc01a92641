// How often the story of an event asks the log and the store, and how much of that at once.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { TenfoldError } from '../../../../core/errors.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { overEachLog } from '../../../event-plane/logs.ts';
import { eventually } from '../../../eventually.ts';
import { openStorySite } from './story-site.ts';

const CONSUMERS = 6;
const PARTITIONS = 4;
const APP = `
kind: Topic; metadata: { name: orders }; spec: { partitions: 1 }
kind: Topic; metadata: { name: copies }; spec: { partitions: ${PARTITIONS} }
kind: Subscription; metadata: { name: copy }; spec: { topic: orders, from: latest, to: { topic: copies } }
${Array.from({ length: CONSUMERS - 1 }, (_, at) => `kind: Subscription; metadata: { name: show${at} }; spec: { topic: orders, from: latest, to: { function: show } }`).join('\n')}
kind: Function; metadata: { name: show }; spec: { url: "http://show.example" }
`;
const ASKS = ['bounds', 'positions', 'offsetAt', 'read'] as const;

overEachLog('the reads of a story', open => {
  let site: Awaited<ReturnType<typeof openStorySite>>;
  let stop: (() => Promise<void>) | undefined;
  let asked: string[] = [];
  let [open_, most] = [0, 0];
  let trouble: ((ask: string) => Promise<void> | undefined) | undefined;
  let id = '';
  const counting = <T extends EventLog>(log: T): T => {
    const asks = ASKS.map(name => {
      const ask = log[name] as (topic: string, ...rest: unknown[]) => Promise<unknown>;
      const counted = async (topic: string, ...rest: unknown[]) => {
        asked.push(`${name} ${name === 'bounds' || name === 'positions' ? topic : `${topic} ${rest[0]}`}`);
        most = Math.max(most, ++open_);
        try {
          await trouble?.(asked.at(-1) ?? '');
          return await ask(topic, ...rest);
        } finally {
          open_--;
        }
      };
      return [name, counted];
    });
    return { ...log, ...Object.fromEntries(asks) };
  };

  before(async () => {
    const log: typeof open = async (database, folder) => counting(await open(database, folder));
    site = await openStorySite({ app: APP, folder: tempFolder(), log, play: () => ({ status: 200 }) });
    stop = await site.start();
  });
  after(async () => {
    await stop?.();
    await site.close();
    removeTempFolders();
  });

  it('are few for an event at rest, and those of the consumers are made at once', async () => {
    // A consumer that began late does not have the first ones.
    await eventually(async () => {
      id = await site.publish('orders', { n: 1 }, { key: 'k' });
      const { consumers } = await site.tell('orders', id);
      return consumers.length === CONSUMERS && consumers.every(({ fate }) => fate === 'waiting' || fate === 'done');
    }, 'all have begun');
    await eventually(async () => {
      const { consumers } = await site.tell('orders', id);
      return consumers.every(({ fate }) => fate === 'done');
    }, 'it is at rest');
    await stop?.();
    stop = undefined;
    await site.tell('orders', id);
    [asked, most] = [[], 0];
    const { consumers, ledTo } = await site.tell('orders', id);
    assert.deepEqual([consumers.length, ledTo.length], [CONSUMERS, 1]);
    const count = (name: (typeof ASKS)[number]) => asked.filter(each => each.startsWith(`${name} `)).length;
    const told = asked.toSorted().join('\n');
    // Of each: its parking log as it is opened and at both readings, and its dead letters twice.
    assert.ok(count('bounds') <= CONSUMERS * 5 + 1, told);
    assert.equal(count('positions'), CONSUMERS, told);
    assert.ok(count('offsetAt') <= PARTITIONS, told);
    assert.ok(most >= CONSUMERS, `${most} at once`);
  });

  it('end with the story where one of them fails', async () => {
    const held = Promise.withResolvers<void>();
    trouble = ask => {
      if (!ask.startsWith('positions ')) return undefined;
      if (ask.endsWith('show0')) throw new TenfoldError('log-unavailable', 'The coordinator is away.');
      return held.promise;
    };
    await assert.rejects(site.tell('orders', id), { code: 'log-unavailable' });
    const before = asked.length;
    held.resolve();
    await eventually(() => open_ === 0, 'all that was asked is answered');
    await setImmediate();
    assert.deepEqual(asked.slice(before), []);
  });
});
