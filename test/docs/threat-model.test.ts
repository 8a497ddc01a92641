// The threat model of docs/security.md, line by line: the rights that it says a component has are
// those of its roles, and each line names tests that hold it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { configSchema } from '../../server/config/schema.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const page = read('docs/security.md');

/** Rows of the table below a heading, each as its cells. */
function tableBelow(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter(line => line.startsWith('|'));
  return lines.slice(2).map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  );
}

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

function rulesOf(component: string): Rule[] {
  return parseAllDocuments(read(`k8s/rbac/${component}.yaml`))
    .map(document => document.toJS())
    .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
    .flatMap(({ rules }): Rule[] => rules);
}

const READING = new Set(['get', 'list', 'watch']);
const attackers = tableBelow('What an attacker gets');
const rowOf = (begin: string): string[] =>
  attackers.find(([who]) => who?.startsWith(begin)) ?? assert.fail(`there is no line for ${begin}`);

describe('The threat model', () => {
  it('has a line for each part that can be taken', () => {
    for (const who of [
      'a connection',
      'the code of a Function on one',
      'the code of a Function in a cl',
      'the right to write',
      'a gateway',
      'a worker',
    ])
      assert.equal(rowOf(who).length, 4);
    for (const who of ['the operator', 'Redis', 'Kafka', 'Elasticsearch', 'the cluster', 'the admin token'])
      assert.equal(rowOf(who).length, 4);
  });

  it('names tests that hold each line', () => {
    for (const [who, , , held = ''] of attackers)
      assert.ok(held === 'the same' || /\]\(\.\.\/test\//.test(held), `${who}: ${held}`);
  });

  const components = { gateway: 'a gateway', worker: 'a worker', operator: 'the operator' };
  for (const [component, begin] of Object.entries(components)) {
    const [, gets = ''] = rowOf(begin);
    const written = rulesOf(component)
      .filter(({ verbs }) => verbs.some(verb => !READING.has(verb)))
      .flatMap(({ resources }) => resources);

    it(`says of ${component} each thing that it may write, and no other`, () => {
      const statuses = written.filter(resource => resource.endsWith('/status'));
      const isAll = statuses.length === 10;
      assert.equal(gets.includes('statuses of all kinds'), isAll);
      const expected = new Set(isAll ? written.filter(resource => !resource.endsWith('/status')) : written);
      const named = new Set([...gets.matchAll(/`([a-z]+(?:\/status)?)`/g)].map(([, name = '']) => name));
      for (const resource of expected) assert.ok(named.has(resource), `${component} may write ${resource}`);
      for (const name of named)
        if (name.endsWith('/status')) assert.ok(expected.has(name), `${component} may not write ${name}`);
    });

    it(`gives ${component} no Secrets, ConfigMaps or rights to give away, and no pods but to see them`, () => {
      for (const { resources, verbs } of rulesOf(component))
        for (const resource of resources) {
          const sees = resource === 'pods' && component === 'operator' && verbs.every(verb => READING.has(verb));
          if (sees) continue;
          assert.doesNotMatch(
            resource,
            /\*|^(secrets|configmaps|pods|serviceaccounts|(cluster)?roles|.*bindings)(\/|$)/,
          );
          assert.ok(!verbs.includes('*') && !verbs.includes('impersonate') && !verbs.includes('escalate'));
        }
    });
  }

  it('leaves routes to the operator: nobody else writes the statuses that say whose they are', () => {
    for (const component of ['gateway', 'worker'])
      for (const { resources, verbs } of rulesOf(component))
        if (verbs.some(verb => !READING.has(verb)))
          assert.ok(!resources.includes('apis/status') && !resources.includes('stranglers/status'));
  });

  it('gives every port of one machine the loopback address', () => {
    const schema = configSchema({ read: () => assert.fail('nothing is read') } as never);
    const { host, public: listener, internal, admin } = schema.parse({});
    assert.deepEqual([host, listener.host, internal.host, admin.host], ['127.0.0.1', undefined, undefined, undefined]);
  });

  it('keeps code of Functions out of the services, in ConfigMaps', () => {
    assert.match(read('k8s/apply/bundle.ts'), /kind: 'ConfigMap'/);
  });

  it('names values that the chart has for what it tells installations of many teams to set', () => {
    const values = parse(read('charts/tenfold/values.yaml'));
    const [, , , many = ''] = tableBelow('Where it runs').at(-1) ?? [];
    for (const [, name = ''] of many.matchAll(/set `(\w+)`/g)) assert.ok(name in values, name);
    assert.match(many, /`routeOwners`/);
  });
});
