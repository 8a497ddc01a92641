// The story of an event that a Pipeline archives: what is in a file is done, also where the log
// does not know yet how far the archive is.
import assert from 'node:assert/strict';
import type { EventLog, OwnedPartition } from '../../../../drivers/event-log/event-log.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { overEachLog } from '../../../event-plane/logs.ts';
import { eventually } from '../../../eventually.ts';
import { openStorySite } from './story-site.ts';

const APP = `
kind: Topic; metadata: { name: orders }; spec: { partitions: 1 }
kind: Pipeline; metadata: { name: kept }; spec: { from: { topic: orders, start: earliest }, to: [{ archive: { format: jsonl, roll: { every: 1s } } }] }
`;

/** The log, which takes no position of an archive. */
function withoutPositions(log: EventLog): EventLog {
  const commit = () => Promise.reject(new Error('the coordinator is away'));
  const refusing = (owned: OwnedPartition): OwnedPartition => ({
    partition: owned.partition,
    lost: owned.lost,
    committed: () => owned.committed(),
    commit,
    open: (topic, from) => owned.open(topic, from),
  });
  return new Proxy(log, {
    get(_, name) {
      if (name === 'join')
        return ({ assigned, ...options }: Parameters<EventLog['join']>[0]) =>
          log.join({
            ...options,
            assigned: owned => assigned(options.group.includes('archive') ? refusing(owned) : owned),
          });
      const member = Reflect.get(log, name);
      return typeof member === 'function' ? member.bind(log) : member;
    },
  });
}

overEachLog('the story of an event in an archive', log => {
  let site: Awaited<ReturnType<typeof openStorySite>>;
  let stop: (() => Promise<void>) | undefined;

  before(async () => {
    site = await openStorySite({
      app: APP,
      folder: tempFolder(),
      log: async (...of) => withoutPositions(await log(...of)),
      play: () => assert.fail(),
    });
  });
  after(async () => {
    await stop?.();
    await site.close();
    removeTempFolders();
  });

  it('is done once it is in a file, though the log was not told', async () => {
    stop = await site.start();
    const id = await site.publish('orders', { cups: 1 });
    const fates = async () => (await site.tell('orders', id)).consumers.map(({ fate }) => fate);
    await eventually(async () => (await fates()).join() === 'done,done', 'it is archived, and told so');
  });
});
