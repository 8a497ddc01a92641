// What a platform says of the events of its bucket: that their topic is missing, once, and
// which of them were of no use.
import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { TenfoldError } from '../../../core/errors.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { observeBucket } from '../../../server/events/observe-bucket.ts';
import { registerBucketMetrics, toBucketReport } from '../../../server/metrics/bucket-metrics.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { eventually } from '../../eventually.ts';

describe('hearing a bucket', () => {
  const folder = temporaryFolder();
  let log: EventLog;
  before(async () => {
    log = await openLog(folder.file);
  });
  after(async () => {
    await log.close();
    folder.remove();
  });

  it('begins when the topic is there, and tells of what was left out', async () => {
    const heard: string[] = [];
    const lines: string[] = [];
    const hear = async (message: Uint8Array) => {
      const text = Buffer.from(message).toString();
      if (text === 'broken') throw new TenfoldError('invalid-input', 'It is no event.');
      heard.push(text);
    };
    const bucket = observeBucket(
      realWorld,
      { log, bucketEvents: { topic: 'bucket', hear } },
      (level, message, fields) => lines.push(`${level} ${message} ${JSON.stringify(fields)}`),
    );
    assert.ok(bucket);
    const { runner } = bucket;
    assert.equal(await toBucketReport(bucket, log), undefined, 'there is nothing to tell yet');
    await eventually(() => runner.lastError !== undefined, 'it has looked for the topic');
    assert.match(runner.lastError ?? '', /no topic bucket /);
    await log.ensureTopic('bucket', { partitions: 1 });
    const record = (text: string) => ({ key: null, value: Buffer.from(text), headers: {} });
    await log.append('bucket', [record('one'), record('broken'), record('two')]);
    await eventually(() => heard.length === 2, 'it has heard what can be heard');
    await runner.close(1000);
    assert.deepEqual(heard, ['one', 'two']);
    assert.deepEqual(
      lines.map(line => line.split(' {')[0]),
      ['warn something could not be done and is tried again', 'warn an event of the bucket was left out'],
    );
  });

  it('tells how many events are not heard yet, also while none can be, and what came of the others', async () => {
    const record = (text: string) => ({ key: null, value: Buffer.from(text), headers: {} });
    await log.ensureTopic('slow', { partitions: 2 });
    let away = true;
    const hear = async (message: Uint8Array) => {
      if (message.length === 0) throw new TenfoldError('invalid-input', 'It is no event.');
      if (away) throw new TenfoldError('storage-unusable', 'The bucket is away.');
    };
    const bucket = observeBucket(realWorld, { log, bucketEvents: { topic: 'slow', hear } }, () => {});
    assert.ok(bucket);
    const registry = new Registry();
    registerBucketMetrics(registry, () => toBucketReport(bucket, log));
    const says = async (...figures: readonly string[]) => {
      const text = await registry.metrics();
      return figures.every(each => text.includes(`tenfold_bucket_${each}\n`));
    };
    await log.append(
      'slow',
      [0, 0, 1].map(partition => ({ ...record('x'), partition })),
    );
    await eventually(() => says('lag_events{topic="slow"} 3'), 'three wait');
    await log.append('slow', [{ ...record(''), partition: 1 }]);
    await eventually(() => says('lag_events{topic="slow"} 4'), 'four wait');
    away = false;
    const all = () =>
      says('lag_events{topic="slow"} 0', 'heard_total{topic="slow"} 4', 'refused_total{topic="slow"} 1');
    await eventually(all, 'all are heard');
    await bucket.runner.close(1000);
  });

  it('does nothing where the bucket says nothing', () => {
    assert.equal(
      observeBucket(realWorld, { log }, () => {}),
      undefined,
    );
  });
});
