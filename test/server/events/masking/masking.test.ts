// Whose marks of sensitive fields hold for whose events, over any graph of Topics and consumers.
import assert from 'node:assert/strict';
import { loadFiles } from '../../../../resources/load/load-directory.ts';
import { createMasking } from '../../../../server/events/masking/masking.ts';

const MARKED = '{ schema: { type: object, properties: { pin: { type: string, x-sensitive: true } } } }';
const record = { offset: 0, timestamp: 0, key: '', value: Buffer.from('{"pin":"1234","n":1}'), headers: {} };

function maskingOf(documents: readonly (readonly [kind: string, name: string, spec: string])[]) {
  const text = documents
    .map(
      ([kind, name, spec]) =>
        `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`,
    )
    .join('---\n');
  const { resources, problems } = loadFiles([{ file: 'app.yaml', text }]);
  assert.deepEqual(problems, []);
  let looked = 0;
  const counting = {
    ...resources,
    get: (...place: Parameters<typeof resources.get>) => {
      looked++;
      return resources.get(...place);
    },
  } as typeof resources;
  const masking = createMasking(() => counting);
  const shown = (topic: string) => {
    const found = masking.ofTopic('default', topic)?.show(record);
    return found === undefined ? 'all' : (found.notShown ?? String(found.record.value));
  };
  return { shown, looked: () => looked };
}

describe('the marks that hold for events', () => {
  it('go with the events, as they are, to other Topics', () => {
    const { shown } = maskingOf([
      ['Topic', 'orders', MARKED],
      ['Topic', 'copies', '{}'],
      ['Topic', 'others', '{}'],
      ['Topic', 'given-up', '{}'],
      ['Queue', 'work', '{ to: { function: f }, deadLetter: { topic: given-up } }'],
      ['Subscription', 'copy', '{ topic: orders, to: { topic: copies } }'],
      ['Subscription', 'enqueue', '{ topic: copies, to: { queue: work } }'],
    ]);
    for (const topic of ['orders', 'copies', 'given-up']) assert.equal(shown(topic), '{"pin":"***","n":1}', topic);
    assert.equal(shown('others'), 'all');
  });

  it('hide what something else was made of, and what comes from several', () => {
    const { shown } = maskingOf([
      ['Topic', 'orders', MARKED],
      ['Topic', 'returns', MARKED],
      ['Topic', 'failed', '{}'],
      ['Topic', 'all', '{}'],
      ['View', 'v', '{ from: [orders], table: { key: "${event.id}" }, deadLetter: { topic: failed } }'],
      ['Subscription', 'a', '{ topic: orders, to: { topic: all } }'],
      ['Subscription', 'b', '{ topic: returns, to: { topic: all } }'],
    ]);
    assert.match(shown('failed'), /^It is made of events of Topic orders/);
    assert.match(shown('all'), /^It comes from several/);
  });

  it('are found with few looks where all Topics feed each other', () => {
    const names = Array.from({ length: 16 }, (_, index) => `t${index}`);
    const pairs = names.flatMap(from => names.filter(to => to !== from).map(to => [from, to] as const));
    const { shown, looked } = maskingOf([
      ...names.map(name => ['Topic', name, name === 't15' ? MARKED : '{}'] as const),
      ...pairs.map(
        ([from, to]) => ['Subscription', `${from}-${to}`, `{ topic: ${from}, to: { topic: ${to} } }`] as const,
      ),
    ]);
    assert.equal(shown('t0'), '{"pin":"***","n":1}');
    assert.ok(looked() <= names.length, `${looked()} looks`);
  });
});
