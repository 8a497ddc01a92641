// Hearing what a bucket says: every event, in whatever process, until the blob store has it; what
// is of no use holds up nothing.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Stage, StageObserver } from '../../../worker/fold/stage.ts';
import { followBucket } from '../../../worker/jobs/follow-bucket.ts';
import { newName } from '../../contract/event-log/subject.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { eventually } from '../../eventually.ts';

describe('following a bucket', () => {
  const folder = temporaryFolder();
  let log: EventLog;
  let topic: string;
  let running: Stage[];
  let heard: string[];
  let refused: string[];
  let troubles: string[];
  beforeEach(async () => {
    log = await openLog(folder.file);
    // Offsets of one that is made again do not begin at 0.
    topic = newName('bucket-events');
    await log.ensureTopic(topic, { partitions: 2 });
    [running, heard, refused, troubles] = [[], [], [], []];
  });
  afterEach(async () => {
    for (const stage of running) await stage.close(0);
    await log.close();
  });
  after(() => folder.remove());

  const observer: StageObserver = {
    trouble: (_, error) => void troubles.push(String(error)),
    refused: (_, { value }) => void refused.push(Buffer.from(value).toString()),
    superseded: () => {},
    jumped: () => {},
  };
  const send = (...texts: readonly string[]) =>
    log.append(
      topic,
      texts.map((text, index) => ({ key: null, partition: index % 2, value: Buffer.from(text), headers: {} })),
    );
  const follow = async (take: (text: string) => Promise<void> = async () => {}) => {
    const hear = async (message: Uint8Array) => {
      const text = Buffer.from(message).toString();
      await take(text);
      heard.push(text);
    };
    const stage = await followBucket({ world: realWorld, log, group: topic, topic, hear, observer });
    running.push(stage);
    return stage;
  };
  const isHeard = (...texts: readonly string[]) =>
    eventually(() => texts.every(text => heard.includes(text)), `${texts} are heard`);
  const isCommitted = async (count: number) => {
    const sum = async () =>
      (await log.positions(topic, topic)).reduce((total, position) => total + (position?.offset ?? 0), 0);
    await eventually(async () => (await sum()) === count, `${count} are done with`);
  };

  it('begins with what the topic had before, and goes on where the last one was', async () => {
    await send('a', 'b', 'c');
    const first = await follow();
    await isHeard('a', 'b', 'c');
    await isCommitted(3);
    await first.close(1000);
    await send('d');
    await follow();
    await isHeard('d');
    assert.deepEqual(heard.toSorted(), ['a', 'b', 'c', 'd']);
  });

  it('hears again what the blob store could not take, and nothing of what is before', async () => {
    let failures = 3;
    await send('a', 'x', 'b', 'y', 'c');
    await follow(async text => {
      if (text === 'b' && failures-- > 0) throw new TenfoldError('store-unavailable', 'The bucket is away.');
    });
    await isHeard('a', 'b', 'c', 'x', 'y');
    await isCommitted(5);
    assert.deepEqual(
      heard.filter(text => text === 'a'),
      ['a'],
    );
    assert.match(troubles[0] ?? '', /away/);
  });

  it('leaves out what nothing can be made of, and says so', async () => {
    await send('a', 'broken', 'b');
    await follow(async text => {
      if (text === 'broken') throw new TenfoldError('invalid-input', 'No event.');
    });
    await isHeard('a', 'b');
    await isCommitted(3);
    assert.deepEqual(refused, ['broken']);
  });

  it('hears again what was under way when the process ended', async () => {
    await send('a');
    let reached = false;
    const never = new Promise<void>(() => {});
    const dying = await follow(async () => {
      reached = true;
      await never;
    });
    await eventually(() => reached, 'it is being heard');
    await dying.close(0);
    await follow();
    await isHeard('a');
    await isCommitted(1);
  });

  it('does not begin without its topic, and says what to do', async () => {
    await log.deleteTopic(topic);
    await assert.rejects(follow(), /no topic bucket-events\S* .*blobs\.s3\.events\.topic/);
  });
});
