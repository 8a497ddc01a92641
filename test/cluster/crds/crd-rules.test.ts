// What a real API server refuses because of the CRDs, and that it says which field is meant.
import assert from 'node:assert/strict';
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, example, installCrds, type Manifest, message, pathOf } from '../installed-crds.ts';

const refusals: readonly [name: string, kind: Kind, change: (spec: Manifest['spec']) => void, expected: RegExp][] = [
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
    'a canary by what cannot divide calls',
    'Function',
    spec => {
      spec.provider = 'openfaas';
      spec.canary = { percent: 5 };
    },
    /spec.*Only Knative divides the calls/,
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
    'a variable that the platform sets',
    'Function',
    spec => {
      spec.env[0].name = 'TENFOLD_KEY';
    },
    /spec\.env\[0\].*set by the platform/,
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

describe('A real API server refuses', () => {
  let plane: ControlPlane;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startControlPlane();
    await installCrds(plane.client);
  });

  after(async () => {
    await plane?.close();
  });

  for (const [name, kind, change, expected] of refusals) {
    it(`${name} (${kind})`, async () => {
      const manifest = example(kind, 'refused');
      change(manifest.spec);
      const answer = await plane.client.apply(pathOf(kind, 'refused'), manifest);
      assert.notEqual(answer.status, 201);
      assert.match(message(answer), expected);
    });
  }

  it('names that cannot be host names', async () => {
    const manifest = example('Queue', 'a.b');
    const answer = await plane.client.apply(pathOf('Queue', 'a.b'), manifest);
    assert.equal(answer.status, 422);
    assert.match(message(answer), /metadata\.name has at most 63 characters and no dots/);
  });

  const shrinking: readonly [name: string, change: (spec: Manifest['spec']) => void][] = [
    ['fewer partitions than a topic has', spec => Object.assign(spec, { partitions: 3 })],
    ['to fall back on fewer partitions than a topic has', spec => delete spec.partitions],
  ];
  for (const [name, change] of shrinking) {
    it(name, async () => {
      const path = pathOf('Topic', 'shrinking');
      const manifest = example('Topic', 'shrinking');
      assert.ok((await plane.client.apply(path, manifest)).status < 300);
      change(manifest.spec);
      const answer = await plane.client.apply(path, manifest);
      assert.equal(answer.status, 422);
      assert.match(message(answer), /spec.*partitions can only grow/);
    });
  }
});
