// Which resources of a cluster are in force when some of them are wrong, or
// cannot be in force together.
import assert from 'node:assert/strict';
import { type Declared, settle } from '../../../k8s/catalog/settle.ts';
import { originFileOf, toResource } from '../../../k8s/catalog/to-resource.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import { type AnyResource, resourceKey } from '../../../resources/resource.ts';

let created = 0;

function declare(kind: Kind, name: string, spec: object, namespace = 'default'): Declared {
  const object = { apiVersion: API_VERSION, kind, metadata: { name, namespace }, spec };
  const parsed = toResource(kind, object);
  const key = resourceKey(kind, namespace, name);
  created += 1;
  return 'resource' in parsed
    ? { key, createdAt: created, resource: parsed.resource, problems: [] }
    : { key, createdAt: created, resource: undefined, problems: parsed.problems };
}

const fn = (name: string, namespace?: string) => declare('Function', name, { image: `acme/${name}:1` }, namespace);
const api = (name: string, to: string, path = `/${name}`, namespace?: string) =>
  declare('Api', name, { routes: [{ match: { path }, to: { function: to } }] }, namespace);
const broken = (name: string) => declare('Function', name, { image: 'acme/x:1', timeout: 'soon' });
const subscription = (name: string, topic: string, to: string) =>
  declare('Subscription', name, { topic, to: { function: to } });

const none: ReadonlyMap<string, AnyResource> = new Map();
const textOf = (problems: readonly { message: string }[] | undefined) =>
  (problems ?? []).map(one => one.message).join('\n');

describe('What is in force in a cluster', () => {
  it('is everything when nothing is wrong', () => {
    const all = [fn('a'), api('web', 'a')];
    const { resources, problems } = settle(all, none);
    assert.deepEqual([...resources.keys()], ['Function/default/a', 'Api/default/web']);
    assert.equal(problems.size, 0);
  });

  it('is the last valid version that the cluster kept where nothing was in force yet, and what needs it', () => {
    const kept = fn('a').resource;
    const newest = { ...broken('a'), lastValid: kept };
    const { resources, problems } = settle([newest, api('web', 'a')], none);
    assert.equal(resources.get('Function/default/a'), kept);
    assert.ok(resources.has('Api/default/web'));
    assert.match(textOf(problems.get('Function/default/a')), /duration/);
  });

  it('is no last valid version that is wrong by now, and none where a newer one is in force', () => {
    const [old, newer] = [api('web', 'gone').resource, api('web', 'a').resource];
    const wrong = { ...api('web', 'nobody'), lastValid: old };
    assert.deepEqual([...settle([fn('a'), wrong], none).resources.keys()], ['Function/default/a']);
    assert.ok(newer);
    const { resources } = settle([fn('a'), wrong], new Map([['Api/default/web', newer]]));
    assert.equal(resources.get('Api/default/web'), newer);
  });

  it('is all but an object that is wrong and those that need it', () => {
    const all = [fn('a'), api('web', 'a'), broken('b'), api('shop', 'b')];
    const { resources, problems } = settle(all, none);
    assert.deepEqual([...resources.keys()], ['Function/default/a', 'Api/default/web']);
    assert.match(textOf(problems.get('Function/default/b')), /duration/);
    assert.match(textOf(problems.get('Api/default/shop')), /The Function "b" is there but not valid/);
  });

  it('is the version before of an object whose newest is wrong, with all that needs it', () => {
    const first = settle([fn('a'), api('web', 'a')], none).resources;
    const { resources, problems } = settle([broken('a'), api('web', 'a')], first);
    assert.equal(resources.get('Function/default/a'), first.get('Function/default/a'));
    assert.equal(resources.size, 2);
    assert.deepEqual([...problems.keys()], ['Function/default/a']);
  });

  it('is the version before of one whose newest names what is not there', () => {
    const first = settle([fn('a'), api('web', 'a')], none).resources;
    const { resources, problems } = settle([fn('a'), api('web', 'b')], first);
    assert.equal(resources.get('Api/default/web'), first.get('Api/default/web'));
    assert.match(textOf(problems.get('Api/default/web')), /There is no Function "b"/);
  });

  it('stays when something that it names is deleted, until it is changed itself', () => {
    const [a, web] = [fn('a'), api('web', 'a')];
    const first = settle([a, web], none).resources;
    const second = settle([web], first);
    assert.deepEqual([...second.resources.keys()].toSorted(), ['Api/default/web', 'Function/default/a']);
    assert.match(textOf(second.problems.get('Api/default/web')), /There is no Function "a"/);
    const third = settle([api('web', 'b'), fn('b')], second.resources);
    assert.deepEqual([...third.resources.keys()].toSorted(), ['Api/default/web', 'Function/default/b']);
  });

  it('is the older of two whose routes collide', () => {
    const all = [fn('a'), api('old', 'a', '/same'), api('new', 'a', '/same')];
    const { resources, problems } = settle(all.toReversed(), none);
    assert.ok(resources.has('Api/default/old'));
    assert.ok(!resources.has('Api/default/new'));
    assert.match(textOf(problems.get('Api/default/new')), /Api "old" \(default\/Api\/old:1\)/);
    assert.equal(problems.get('Api/default/old'), undefined);
  });

  it('is the older of two in different namespaces, and the owner is told', () => {
    const all = [fn('a'), api('old', 'a', '/same'), fn('b', 'other'), api('new', 'b', '/same', 'other')];
    const { resources, problems } = settle(all.toReversed(), none);
    assert.ok(resources.has('Api/default/old'));
    assert.ok(!resources.has('Api/other/new'));
    assert.match(textOf(problems.get('Api/other/new')), /not for the namespace "other"/);
    assert.match(textOf(problems.get('Api/default/old')), /The namespace "other" declared a route at \/same/);
  });

  it('is the older of two Topics of different namespaces that stand for one topic of Kafka', () => {
    const topic = (name: string, namespace: string, more: object = {}) =>
      declare('Topic', name, { kafka: { topic: 'billing.payments' }, ...more }, namespace);
    const [old, spy] = [topic('mine', 'green'), topic('spy', 'blue', { external: true })];
    const { resources, problems } = settle([spy, old], none);
    assert.deepEqual([...resources.keys()], ['Topic/green/mine']);
    assert.match(textOf(problems.get('Topic/blue/spy')), /A Topic of another namespace stands for/);
    assert.doesNotMatch(textOf(problems.get('Topic/blue/spy')), /green|mine/);
    // What is none of the platform's is read by all who may.
    const both = [topic('a', 'green', { external: true }), topic('b', 'blue', { external: true })];
    assert.equal(settle(both, none).resources.size, 2);
  });

  it('leaves one alone that collides only with one that has lost already', () => {
    const two = declare('Api', 'two', {
      routes: [
        { match: { path: '/one' }, to: { function: 'a' } },
        { match: { path: '/three' }, to: { function: 'a' } },
      ],
    });
    const { resources } = settle([fn('a'), { ...api('one', 'a'), createdAt: 0 }, two, api('three', 'a')], none);
    assert.deepEqual([...resources.keys()].toSorted(), ['Api/default/one', 'Api/default/three', 'Function/default/a']);
  });

  it('is without what further checks refuse, and without those that need it', () => {
    const all = [fn('a'), fn('b'), api('web', 'a'), api('shop', 'b')];
    const { resources, problems } = settle(all, none, set =>
      set.ofKind('Function').some(({ metadata }) => metadata.name === 'a')
        ? [
            {
              severity: 'error',
              file: originFileOf('Function', 'default', 'a'),
              line: 1,
              column: 1,
              path: '',
              message: 'No.',
            },
          ]
        : [],
    );
    assert.deepEqual([...resources.keys()].toSorted(), ['Api/default/shop', 'Function/default/b']);
    assert.equal(textOf(problems.get('Function/default/a')), 'No.');
  });

  it('never leads into another namespace', () => {
    const { resources, problems } = settle([fn('a', 'other'), api('web', 'a')], none);
    assert.deepEqual([...resources.keys()], ['Function/other/a']);
    assert.match(textOf(problems.get('Api/default/web')), /resources see those of their own namespace only/);
  });

  it('comes to an end when what was deleted is wrong itself', () => {
    const topic = declare('Topic', 't', {});
    const sub = subscription('s', 't', 'a');
    const before = settle([fn('a'), topic, sub], none).resources;
    let calls = 0;
    const { resources } = settle([sub], before, set => {
      calls += 1;
      return set.get('Topic', 'default', 't')
        ? [
            {
              severity: 'error',
              file: originFileOf('Topic', 'default', 't'),
              line: 1,
              column: 1,
              path: '',
              message: 'No.',
            },
          ]
        : [];
    });
    assert.equal(resources.has('Subscription/default/s'), false);
    assert.ok(calls < 10);
  });

  it('says nothing about what was deleted', () => {
    const { problems } = settle([], settle([fn('a')], none).resources);
    assert.equal(problems.size, 0);
  });
});
