// How the calls of a Function by Knative are divided while it declares a canary,
// whatever is there already.
import assert from 'node:assert/strict';
import type { KubeObject } from '../../../../k8s/api/kube-object.ts';
import { divisionOf, sharesOf } from '../../../../k8s/providers/knative/canary.ts';
import { functionOf } from '../deployment/functions.ts';

const [ONE, TWO, THREE] = ['kn-menu-00001', 'kn-menu-00002', 'kn-menu-00003'];
const menu = (percent?: number) =>
  functionOf({ image: 'ghcr.io/acme/menu:1', ...(percent === undefined ? {} : { canary: { percent } }) });
const of = (kind: string, name: string, rest: object): KubeObject => ({
  apiVersion: 'serving.knative.dev/v1',
  kind,
  metadata: { name, namespace: 'default' },
  ...rest,
});
const newest = { latestRevision: true, percent: 100 };
const pinned = (revisionName: string, percent: number, tag = 'stable') => ({ revisionName, percent, tag });
const serviceWith = (latestReadyRevisionName: string | undefined, traffic?: readonly object[]) =>
  of('Service', 'kn-menu', { spec: traffic ? { traffic } : {}, status: { latestReadyRevisionName } });
const revisions = (...names: readonly string[]) => names.map(name => of('Revision', name, {}));
/** As the operator left it. */
const keeping = (stable: string, service: KubeObject): KubeObject => ({
  ...service,
  metadata: { ...service.metadata, annotations: { 'tenfold.dev/stable-revision': stable } },
});
const going = (service: KubeObject): KubeObject => ({
  ...service,
  metadata: { ...service.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
});

describe('Calls of a Function with a canary', () => {
  const rows: readonly [name: string, percent: number | undefined, live: readonly KubeObject[], kept?: string][] = [
    ['none is declared', undefined, [serviceWith(ONE)]],
    ['none is declared, and somebody has divided them', undefined, [serviceWith(TWO, [pinned(ONE, 90)])]],
    ['it is to have all', 100, [serviceWith(TWO, [pinned(ONE, 90)])]],
    ['there is no Service yet', 10, []],
    ['no version has been ready', 10, [serviceWith(undefined)]],
    ['the Service is being deleted', 10, [going(serviceWith(TWO, [pinned(ONE, 90)]))]],
    ['one has had all of them', 10, [serviceWith(ONE)], ONE],
    ['Knative says that one has all of them', 10, [serviceWith(ONE, [newest])], ONE],
    ['a newer one is a canary already', 10, [serviceWith(TWO, [pinned(ONE, 90)])], ONE],
    ['a second one takes the place of the first', 10, [serviceWith(THREE, [pinned(ONE, 90)])], ONE],
    ['somebody has divided them without tags', 10, [serviceWith(TWO, [pinned(TWO, 30, ''), pinned(ONE, 70, '')])], ONE],
    [
      'somebody has kept most of them at the newest',
      10,
      [serviceWith(TWO, [pinned(ONE, 40, ''), { ...newest, percent: 60 }])],
      TWO,
    ],
    ['the one that was kept is there', 10, [serviceWith(TWO, [pinned(ONE, 90)]), ...revisions(ONE, TWO)], ONE],
    [
      'the one that was kept lost its label, or has been deleted',
      10,
      [serviceWith(TWO, [pinned(ONE, 90)]), ...revisions(TWO)],
      ONE,
    ],
    ['somebody gave all of them to the newest', 10, [keeping(ONE, serviceWith(TWO, [newest]))], ONE],
    ['somebody pinned another one', 10, [keeping(ONE, serviceWith(TWO, [pinned(TWO, 90)]))], ONE],
    ['somebody took the division away', 10, [keeping(ONE, serviceWith(TWO))], ONE],
  ];
  for (const [name, percent, live, kept] of rows) {
    it(`${kept === undefined ? 'are left to Knative' : `stay with ${kept}, but for its part,`} when ${name}`, () => {
      const expected = kept && {
        traffic: [
          { tag: 'stable', revisionName: kept, percent: 90 },
          { tag: 'canary', latestRevision: true, percent: 10 },
        ],
        annotations: { 'tenfold.dev/stable-revision': kept },
      };
      assert.deepEqual(divisionOf(menu(percent), live), expected);
    });
  }

  it('are taken back with 0 percent, and it stays there to be called by its tag', () => {
    assert.deepEqual(divisionOf(menu(0), [serviceWith(TWO, [pinned(ONE, 90)])])?.traffic, [
      { tag: 'stable', revisionName: ONE, percent: 100 },
      { tag: 'canary', latestRevision: true, percent: 0 },
    ]);
  });

  const told = (canary: string, percent?: number) =>
    of('Service', 'kn-menu', {
      status: {
        traffic: [
          { tag: 'stable', revisionName: ONE, percent: 90, url: 'http://stable' },
          { tag: 'canary', revisionName: canary, latestRevision: true, percent, url: 'http://canary' },
        ],
      },
    });

  it('are told of with the addresses of both versions', () => {
    assert.deepEqual(sharesOf(menu(10), told(TWO, 10)), [
      { tag: 'stable', revision: ONE, percent: 90, url: 'http://stable' },
      { tag: 'canary', revision: TWO, percent: 10, url: 'http://canary' },
    ]);
    assert.equal(sharesOf(menu(10), told(TWO))?.[1].percent, 0);
  });

  it('are not told of where there is one version, or none is declared', () => {
    assert.equal(sharesOf(menu(10), told(ONE, 10)), undefined);
    assert.equal(sharesOf(menu(), told(TWO, 10)), undefined);
    assert.equal(sharesOf(menu(100), told(TWO, 10)), undefined);
    assert.equal(sharesOf(menu(10), undefined), undefined);
  });
});
