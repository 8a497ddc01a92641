// The CRDs against a real API server: accepted, enforced, and with the subresources they promise.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { crdFileName } from '../../resources/generate/crd.ts';
import { exampleOf } from '../../resources/generate/kind-page.ts';
import { GROUP, type Kind, kindNames, kinds, VERSION } from '../../resources/kinds/index.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import type { KubeAnswer } from './kube-client.ts';

const BUILD_AND_START_MS = 15 * 60_000;
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

describe('CRDs on a real API server', function () {
  this.timeout(60_000);
  let plane: ControlPlane;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startControlPlane();
    for (const kind of kindNames) await establish(kind);
  });

  after(async () => {
    await plane?.close();
  });

  /** Creates the CRD and waits until its objects can be written. */
  async function establish(kind: Kind): Promise<void> {
    const created = await plane.client.apply(`${CRDS}/${kinds[kind].plural}.${GROUP}`, crdOf(kind));
    assert.equal(created.status, 201, `${kind}: ${message(created)}`);
    await until(`${kind} is served`, async () => {
      const conditions = await conditionsOf(kind);
      return conditions.Established === 'True' && (await plane.client.request('GET', pathOf(kind))).status === 200;
    });
  }

  async function conditionsOf(kind: Kind): Promise<Record<string, string>> {
    const { body } = await plane.client.request('GET', `${CRDS}/${kinds[kind].plural}.${GROUP}`);
    const conditions: { type: string; status: string }[] = body.status?.conditions ?? [];
    return Object.fromEntries(conditions.map(({ type, status }) => [type, status]));
  }

  for (const kind of kindNames) {
    describe(kind, () => {
      it('is established, structural, and has the names it asks for', async () => {
        const conditions = await conditionsOf(kind);
        assert.equal(conditions.Established, 'True');
        assert.equal(conditions.NamesAccepted, 'True');
        assert.equal(conditions.NonStructuralSchema, undefined);
      });

      it('takes its example by server-side apply, with nothing unknown in it', async () => {
        const example = parse(exampleOf(kind));
        const answer = await plane.client.apply(pathOf(kind, example.metadata.name), example);
        assert.equal(answer.status, 201, message(answer));
        assert.deepEqual(answer.body.spec, example.spec, 'the server keeps every field and adds none');
      });

      it('refuses an unknown field and names it', async () => {
        const example = parse(exampleOf(kind));
        example.spec.tiemout = '5s';
        const answer = await plane.client.apply(pathOf(kind, 'unknown-field'), renamed(example, 'unknown-field'));
        assert.notEqual(answer.status, 201);
        assert.match(message(answer), /spec\.tiemout/);
      });

      it('keeps a status with conditions apart from the spec', async () => {
        const example = renamed(parse(exampleOf(kind)), 'with-status');
        const path = pathOf(kind, 'with-status');
        assert.equal((await plane.client.apply(path, example)).status, 201);
        const status = {
          observedGeneration: 1,
          conditions: [
            {
              type: 'Ready',
              status: 'True',
              reason: 'AllGood',
              message: '',
              lastTransitionTime: '2026-01-01T00:00:00Z',
            },
          ],
          ...Object.fromEntries(kinds[kind].figures.map(figure => [figure, figure === 'url' ? 'http://x' : 3])),
        };
        const { apiVersion, metadata } = example;
        const answer = await plane.client.apply(`${path}/status`, { apiVersion, kind, metadata, status });
        assert.equal(answer.status, 200, message(answer));
        assert.deepEqual(answer.body.status, status);
        assert.deepEqual(answer.body.spec, example.spec);
      });
    });
  }

  const refusals: readonly [name: string, kind: Kind, change: (spec: Spec) => void, expected: RegExp][] = [
    [
      'two of source, image and url',
      'Function',
      spec => {
        spec.url = 'http://x';
      },
      /spec.*exactly one of source, image, url/,
    ],
    [
      'none of source, image and url',
      'Function',
      spec => {
        delete spec.source;
      },
      /spec.*exactly one of source, image, url/,
    ],
    [
      'a duration with a wrong unit',
      'Function',
      spec => {
        spec.timeout = '5 weeks';
      },
      /spec\.timeout/,
    ],
    [
      'a rate without a period',
      'Function',
      spec => {
        spec.limits.rate = '500';
      },
      /spec\.limits\.rate/,
    ],
    [
      'a least number above the largest',
      'Function',
      spec => {
        spec.scale = { min: 30, max: 3 };
      },
      /spec\.scale.*above the largest/,
    ],
    [
      'a variable with value and reference',
      'Function',
      spec => {
        spec.env[1].value = 'x';
      },
      /spec\.env\[1\].*exactly one of value, valueFrom/,
    ],
    [
      'a size with a wrong unit',
      'Topic',
      spec => {
        spec.maxSize = '1 meter';
      },
      /spec\.maxSize/,
    ],
    [
      'a target with two places',
      'Api',
      spec => {
        spec.routes[0].to = { function: 'a', queue: 'b' };
      },
      /spec\.routes\[0\]\.to/,
    ],
    [
      'a target without a place',
      'Api',
      spec => {
        spec.routes[0].to = {};
      },
      /spec\.routes\[0\]\.to/,
    ],
    [
      'a target that is a text',
      'Api',
      spec => {
        spec.routes[0].to = 'orders';
      },
      /spec\.routes\[0\]\.to/,
    ],
    [
      'a weighted target with two places',
      'Api',
      spec => {
        spec.routes[2].to[0].url = 'http://x';
      },
      /spec\.routes\[2\]\.to/,
    ],
    [
      'a weighted target without a weight',
      'Api',
      spec => {
        delete spec.routes[2].to[0].weight;
      },
      /spec\.routes\[2\]\.to\[0\]\.weight/,
    ],
    [
      'an unknown field beside a target',
      'Api',
      spec => {
        spec.routes[0].to.namespace = 'other';
      },
      /spec\.routes\[0\]\.to/,
    ],
    [
      'a header match of two kinds',
      'Api',
      spec => {
        spec.routes[0].match.headers = { x: { exact: 'a', prefix: 'b' } };
      },
      /spec\.routes\[0\]\.match\.headers\.x/,
    ],
    [
      'a path that does not begin with a slash',
      'Api',
      spec => {
        spec.routes[0].match.path = 'orders';
      },
      /spec\.routes\[0\]\.match\.path/,
    ],
    [
      'credentials for every origin',
      'Api',
      spec => {
        spec.cors = { origins: ['*'], credentials: true };
      },
      /spec\.cors.*every origin/,
    ],
    [
      'an answer by body and by function',
      'Aggregate',
      spec => {
        spec.response.function = 'x';
      },
      /spec\.response" must validate one and only one/,
    ],
    [
      'a filter that is no expression',
      'Subscription',
      spec => {
        spec.filter = 'event.data.total > 10';
      },
      /spec\.filter/,
    ],
    [
      'an unknown phase',
      'Strangler',
      spec => {
        spec.features[0].phase = 'dark';
      },
      /spec\.features\[0\]\.phase/,
    ],
    [
      'a key without an order',
      'Queue',
      spec => {
        delete spec.order;
      },
      /spec.*A key has no effect/,
    ],
    [
      'two stores',
      'View',
      spec => {
        spec.ranking = { member: '${event.id}' };
      },
      /spec.*exactly one of table, ranking, feed, search/,
    ],
    [
      'a step of two sorts',
      'Pipeline',
      spec => {
        spec.steps[0].map = '${event.data}';
      },
      /spec\.steps\[0\]" must validate one and only one/,
    ],
    [
      'a quorum without its number',
      'FanOut',
      spec => {
        spec.complete.when = 'quorum';
      },
      /spec\.complete.*quorum/,
    ],
    [
      'a share above its form',
      'FanOut',
      spec => {
        spec.complete.tolerate = 'five';
      },
      /spec\.complete\.tolerate/,
    ],
  ];
  for (const [name, kind, change, expected] of refusals) {
    it(`refuses ${name} (${kind})`, async () => {
      const example = renamed(parse(exampleOf(kind)), 'refused');
      change(example.spec);
      const answer = await plane.client.apply(pathOf(kind, 'refused'), example);
      assert.notEqual(answer.status, 201);
      assert.match(message(answer), expected);
    });
  }

  it('refuses names that cannot be host names', async () => {
    const example = renamed(parse(exampleOf('Queue')), 'a.b');
    const answer = await plane.client.apply(pathOf('Queue', 'a.b'), example);
    assert.equal(answer.status, 422);
    assert.match(message(answer), /metadata\.name has at most 63 characters and no dots/);
  });

  it('refuses fewer partitions than a topic has', async () => {
    const example = renamed(parse(exampleOf('Topic')), 'shrinking');
    assert.equal((await plane.client.apply(pathOf('Topic', 'shrinking'), example)).status, 201);
    example.spec.partitions = 3;
    const answer = await plane.client.apply(pathOf('Topic', 'shrinking'), example);
    assert.equal(answer.status, 422);
    assert.match(message(answer), /spec\.partitions.*can only grow/);
  });

  it('scales a Function through its scale subresource, as kubectl scale does', async () => {
    const example = renamed(parse(exampleOf('Function')), 'scaled');
    const path = pathOf('Function', 'scaled');
    assert.equal((await plane.client.apply(path, example)).status, 201);
    const scale = await plane.client.request(
      'PATCH',
      `${path}/scale`,
      { spec: { replicas: 3 } },
      'application/merge-patch+json',
    );
    assert.equal(scale.status, 200, message(scale));
    assert.equal((await plane.client.request('GET', `${path}/scale`)).body.spec.replicas, 3);
    const { body } = await plane.client.request('GET', path);
    assert.deepEqual(body.spec.scale, { ...example.spec.scale, replicas: 3 });
  });

  it('lists all kinds in the category tenfold, with columns for Ready and Age', async () => {
    const { body: list } = await plane.client.request('GET', `/apis/${GROUP}/${VERSION}`);
    const resources: { kind: string; name: string; categories?: string[] }[] = list.resources;
    const found = resources.filter(({ name }) => !name.includes('/'));
    assert.deepEqual(found.map(({ kind }) => kind).toSorted(), [...kindNames].toSorted());
    for (const { categories } of found) assert.deepEqual(categories, ['tenfold']);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: examples are changed in ways that their types forbid
type Spec = any;

function crdOf(kind: Kind): unknown {
  return parse(readFileSync(new URL(`../../k8s/crds/${crdFileName(kind)}`, import.meta.url), 'utf8'));
}

function pathOf(kind: Kind, name?: string): string {
  const collection = `/apis/${GROUP}/${VERSION}/namespaces/default/${kinds[kind].plural}`;
  return name === undefined ? collection : `${collection}/${name}`;
}

function renamed(object: Spec, name: string): Spec {
  return { ...object, metadata: { ...object.metadata, name } };
}

function message(answer: KubeAnswer): string {
  return String(answer.body?.message ?? JSON.stringify(answer.body));
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Not within 30 s: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
