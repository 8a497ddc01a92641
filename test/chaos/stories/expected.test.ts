// The judge of stories in chaos takes what is true, and finds each kind of untruth.
import assert from 'node:assert/strict';
import type { ConsumerStory, EventStory } from '../../../admin/story-view.ts';
import { differsAtRest, differsMeanwhile, type Facts, type Placed } from './expected.ts';
import { keptLetters } from './letters.ts';

const event: Placed = { topic: 'events', place: '1-7', id: 'e7', data: { id: 'k1-3', key: 'k1', number: 3 } };
const reading: Placed = {
  topic: 'readings',
  place: '0-4',
  id: 's1-2',
  data: { sensor: 's1', number: 2, value: 1, kind: 'kind-2', item: 'item-2', at: '2026-11-30T08:00:06.000Z' },
};
const letter = { generation: 0, reason: 'exhausted', attempts: 4, held: false };
const facts = (more: Partial<Facts> = {}): Facts => ({
  handled: { has: () => true },
  letter: () => undefined,
  results: name => (name === 'joined' ? ['0-9'] : []),
  ...more,
});

type Fated = Omit<ConsumerStory, 'consumer'>;

function storyOf({ id }: Placed, fates: Readonly<Record<string, Fated>>, ledTo: EventStory['ledTo'] = []): EventStory {
  const consumers = Object.entries(fates).map(([text, fated]) => {
    const [kind = '', name = '', part] = text.split('/');
    const consumer = { kind, namespace: 'chaos', name: part === undefined ? name : `${name}/${part}` };
    return { consumer: consumer as ConsumerStory['consumer'], ...fated };
  });
  return { event: { id } as EventStory['event'], consumers, cameFrom: [], ledTo };
}

const done: Fated = { fate: 'done' };
const ofEvent = (more: Readonly<Record<string, Fated>> = {}) =>
  storyOf(event, {
    'Subscription/deliveries': done,
    'Subscription/bounded': done,
    'View/rows': { ...done, rows: ['k1-3'] },
    'View/counts': { ...done, rows: ['k1'] },
    'View/found': { ...done, rows: ['k1-3'] },
    'Pipeline/kept': done,
    'Pipeline/kept/3': done,
    ...more,
  });
const window = { key: 's1', start: '2026-11-30T08:00:05.000Z', end: '2026-11-30T08:00:10.000Z' };
const link = {
  how: 'to',
  by: { kind: 'Pipeline', namespace: 'chaos', name: 'joined' },
  of: { kind: 'Topic', namespace: 'chaos', name: 'joined' },
  id: '0-9',
} as const;
const ofReading = (windows: Fated['windows'], links: EventStory['ledTo']) =>
  storyOf(
    reading,
    {
      ...Object.fromEntries(['mended', 'held', 'batched'].map(name => [`Subscription/${name}`, done])),
      'View/feed': { ...done, rows: ['s1'] },
      'Pipeline/by-sensor': { ...done, ...(windows === undefined ? {} : { windows }) },
      ...Object.fromEntries(['by-kind', 'by-kind/1', 'unique', 'joined'].map(name => [`Pipeline/${name}`, done])),
    },
    links,
  );

describe('the judge of stories in chaos', () => {
  it('takes what is true', () => {
    assert.deepEqual(differsAtRest(event, ofEvent(), facts()), []);
    assert.deepEqual(differsMeanwhile(event, ofEvent(), facts()), []);
    assert.deepEqual(differsAtRest(reading, ofReading([window], [link]), facts()), []);
    const dead: Fated = { fate: 'dead', reason: 'exhausted', attempts: 4 };
    const given = facts({ letter: name => (name === 'bounded' ? letter : undefined) });
    assert.deepEqual(differsAtRest(event, ofEvent({ 'Subscription/bounded': dead }), given), []);
  });

  it('finds what is told as done and was never handled', () => {
    const unhandled = facts({ handled: { has: fn => fn !== 'deliver' } });
    assert.match(differsMeanwhile(event, ofEvent(), unhandled)[0] ?? '', /deliver has never handled it/);
  });

  it('finds who waits at rest, and who tells nothing', () => {
    const waiting: Fated = { fate: 'waiting', ahead: 0 };
    assert.equal(differsAtRest(event, ofEvent({ 'View/rows': waiting }), facts()).length, 1);
    assert.deepEqual(differsMeanwhile(event, ofEvent({ 'View/rows': waiting }), facts()), []);
    assert.match(differsMeanwhile(event, storyOf(event, {}), facts())[0] ?? '', /deliveries tells nothing/);
  });

  it('takes it that a part of a Pipeline tells nothing before its first stage is done', () => {
    const { consumers, ...story } = ofEvent({ 'Pipeline/kept': { fate: 'waiting', ahead: 1 } });
    const first = consumers.filter(({ consumer: { name } }) => name !== 'kept/3');
    assert.deepEqual(differsMeanwhile(event, { ...story, consumers: first }, facts()), []);
    const done = ofEvent().consumers.filter(({ consumer: { name } }) => name !== 'kept/3');
    assert.equal(differsMeanwhile(event, { ...story, consumers: done }, facts()).length, 1);
  });

  it('finds a dead letter of which the story says nothing, or something else', () => {
    const given = facts({ letter: name => (name === 'bounded' ? letter : undefined) });
    assert.equal(differsAtRest(event, ofEvent(), given).length, 1);
    const other: Fated = { fate: 'dead', reason: 'exhausted', attempts: 3 };
    assert.equal(differsAtRest(event, ofEvent({ 'Subscription/bounded': other }), given).length, 1);
  });

  it('finds other rows, other windows and other results', () => {
    assert.equal(differsMeanwhile(event, ofEvent({ 'View/counts': { ...done, rows: ['k2'] } }), facts()).length, 1);
    assert.equal(differsAtRest(reading, ofReading([{ ...window, key: 's2' }], [link]), facts()).length, 1);
    assert.match(differsAtRest(reading, ofReading([window], []), facts())[0] ?? '', /joined made 0 events/);
    assert.equal(differsAtRest(reading, ofReading([window], [{ ...link, id: '0-8' }]), facts()).length, 1);
  });

  it('finds what waits behind an event that is not before it', () => {
    const parked: Fated = { fate: 'parked', attempts: 0, because: 'It waits.', behind: '1-8' };
    assert.equal(differsMeanwhile(event, ofEvent({ 'Subscription/bounded': parked }), facts()).length, 1);
  });
});

describe('dead letters as another client reads them', () => {
  const record = (fields: object) => ({
    offset: 0,
    timestamp: 0,
    value: Buffer.alloc(0),
    headers: { 'tenfold-dead': JSON.stringify({ v: 1, event: 5, ...fields }) },
  });
  const given = (generation: number, held = false) =>
    record({ type: 'letter', generation, held, reason: 'refused', attempts: 1 });

  it('are gone once they are redriven, whatever comes late', () => {
    const letters = keptLetters([[], [given(0), record({ type: 'redriven', generation: 0 }), given(0)]]);
    assert.deepEqual([...letters], []);
  });

  it('are those of the newest life, and hold up nothing once their key goes on', () => {
    const letters = keptLetters([[given(0), given(1, true), given(1), given(1, true)]]);
    assert.deepEqual(
      [...letters].map(([place, { generation, held }]) => [place, generation, held]),
      [['0-5', 1, false]],
    );
  });
});
