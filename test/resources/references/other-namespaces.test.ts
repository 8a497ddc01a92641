// Every field of all ten kinds that names another resource, and the two other ways to it, tried
// across namespaces: none leads there.
import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { settle } from '../../../k8s/catalog/settle.ts';
import { toResource } from '../../../k8s/catalog/to-resource.ts';
import { exampleOf } from '../../../resources/generate/kind-page.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import { type Kind, kindNames } from '../../../resources/kinds/kind-names.ts';
import { markedValues } from '../../../resources/references/marked-values.ts';
import { type AnyResource, resourceKey } from '../../../resources/resource.ts';

type Manifest = { metadata: { name: string; namespace?: string }; spec: object; [field: string]: unknown };

function declare(kind: Kind, name: string, namespace: string, spec: object): AnyResource {
  const parsed = toResource(kind, { apiVersion: API_VERSION, kind, metadata: { name, namespace }, spec });
  if ('problems' in parsed) throw new Error(`${kind}: ${parsed.problems.map(({ message }) => message).join(' ')}`);
  return parsed.resource;
}

function settled(resources: readonly AnyResource[]) {
  const declared = resources.map((resource, index) => ({
    key: resourceKey(resource.kind, resource.metadata.namespace, resource.metadata.name),
    resource,
    problems: [],
    createdAt: index,
  }));
  return settle(declared, new Map());
}

const least: Readonly<Record<string, object>> = {
  Function: { url: 'https://example.com' },
  Topic: {},
  Queue: { to: { url: 'https://example.com' } },
  View: { from: ['orders'], table: { key: '${event.data.id}', value: {} } },
  Aggregate: { parts: { one: { to: { url: 'https://example.com' } } }, response: { body: {} } },
  FanOut: { split: '${event.data.items}', worker: { function: 'menu' } },
};

describe('A reference of any kind', () => {
  const examples = kindNames.map(kind => {
    const { metadata, spec }: Manifest = parse(exampleOf(kind));
    return declare(kind, metadata.name, 'shop', spec);
  });
  const references = examples.flatMap(resource =>
    markedValues(resource).filter(({ marks, value }) => marks.reference !== undefined && typeof value === 'string'),
  );

  it('is tried for every kind that has one', () => {
    const kinds = new Set(references.map(({ resource }) => resource.kind));
    for (const kind of kindNames) if (kind !== 'Function' && kind !== 'Topic') assert.ok(kinds.has(kind), kind);
  });

  for (const { resource, path, value, marks } of references) {
    it(`${resource.kind} ${path.join('.')} does not find a ${marks.reference} of another namespace`, () => {
      const kind = marks.reference;
      assert.ok(kind !== undefined && typeof value === 'string');
      // All that it needs is there, in another namespace.
      const elsewhere = [...new Set(references.filter(one => one.resource === resource))].map(one =>
        declareLeast(one.marks.reference ?? 'Function', String(one.value)),
      );
      const unique = [...new Map(elsewhere.map(one => [`${one.kind} ${one.metadata.name}`, one])).values()];
      const { resources, problems } = settled([resource, ...unique]);
      assert.equal(resources.get(keyOf(resource)), undefined);
      const said = problems.get(keyOf(resource))?.map(({ message }) => message) ?? [];
      assert.ok(
        said.some(text => text.includes(`There is no ${kind} "${value}" in the namespace "shop"`)),
        said.join('\n'),
      );
    });
  }

  function declareLeast(kind: Kind, name: string): AnyResource {
    return declare(kind, name, 'other', least[kind] ?? {});
  }
});

describe('An address', () => {
  const inOther = declare('Function', 'menu', 'other', { image: 'menu:1' });
  const urls: readonly [url: string, refused: boolean][] = [
    ['http://fn-menu.other.svc', true],
    ['http://fn-menu.other.svc.cluster.local/path', true],
    ['http://FN-menu.OTHER.svc:80', true],
    ['http://fn-menu.other', true],
    ['http://kn-menu.other.svc.', true],
    ['http://fn-menu.other.svc.cluster.local.', true],
    ['http://canary-kn-menu.other.svc', true],
    ['http://fn-menu.shop.svc', false],
    ['http://legacy.other.svc:8080', false],
    ['https://fn-menu.example', false],
  ];
  for (const [url, refused] of urls) {
    it(`${url} ${refused ? 'leads to no Function of another namespace' : 'may be called'}`, () => {
      for (const resource of [
        declare('Function', 'front', 'shop', { url }),
        declare('Strangler', 'front', 'shop', { legacy: { url }, features: [] }),
        declare('Api', 'front', 'shop', { routes: [{ match: { path: '/' }, to: { url } }] }),
      ]) {
        const { resources, problems } = settled([inOther, resource]);
        assert.equal(resources.has(keyOf(resource)), !refused, JSON.stringify(problems.get(keyOf(resource))));
      }
    });
  }
});

describe('A name of a topic in Kafka', () => {
  const theirs = declare('Topic', 'orders', 'other', {});
  const queue = declare('Queue', 'mails', 'other', least['Queue'] ?? {});
  const names: readonly [name: string, refused: boolean][] = [
    ['other.orders', true],
    ['queue.other.mails', true],
    ['subscription.other.x', true],
    ['topic.epochs', true],
    ['shop.orders', false],
    ['company.orders', false],
    ['view.clicks', false],
  ];
  for (const [name, refused] of names) {
    it(`${name} ${refused ? 'does not lead to events of another namespace' : 'may be taken'}`, () => {
      for (const external of [true, false]) {
        const topic = declare('Topic', 'mine', 'shop', { external, kafka: { topic: name } });
        const { resources, problems } = settled([topic, theirs, queue]);
        assert.equal(resources.has(keyOf(topic)), !refused, JSON.stringify(problems.get(keyOf(topic))));
        assert.ok(resources.has(keyOf(theirs)));
      }
    });
  }
});

function keyOf({ kind, metadata }: AnyResource): string {
  return resourceKey(kind, metadata.namespace, metadata.name);
}
