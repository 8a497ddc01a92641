// The epoch of a topic is the same to all, whichever process meets the topic first, and also when
// the topic of epochs is deleted.
import assert from 'node:assert/strict';
import { OFFSETS_PER_EPOCH } from '../../../../../drivers/event-log/epochs.ts';
import type { LogRecord, NewRecord } from '../../../../../drivers/event-log/event-log.ts';
import { TopicEpochs } from '../../../../../drivers/event-log/kafka/topics/topic-epochs.ts';
import type { TopicMetadata } from '../../../../../drivers/event-log/kafka/wire/metadata.ts';

const NAME = 'topic.epochs';
const topicOf = (name: string, id: string): TopicMetadata => ({ name, id, leaders: [1] });

/** A cluster with the topic that says so, for several processes. */
class Site {
  readonly topics = new Map<string, TopicMetadata>();
  records: LogRecord[] = [];
  appends = 0;
  readonly lines: string[] = [];
  /** Runs once, before an append. */
  before: (() => void) | undefined;

  open(): TopicEpochs {
    const metadata = { brokers: [], controller: 1, topics: this.topics };
    return new TopicEpochs({
      name: NAME,
      cluster: {
        metadata,
        refresh: async () => metadata,
        topic: async name => this.topics.get(name) ?? assert.fail(`there is no ${name}`),
      },
      topics: { ensure: async name => void this.topics.set(name, topicOf(name, `${name} ${this.topics.size}`)) },
      append: async (_, records) => {
        this.before?.();
        this.before = undefined;
        this.appends++;
        return records.map(record => ({ partition: 0, offset: this.add(record) }));
      },
      read: async (_topic, _partition, from) => ({
        records: this.records.filter(({ offset }) => offset >= from).slice(0, 2),
        next: Math.min(from + 2, this.records.length),
        bounds: { start: 0, end: this.records.length },
      }),
      log: (_, message) => this.lines.push(message),
    });
  }

  add(record: NewRecord): number {
    const offset = this.records.length;
    const { key, value, headers } = record;
    this.records.push({ offset, timestamp: 0, key, value, headers });
    return offset;
  }

  make(name: string, id: string): TopicMetadata {
    const topic = topicOf(name, id);
    this.topics.set(name, topic);
    return topic;
  }
}

describe('topic epochs in Kafka', () => {
  let site: Site;
  beforeEach(() => {
    site = new Site();
  });

  it('are counted by name in the order of their ids, once, for all processes', async () => {
    const [one, other] = [site.open(), site.open()];
    const first = site.make('a', 'a-first');
    assert.equal(one.firstOffsetOf(first), undefined);
    assert.equal(await one.learn(first), 0);
    assert.equal(one.firstOffsetOf(first), 0);
    assert.equal(await one.learn(site.make('b', 'b-first')), 0);
    const second = site.make('a', 'a-second');
    assert.deepEqual(await Promise.all([other.learn(second), one.learn(second)]), [
      OFFSETS_PER_EPOCH,
      OFFSETS_PER_EPOCH,
    ]);
    assert.equal(await one.learn(site.make('a', 'a-third')), 2 * OFFSETS_PER_EPOCH);
    assert.equal(await other.learn(second), OFFSETS_PER_EPOCH, 'what is known stays');
    assert.equal(site.lines.length, 2, 'each is told of once');
    assert.match(site.lines[0] ?? '', /^Topic a was deleted and made again/);
    const { appends } = site;
    assert.equal(await site.open().learn(second), OFFSETS_PER_EPOCH);
    assert.equal(site.appends, appends, 'nothing is said twice');
  });

  it('are those of whoever was first where two say something of a name', async () => {
    const one = site.open();
    await one.learn(site.make('a', 'a-first'));
    const second = site.make('a', 'a-second');
    const late = site.make('a', 'a-third');
    site.before = () => site.add({ key: 'a', value: Buffer.from('a-second 1'), headers: {} });
    assert.equal(await one.learn(late), 2 * OFFSETS_PER_EPOCH);
    assert.equal(await one.learn(second), OFFSETS_PER_EPOCH);
    assert.equal(await site.open().learn(late), 2 * OFFSETS_PER_EPOCH);
  });

  it('are not made of what a broker said that is behind', async () => {
    const one = site.open();
    await one.learn(site.make('a', 'a-second'));
    await assert.rejects(one.learn(topicOf('a', 'a-first')), /made anew/);
    assert.equal(site.records.length, 1);
  });

  it('pass over what others have written there', async () => {
    site.topics.set(NAME, topicOf(NAME, 'epochs'));
    for (const text of ['', '{}', 'a b c', 'a-first x']) site.add({ key: 'a', value: Buffer.from(text), headers: {} });
    site.add({ key: null, value: Buffer.from('a-first 7'), headers: {} });
    assert.equal(await site.open().learn(site.make('a', 'a-first')), 0);
  });

  it('are said anew by those who know them when the topic that says so is deleted', async () => {
    const one = site.open();
    await one.learn(site.make('a', 'a-first'));
    const second = site.make('a', 'a-second');
    await one.learn(second);
    site.records = [];
    site.topics.set(NAME, topicOf(NAME, 'another'));
    await one.learn(site.make('b', 'b-first'));
    assert.equal(await site.open().learn(second), OFFSETS_PER_EPOCH);
  });

  it('are above every position that there is, should nobody know them any more', async () => {
    const topic = site.make('a', 'a-some');
    assert.equal(await site.open().learn(topic, OFFSETS_PER_EPOCH + 7), OFFSETS_PER_EPOCH, 'it may be of this one');
    const known = site.make('b', 'b-some');
    const one = site.open();
    assert.equal(await one.learn(known), 0);
    assert.equal(await one.learn(known, 3 * OFFSETS_PER_EPOCH + 7), 4 * OFFSETS_PER_EPOCH);
    assert.equal(await site.open().learn(known), 4 * OFFSETS_PER_EPOCH);
  });
});
