// The story of an event at the edges of what the log says: commits with holes, parking logs that
// were trimmed since, records behind the commit, replays, syncs.
import assert from 'node:assert/strict';
import type { ConsumerStory } from '../../../../admin/story-view.ts';
import { deadTopicOf, parkingLogTopicOf } from '../../../../core/names.ts';
import { encodeLetter, encodeMark } from '../../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import type { OwnersRecord, Park } from '../../../../worker/parking-log/parking-log-record.ts';
import { EVENTS, letter, recordOf, storiesOf, useOneConsumer } from './one-consumer.ts';

const signal = new AbortController().signal;

function park(event: number, more: Partial<Park> = {}): OwnersRecord {
  return { type: 'park', event, generation: 0, attempts: 2, at: 1000, wait: 0, record: recordOf(event), ...more };
}

describe('the story of an event', () => {
  const site = useOneConsumer();
  const { commit, claim, write } = site;

  /** `meanwhile` happens before the dead letters are read. */
  const tell = async (offset: number, meanwhile = async () => {}): Promise<Omit<ConsumerStory, 'consumer'>> => {
    const letters = site.letters();
    let happens: (() => Promise<void>) | undefined = meanwhile;
    const deadLetter: typeof letters.deadLetter = async (...wanted) => {
      const act = happens;
      happens = undefined;
      await act?.();
      return letters.deadLetter(...wanted);
    };
    const stories = storiesOf(site.log, site.plan, { ...letters, deadLetter });
    const { consumers } = await stories.tell('default', 'orders', `0-${offset}`, {}, signal);
    const [{ consumer: _, ...story } = assert.fail()] = consumers;
    return story;
  };
  const fates = async () => {
    const all: string[] = [];
    for (let offset = 0; offset < EVENTS; offset++) {
      const { fate, ahead } = await tell(offset);
      all.push(ahead === undefined ? fate : `${fate} ${ahead}`);
    }
    return all;
  };

  it('counts what is not known to be done before it, holes of the commit among them', async () => {
    await commit({ position: 2, top: 6, holes: [2, 4] });
    const waiting = ['waiting 2', 'waiting 3', 'waiting 4', 'waiting 5'];
    assert.deepEqual(await fates(), ['done', 'done', 'waiting 0', 'done', 'waiting 1', 'done', ...waiting]);
  });

  it('knows what the parking log says beyond the commit', async () => {
    await commit({ position: 1, top: 1 });
    const by = await claim();
    await write(by, park(3));
    await write(by, park(4, { attempts: 0 }));
    await write(by, park(5));
    await write(by, { type: 'done', event: 5 });
    await write(by - 1, park(7));
    const [, , second, third, fourth, fifth, , seventh] = await fates();
    assert.deepEqual([second, third, fourth, fifth, seventh], ['waiting 1', 'parked', 'parked', 'done', 'waiting 6']);
    assert.deepEqual((await tell(4)).behind, '0-3');
    site.plan = { ...site.plan, settings: { ...site.plan.settings, order: 'none' } };
    assert.equal((await tell(4)).behind, undefined);
  });

  it('knows the checkpoint of a parking log that was trimmed since the commit', async () => {
    await commit({ position: 1, top: 1 });
    const first = await claim();
    await write(first, park(0));
    await write(first, { type: 'done', event: 0 });
    const second = await claim({ position: 3, top: 5, holes: [3] });
    await write(second, park(4));
    await site.log.trim(parkingLogTopicOf(site.plan.settings.group), 0, second);
    const all = await fates();
    assert.deepEqual(all.slice(0, 7), ['done', 'done', 'done', 'waiting 0', 'parked', 'waiting 1', 'waiting 2']);
  });

  it('is that of an event which is redriven while its dead letter is looked for', async () => {
    await commit({ position: 5, top: 5 });
    const by = await claim();
    const dead = deadTopicOf(site.plan.settings.group);
    await site.log.append(dead, [encodeLetter(letter(3))]);
    assert.equal((await tell(3)).fate, 'dead');
    const redrive = async () => {
      await write(by, park(3, { generation: 1, attempts: 0 }));
      await site.log.append(dead, [encodeMark('redriven', 0, 3, 0)]);
    };
    const { fate, redriven } = await tell(3, redrive);
    assert.deepEqual([fate, redriven], ['parked', 1]);
  });

  it('says why an event waits that is held while its dead letter is looked for', async () => {
    await commit({ position: 3, top: 3 });
    const by = await claim();
    const hold = async () => {
      const { record, generation, attempts } = letter(3);
      const given = { generation, attempts, reason: 'refused', since: 0, held: true } as const;
      await write(by, { type: 'dead', event: 3, ...given, record });
      await site.log.append(deadTopicOf(site.plan.settings.group), [encodeLetter({ ...letter(3), held: true })]);
    };
    const { fate, because } = await tell(3, hold);
    assert.equal(fate, 'held');
    assert.match(because ?? '', /until somebody redrives or skips/);
  });

  it('is that of a replay up to its end', async () => {
    await commit({ position: 3, top: 3 });
    site.plan = { ...site.plan, until: new Map([[0, 5]]) };
    assert.deepEqual((await fates()).slice(2, 6), ['done', 'waiting 0', 'waiting 1', 'filtered']);
  });

  it('asks no filter that counts what it leaves out', async () => {
    await commit({ position: 3, top: 3 });
    const filter = () => assert.fail('it is asked');
    const sync = { strangler: 'shop', feature: 'orders', origin: 'shop', maxLagMs: 0, kept: { returned: 0 } };
    site.plan = { ...site.plan, sync, settings: { ...site.plan.settings, filter } };
    assert.equal((await tell(0)).fate, 'done');
  });

  it('is that of an event which its filter leaves out, reached or not', async () => {
    await commit({ position: 3, top: 3 });
    site.plan = { ...site.plan, settings: { ...site.plan.settings, filter: ({ offset }) => offset % 2 === 0 } };
    assert.deepEqual((await fates()).slice(1, 6), ['filtered', 'done', 'filtered', 'waiting 1', 'filtered']);
  });
});
