// What people are told of a canary: when it begins, is taken back and gets all calls, once each,
// however often its Function is looked at.
import assert from 'node:assert/strict';
import type { KubeObject } from '../../../../k8s/api/kube-object.ts';
import { notesOn } from '../../../../k8s/operator/status/events.ts';
import { type Status, toStatus } from '../../../../k8s/operator/status/status.ts';
import { API_VERSION } from '../../../../resources/kinds/index.ts';
import type { Reason } from '../../../../resources/reasons.ts';

const finding = (is: boolean, reason: Reason) => ({ is, reason, message: '' });

/** One look: what is declared, and what is found. `canary`: revision and percent of it. */
interface Look {
  readonly declared?: number | undefined;
  readonly canary?: readonly [revision: string, percent: number];
  readonly changing?: true;
  readonly stopped?: true;
  readonly late?: true;
  readonly url?: string;
}

const traffic = ([revision, percent]: readonly [string, number]) => [
  { tag: 'stable', revision: 'one', percent: 100 - percent, url: 'http://stable' },
  { tag: 'canary', revision, percent, url: 'http://canary' },
];

/** Told at each of the looks, one after the other. */
function toldBy(looks: readonly Look[]): string[][] {
  let status: Status | undefined;
  return looks.map(({ declared, canary, changing, stopped, late, url = 'http://kn-menu' }) => {
    const object: KubeObject = {
      apiVersion: API_VERSION,
      kind: 'Function',
      metadata: { name: 'menu', namespace: 'default', uid: 'u', generation: 1 },
      spec: declared === undefined ? {} : { canary: { percent: declared } },
      ...(status ? { status } : {}),
    };
    const findings = {
      accepted: finding(true, 'Valid'),
      ready: stopped ? finding(false, 'Stopped') : late ? finding(false, 'NotTakenUp') : finding(true, 'Available'),
      progressing: changing
        ? finding(true, 'RollingOut')
        : finding(canary !== undefined, canary ? 'Canary' : 'Settled'),
      degraded: finding(false, 'Complete'),
      stalled: undefined,
    };
    const figures = { url, traffic: canary && traffic(canary) };
    const next = toStatus(object, findings, figures, '2026-01-01T00:00:00Z');
    const notes = notesOn(object, next).filter(({ reason }) => reason.startsWith('Canary'));
    status = next;
    return notes.map(({ type, reason, note }) => `${type} ${reason}: ${note}`);
  });
}

const begun = (revision: string, percent: number) => [
  `Normal CanaryBegun: ${percent}% of the calls go to ${revision} from now on, the others to one.`,
];
const TAKEN_BACK = ['Normal CanaryTakenBack: No call goes to two any more; one has all of them.'];
const PROMOTED = ['Normal CanaryPromoted: All calls go to two from now on.'];

describe('Events of a canary', () => {
  const rows: readonly [name: string, looks: readonly Look[], told: readonly string[][]][] = [
    [
      'begin with the first call that it can get, and not with the declaration',
      [{ declared: 10 }, { declared: 10, canary: ['two', 10] }, { declared: 10, canary: ['two', 10] }],
      [[], begun('two', 10), []],
    ],
    [
      'are none where its part changes, or while something comes up',
      [
        { declared: 10, canary: ['two', 10] },
        { declared: 25, canary: ['two', 25], changing: true },
        { declared: 25, canary: ['two', 25] },
      ],
      [begun('two', 10), [], []],
    ],
    [
      'begin anew with the version that takes its place',
      [
        { declared: 10, canary: ['two', 10] },
        { declared: 10, canary: ['two', 10], changing: true },
        { declared: 10, canary: ['three', 10] },
      ],
      [begun('two', 10), [], begun('three', 10)],
    ],
    [
      'say that it is taken back, and that it begins again',
      [
        { declared: 10, canary: ['two', 10] },
        { declared: 0, canary: ['two', 0] },
        { declared: 0, canary: ['two', 0] },
        { declared: 50, canary: ['two', 50] },
      ],
      [begun('two', 10), TAKEN_BACK, [], begun('two', 50)],
    ],
    [
      'say that it gets all calls',
      [{ declared: 10, canary: ['two', 10] }, { changing: true }, {}],
      [begun('two', 10), PROMOTED, []],
    ],
    ['say so of 100 percent', [{ declared: 10, canary: ['two', 10] }, { declared: 100 }], [begun('two', 10), PROMOTED]],
    [
      'say so while not all gateways have taken that up',
      [{ declared: 10, canary: ['two', 10] }, { late: true }, {}],
      [begun('two', 10), PROMOTED, []],
    ],
    [
      'say so of one that had none of them',
      [{ declared: 0, canary: ['two', 0] }, { changing: true }, {}],
      [[], PROMOTED, []],
    ],
    [
      'are none where it only goes: nothing runs',
      [{ declared: 10, canary: ['two', 10] }, { stopped: true }],
      [begun('two', 10), []],
    ],
    [
      'are none where it only goes: it runs elsewhere now',
      [{ declared: 10, canary: ['two', 10] }, { url: 'http://fn-menu' }],
      [begun('two', 10), []],
    ],
    [
      'are none where it only goes: it is declared still, and there is one version left',
      [{ declared: 10, canary: ['two', 10] }, { declared: 10 }],
      [begun('two', 10), []],
    ],
  ];
  for (const [name, looks, told] of rows) it(name, () => assert.deepEqual(toldBy(looks), told));
});
