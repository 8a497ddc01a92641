// Which versions of a Function the status of its object names, and when it names none.
import assert from 'node:assert/strict';
import { versionsOf } from '../../../k8s/serving/versions-of.ts';

const AT = '2026-11-30T12:00:00Z';
const condition = (type: string, status: string) => ({
  type,
  status,
  reason: 'R',
  message: '',
  lastTransitionTime: AT,
});
const conditions = (progressing = 'False', accepted = 'True', ready = 'True') => [
  condition('Accepted', accepted),
  condition('Ready', ready),
  condition('Progressing', progressing),
];
const functionWith = (status: object, kind = 'Function') => ({
  apiVersion: 'tenfold.dev/v1alpha1',
  kind,
  metadata: { name: 'menu', namespace: 'shop', generation: 3 },
  spec: { image: 'ghcr.io/acme/menu:1.4' },
  status: { observedGeneration: 3, replicas: 2, conditions: conditions(), ...status },
});
const image = 'ghcr.io/acme/menu:1.4';
const share = (tag: string, revision: string, percent: number) => ({ tag, revision, percent, url: 'http://x' });

describe('the versions of a Function in a cluster', () => {
  for (const [title, object, expected] of [
    [
      'are the one that runs, since its change ended',
      functionWith({}),
      [{ isNewest: true, since: AT, instances: 2, image }],
    ],
    [
      'are both with their shares while there is a canary, the newest first',
      functionWith({
        conditions: conditions('True'),
        traffic: [share('stable', 'menu-1', 90), share('canary', 'menu-2', 10)],
      }),
      [
        { isNewest: true, revision: 'menu-2', percent: 10, image },
        { isNewest: false, revision: 'menu-1', percent: 90 },
      ],
    ],
    [
      'are both with their instances while a change is under way, the newest first',
      functionWith({
        conditions: conditions('True'),
        replicas: 3,
        versions: [
          { newest: true, replicas: 1 },
          { newest: false, replicas: 2 },
        ],
      }),
      [
        { isNewest: true, instances: 1, image },
        { isNewest: false, instances: 2 },
      ],
    ],
    [
      'are both by their Revisions where the newer one does not come up',
      functionWith({
        conditions: [...conditions(), condition('Stalled', 'True')],
        versions: [
          { newest: true, replicas: 0, revision: 'menu-2' },
          { newest: false, replicas: 2, revision: 'menu-1' },
        ],
      }),
      [
        { isNewest: true, instances: 0, revision: 'menu-2', image },
        { isNewest: false, instances: 2, revision: 'menu-1' },
      ],
    ],
    [
      'are not known where a change does not end, and nobody tells whose instances answer',
      functionWith({ conditions: [...conditions(), condition('Stalled', 'True')] }),
      undefined,
    ],
    [
      'are not known while a change is under way of which nobody tells',
      functionWith({ conditions: conditions('True') }),
      undefined,
    ],
    ['are not known before the operator has seen a change', functionWith({ observedGeneration: 2 }), undefined],
    [
      'are not known where the newest one is refused',
      functionWith({ conditions: conditions('False', 'False') }),
      undefined,
    ],
    ['are none where nothing is ready', functionWith({ conditions: conditions('False', 'True', 'False') }), undefined],
    ['are none where nothing runs', functionWith({ replicas: 0 }), undefined],
    ['are those of Functions alone', functionWith({}, 'View'), undefined],
  ] as const)
    it(title, () => assert.deepEqual(versionsOf(object), expected));
});
