// The streams of followers over time: signs of life, rights, slow connections, a process that
// stops, a View that cannot be read, and rows that end by time.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../../core/errors.ts';
import type { ViewDirectory } from '../../../../core/views/view-directory.ts';
import { viewLayoutOf } from '../../../../core/views/view-layout.ts';
import { createLiveViews, type LiveViews } from '../../../../gateway/views/live/live-views.ts';
import type { ViewStore } from '../../../../gateway/views/view-store.ts';
import { createFakeWorld, type FakeWorld } from '../../../fakes/fake-world.ts';
import { resourcesOf } from '../../../worker/pipelines/harness.ts';
import { Connected } from './connected.ts';

const VIEW = `kind: Topic; metadata: { name: orders }; spec: {}
kind: View; metadata: { name: orders }; spec: { from: [orders], table: { key: "\${event.data.id}", ttl: 1h }, query: { maxFollowers: 2 } }`;
const resource = resourcesOf(VIEW).get('View', 'default', 'orders') ?? assert.fail('There is no View.');
const layout = viewLayoutOf('default', 'orders', '0123456789ab');

describe('streams that follow a View', () => {
  let world: FakeWorld;
  let live: LiveViews;
  let row: string | undefined;
  let isAway: boolean;
  let serving: string;

  beforeEach(() => {
    world = createFakeWorld();
    [row, isAway, serving] = ['{"n":1}', false, layout.generation];
    const read = async <T>(value: T) => {
      if (isAway) throw new TenfoldError('store-unavailable', 'away');
      return value;
    };
    const of = (key: string) => (row === undefined ? undefined : { key, value: Buffer.from(row), version: '1' });
    const store = { position: () => read(1), row: (_: string, __: string, key: string) => read(of(key)) };
    const views: ViewDirectory = {
      serving: async () => ({ id: serving, definition: '', manifest: undefined, sources: [], since: 0 }),
      serves: () => true,
      isStill: () => true,
    };
    const log = { read: () => assert.fail('No position has moved.') };
    live = createLiveViews({ world, log, store: store as unknown as ViewStore, views, signals: undefined });
  });
  afterEach(async () => {
    live.close();
    await world.pass(1_000);
  });

  const follow = async (follower: Connected) => {
    const call = follower.connect();
    const { question, lastId } = follower;
    const begun = live.follow({ call, resource, layout, question, anew: false, lastId });
    begun.catch(() => undefined);
    await world.pass(300);
    return begun;
  };
  const one = () => new Connected({ kind: 'row', key: 'a' });
  const counts = () => live.counts()[0] ?? assert.fail('Nobody follows.');

  it('give signs of life, and end when the credentials are to be shown anew', async () => {
    const follower = one();
    await follow(follower);
    assert.equal(follower.alive, 0);
    await world.pass(60_000);
    assert.ok(follower.alive >= 3, `${follower.alive} comments`);
    await world.pass(15 * 60_000);
    assert.equal(follower.events.at(-1), 'ended');
    assert.equal(counts().followers, 0);
    await follow(follower);
    assert.deepEqual(follower.events, ['rows', 'ended', 'resumed']);
  });

  it('end where all answers together outgrow their bound, which former ones make room for', async () => {
    const [first, second] = [one(), new Connected({ kind: 'row', key: 'b' })];
    await follow(first);
    await follow(second);
    const grown = (letter: string, mib: number) => JSON.stringify({ text: letter.repeat(mib * 1024 * 1024) });
    for (const letter of 'abc') {
      row = grown(letter, 12);
      await world.pass(2_000);
    }
    for (const { events, isOver } of [first, second]) assert.deepEqual([events.length, isOver], [4, false]);
    row = grown('d', 20);
    await world.pass(2_000);
    assert.deepEqual([first, second].map(({ events }) => events.at(-1) === 'ended').sort(), [false, true]);
    assert.deepEqual([counts().followers, counts().lost], [1, 1]);
  });

  it('skip answers while they are slow, and are cut when they take nothing for a minute', async () => {
    const [slow, other] = [one(), one()];
    await follow(slow);
    await follow(other);
    slow.slow();
    for (let n = 2; n < 6; n++) {
      row = JSON.stringify({ n });
      await world.pass(2_000);
    }
    assert.deepEqual(other.events, ['rows', 'change', 'change', 'change', 'change']);
    assert.equal(slow.events.length, 2);
    slow.goOn();
    assert.equal(slow.events.length, 3);
    assert.deepEqual(slow.items, other.items);
    slow.slow();
    row = JSON.stringify({ n: 6 });
    await world.pass(70_000);
    assert.equal(slow.isOver, true);
    assert.equal(other.isOver, false);
    assert.deepEqual([counts().followers, counts().cut], [1, 1]);
  });

  it('are no more than there may be', async () => {
    await follow(one());
    await follow(one());
    await assert.rejects(follow(one()), { code: 'overloaded', message: /"query.maxFollowers" allows no more/ });
    assert.equal(counts().refused, 1);
  });

  it('take out rows that end by time alone', async () => {
    const follower = one();
    await follow(follower);
    row = undefined;
    await world.pass(3_000);
    assert.deepEqual(follower.items, []);
  });

  it('end when the View cannot be read, another generation serves or the process stops, and say so', async () => {
    const lost = one();
    await follow(lost);
    isAway = true;
    await world.pass(5_000);
    assert.equal(lost.isOver, false);
    await world.pass(10_000);
    assert.equal(lost.isOver, true);
    await assert.rejects(follow(one()), { code: 'store-unavailable' });
    isAway = false;
    const replaced = one();
    await follow(replaced);
    serving = 'ba9876543210';
    await world.pass(1_000);
    serving = layout.generation;
    const stopped = one();
    await follow(stopped);
    live.drain();
    const reasons = [lost, replaced, stopped].map(each => each.reasons.at(-1));
    assert.deepEqual(reasons, [
      'View orders cannot be read at the moment. Connect again.',
      'Another generation of View orders serves. Connect again and go on.',
      'The process stops. Connect again and go on.',
    ]);
    const late = one();
    await follow(late);
    await world.pass(3_000);
    assert.equal(late.events.at(-1), 'ended', 'who comes back too soon is served for a moment');
  });
});
