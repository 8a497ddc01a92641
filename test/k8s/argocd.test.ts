// How Argo CD sees objects of the ten kinds: the script runs, over conditions as
// the operator writes them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { toStatus } from '../../k8s/operator/status/status.ts';
import { API_VERSION, GROUP } from '../../resources/kinds/index.ts';
import { kindNames } from '../../resources/kinds/kind-names.ts';
import type { Reason } from '../../resources/reasons.ts';
import { runHealth } from './run-lua.ts';

const read = (name: string) => readFileSync(new URL(`../../k8s/argocd/${name}`, import.meta.url), 'utf8');
const script = read('health.lua');

const finding = (is: boolean, reason: Reason) => ({ is, reason, message: `it is ${reason}` });
const accepted = finding(true, 'Valid');
const settled = finding(false, 'Settled');
const complete = finding(false, 'Complete');
const rolling = finding(true, 'RollingOut');

function healthOf(findings: Partial<Parameters<typeof toStatus>[1]>, generation = 3, more: readonly object[] = []) {
  const metadata = { name: 'menu', namespace: 'shop', generation: 3 };
  const object = { apiVersion: API_VERSION, kind: 'Function', metadata };
  const all = { accepted, ready: finding(true, 'Available'), progressing: settled, degraded: complete, ...findings };
  const status = toStatus(object, all as Parameters<typeof toStatus>[1], {}, '2026-01-01T00:00:00Z');
  const conditions = [...status.conditions, ...more];
  return runHealth(script, { ...object, metadata: { ...metadata, generation }, status: { ...status, conditions } });
}

describe('health for Argo CD', () => {
  const cases: readonly [what: string, findings: Parameters<typeof healthOf>[0], status: string, says: string][] = [
    ['ready', {}, 'Healthy', 'Available'],
    ['asleep', { ready: finding(true, 'Asleep') }, 'Healthy', 'Asleep'],
    ['trying a canary', { progressing: finding(true, 'Canary') }, 'Healthy', 'Available'],
    ['waiting for Kafka', { ready: finding(false, 'LogUnavailable') }, 'Progressing', 'LogUnavailable'],
    [
      'without its provider for a while',
      { ready: finding(false, 'ProviderUnavailable') },
      'Progressing',
      'ProviderUnavailable',
    ],
    ['not valid', { accepted: finding(false, 'Invalid') }, 'Degraded', 'Invalid'],
    ['starting', { ready: finding(false, 'Starting'), progressing: rolling }, 'Progressing', 'Starting'],
    ['waiting for a Function', { ready: finding(false, 'FunctionNotReady') }, 'Progressing', 'FunctionNotReady'],
    ['stopped', { ready: finding(false, 'Stopped') }, 'Suspended', 'Stopped'],
    ['without what runs it', { ready: finding(false, 'NoProvider') }, 'Degraded', 'NoProvider'],
    [
      'stalled',
      { ready: finding(false, 'Unavailable'), stalled: finding(true, 'Unavailable') },
      'Degraded',
      'Unavailable',
    ],
    [
      'answering by an old version',
      { degraded: finding(true, 'InstancesMissing'), stalled: finding(true, 'Unavailable') },
      'Degraded',
      'Unavailable',
    ],
    ['short of instances', { degraded: finding(true, 'InstancesMissing') }, 'Degraded', 'InstancesMissing'],
    ['without a working autoscaler', { degraded: finding(true, 'CannotScale') }, 'Healthy', 'CannotScale'],
    ['rolling', { degraded: finding(true, 'InstancesMissing'), progressing: rolling }, 'Progressing', 'RollingOut'],
  ];
  for (const [what, findings, status, says] of cases) {
    it(`is ${status} when it is ${what}`, () => {
      assert.deepEqual(healthOf(findings), { status, message: `it is ${says}` });
    });
  }

  const events: readonly [reason: Reason, status: string][] = [
    ['KeysParked', 'Degraded'],
    ['FailingCalls', 'Degraded'],
    ['AtCapacity', 'Degraded'],
    ['EventsExpired', 'Degraded'],
    ['Paused', 'Suspended'],
    ['DeadLetters', 'Healthy'],
    ['Behind', 'Healthy'],
    ['EventsRefused', 'Healthy'],
  ];
  for (const [reason, status] of events) {
    it(`is ${status} when it is ready and its events are ${reason}`, () => {
      const health = { type: 'Healthy', status: 'False', reason, message: `it is ${reason}` };
      assert.deepEqual(healthOf({}, 3, [health]), { status, message: `it is ${reason}` });
    });
  }

  it('is Healthy when all is as expected, and Degraded while it is not ready, whatever events do', () => {
    const health = { type: 'Healthy', status: 'True', reason: 'AsExpected', message: 'Nothing is wrong.' };
    assert.equal(healthOf({}, 3, [health]).status, 'Healthy');
    const broken = { ready: finding(false, 'NoProvider') };
    assert.deepEqual(healthOf(broken, 3, [health]), { status: 'Degraded', message: 'it is NoProvider' });
  });

  it('is Progressing while what was said is of an earlier version', () => {
    assert.equal(healthOf({}, 4).status, 'Progressing');
  });

  it('is Progressing before anything was said: to be there is not to be well', () => {
    const metadata = { name: 'menu', generation: 1 };
    for (const object of [{ metadata }, { metadata, status: {} }]) {
      assert.equal(runHealth(script, object).status, 'Progressing');
    }
  });

  it('is told of all ten kinds', () => {
    const { data } = parse(read('argocd-cm.yaml'));
    assert.deepEqual(
      Object.keys(data).sort(),
      kindNames.map(kind => `resource.customizations.health.${GROUP}_${kind}`).sort(),
    );
    for (const each of Object.values(data)) assert.equal(each, script);
  });

  it('uses nothing that Lua 5.1 lacks, which Argo CD runs', () => {
    assert.doesNotMatch(script, /\bgoto\b|\/\/|<<|>>|\butf8\b|table\.(pack|unpack|move)/);
  });
});
