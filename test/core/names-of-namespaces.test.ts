// Whatever two namespaces and their resources are called, nothing that is kept for one has the name
// of what is kept for the other.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fanOutLayoutOf } from '../../core/fan-outs/layout.ts';
import { jobScopeOf, onceScopeOf } from '../../core/jobs/job-row.ts';
import { jobSignalOf } from '../../core/jobs/job-signals.ts';
import * as names from '../../core/names.ts';
import { objectKeyOf, objectNameOf } from '../../core/object-key.ts';
import { viewLayoutOf } from '../../core/views/view-layout.ts';
import { entryPlace, freshPlace, leasePlace } from '../../gateway/cache-endpoint/cache-layout.ts';
import { objectNameOf as functionObjectOf, serviceUrlOf } from '../../k8s/providers/deployment/names.ts';
import { listenerSecretOf, openfaasNameOf } from '../../k8s/providers/openfaas/names.ts';

const WORDS = [
  ...names.RESERVED,
  'bucket',
  'parked',
  'dead',
  'in',
  'made',
  'items',
  'split',
  'gather',
  'a',
  'b',
  'a-b',
  'objects',
];
const label = fc.oneof(fc.constantFrom(...WORDS), fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/));
const subdomain = fc.array(label, { minLength: 1, maxLength: 4 }).map(labels => labels.join('.'));

interface Sketch {
  readonly namespace: string;
  readonly name: string;
  readonly topic: string;
  readonly key: string;
}
const sketch: fc.Arbitrary<Sketch> = fc.record({ namespace: label, name: label, topic: subdomain, key: subdomain });

const GENERATION = '000000000000';

/** Topics, groups and scopes, each with what is derived from it. */
function keptFor({ namespace, name, topic, key }: Sketch): string[] {
  const groups = [
    names.subscriptionGroupOf(namespace, name),
    names.queueGroupOf(namespace, name),
    names.syncGroupOf(namespace, name, key.split('.')[0] ?? ''),
    names.viewGroupOf(namespace, name),
    names.pipelineGroupOf(namespace, name),
    names.fanOutGroupOf(namespace, name),
  ];
  const view = viewLayoutOf(namespace, name, GENERATION);
  const { scopeOf, ...fanOut } = fanOutLayoutOf(namespace, name);
  const texts = Object.values(fanOut).filter(value => typeof value === 'string');
  const log = [
    ...[
      names.topicOf(namespace, topic),
      names.callbacksTopicOf(namespace, name),
      names.viewInputTopicOf(namespace, name),
    ],
    ...[view.topic, view.projected, ...texts, ...groups],
    ...groups.flatMap(group => [names.parkingLogTopicOf(group), names.deadTopicOf(group)]),
  ];
  const store = [
    ...[view.scopeOf(0), scopeOf(0), jobScopeOf(namespace, name, 0), onceScopeOf(namespace, name, 'ab')],
    ...[entryPlace, freshPlace, leasePlace].map(place => JSON.stringify(place(namespace, key))),
    jobSignalOf(namespace, name, key),
    objectKeyOf(namespace, key),
  ];
  const cluster = [serviceUrlOf(name, namespace), `${namespace}/${functionObjectOf(name)}`];
  const openfaas = [openfaasNameOf({ namespace, name }), listenerSecretOf({ namespace, name })];
  return [...log, ...store, ...cluster, ...openfaas];
}

describe('What is kept for a namespace', () => {
  it('has no name of what is kept for another one', () => {
    fc.assert(
      fc.property(sketch, sketch, (one, other) => {
        fc.pre(one.namespace !== other.namespace);
        const ours = new Set(keptFor(one));
        const both = keptFor(other).filter(name => ours.has(name));
        assert.deepEqual(both, []);
      }),
      { numRuns: 3000 },
    );
  });

  it('is not among the objects of another one, whatever these are called', () => {
    fc.assert(
      fc.property(label, label, fc.string({ maxLength: 40 }), (one, other, name) => {
        fc.pre(one !== other);
        assert.equal(objectNameOf(other, objectKeyOf(one, name)), undefined);
      }),
      { numRuns: 2000 },
    );
  });
});
