// Names in the log: one for each resource, never two for the same, within Kafka's limits.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  callbacksTopicOf,
  deadTopicOf,
  parkingLogTopicOf,
  queueTopicOf,
  subscriptionGroupOf,
  topicOf,
} from '../../core/names.ts';

const label = fc.oneof(
  fc.constantFrom('topic', 'queue', 'subscription', 'callbacks', 'default', 'a'),
  fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/),
);
const subdomain = fc.array(label, { minLength: 1, maxLength: 3 }).map(labels => labels.join('.'));

describe('names in the log', () => {
  it('are those of the resource', () => {
    assert.equal(topicOf('shop', 'orders.created'), 'shop.orders.created');
    assert.equal(queueTopicOf('shop', 'import'), 'queue.shop.import');
    assert.equal(subscriptionGroupOf('shop', 'wall'), 'subscription.shop.wall');
    assert.equal(parkingLogTopicOf('subscription.shop.wall'), 'subscription.shop.wall.parked');
  });

  it('differ for different resources, whatever a namespace is called', () => {
    fc.assert(
      fc.property(label, subdomain, label, label, (namespace, topic, other, queue) => {
        const names = [topicOf(namespace, topic), queueTopicOf(other, queue), callbacksTopicOf(other, queue)];
        assert.equal(new Set(names).size, names.length);
      }),
      { examples: [['queue', 'shop.import', 'shop', 'import']] },
    );
  });

  it('fit into a name of Kafka, with every suffix', () => {
    const [first, second] = ['a', 'b'].map(end => topicOf('n'.repeat(63), 't'.repeat(199) + end));
    assert.notEqual(first, second);
    assert.deepEqual(
      [deadTopicOf, parkingLogTopicOf].map(of => of(first ?? '').length),
      [247, 249],
    );
  });
});
