// What Functions become on a laptop, and what is said of those members that a laptop cannot honour.
import assert from 'node:assert/strict';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { toFunctionDefinitions } from '../../../server/functions/function-definitions.ts';

function define(
  spec: string,
  environment: NodeJS.ProcessEnv = {},
  secrets: Record<string, string> | undefined = undefined,
) {
  const yaml = `apiVersion: tenfold.dev/v1alpha1\nkind: Function\nmetadata: { name: orders }\nspec:\n${spec}`;
  const { resources, problems } = loadText('/app/app.yaml', yaml);
  assert.deepEqual(problems, []);
  return toFunctionDefinitions(createResourceSet(resources), environment, (_, name) =>
    name === 'db' ? secrets : undefined,
  );
}

const password =
  '  source: ./a.ts\n  env: [{ name: PASSWORD, valueFrom: { secretKeyRef: { name: db, key: password } } }]';

describe('Functions on a laptop', () => {
  it('have their source relative to the file that declares them, and the settings of the resource', () => {
    const { definitions, problems } = define(
      '  source: ../fn/orders.ts\n  timeout: 3s\n  concurrency: 7\n  maxBody: 1Ki\n  scale: { min: 1, max: 3, idle: 5s }\n  env: [{ name: A, value: b }]',
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(definitions, [
      {
        name: 'orders',
        namespace: 'default',
        run: { by: 'source', file: '/fn/orders.ts' },
        concurrency: 7,
        minInstances: 1,
        maxInstances: 3,
        timeoutMs: 3000,
        maxBodyBytes: 1024,
        idleMs: 5000,
        env: { A: 'b' },
        health: { path: '/healthz', readyPath: '/readyz', unreadyAfterMs: 30_000, restartAfterMs: 60_000 },
      },
    ]);
  });

  it('are permitted what they declare, by paths relative to the file that declares them', () => {
    const [definition] = define(
      '  source: ../fn/orders.ts\n  permissions: { read: [../shared, /etc/hosts], write: [./.data], allow: [sqlite] }',
    ).definitions;
    assert.deepEqual(definition?.permissions, {
      read: ['/shared', '/etc/hosts'],
      write: ['/app/.data'],
      allow: ['sqlite'],
    });
  });

  it('run a fixed number of instances with scale.replicas', () => {
    const [definition] = define('  source: ./a.ts\n  scale: { replicas: 2 }').definitions;
    assert.deepEqual([definition?.minInstances, definition?.maxInstances], [2, 2]);
  });

  it('refuse an image and say what to give instead', () => {
    const { definitions, problems } = define('  image: ghcr.io/acme/orders:1');
    assert.deepEqual(definitions, []);
    assert.deepEqual(
      problems.map(({ severity, path }) => [severity, path.join('.')]),
      [['error', 'spec.image']],
    );
  });

  const clusterOnly: Record<string, string> = {
    'spec.resources': 'resources: { limits: { memory: 128Mi } }',
    'spec.provider': 'provider: knative',
    'spec.canary': 'canary: { percent: 5 }',
    'spec.serviceAccount': 'serviceAccount: orders',
    'spec.visibility': 'visibility: cluster',
    'spec.port': 'port: 9000',
    'spec.scale.target': 'scale: { target: 10 }',
  };
  for (const [path, member] of Object.entries(clusterOnly)) {
    it(`warn that ${path} has an effect in a cluster only`, () => {
      const { definitions, problems } = define(`  source: ./a.ts\n  ${member}`);
      assert.equal(definitions.length, 1);
      assert.deepEqual(
        problems.map(problem => [problem.severity, problem.path.join('.')]),
        [['warning', path]],
      );
    });
  }

  it('get values of Secrets from the laptop’s own', () => {
    const { definitions, problems } = define(password, {}, { password: 'from the file' });
    assert.deepEqual(definitions[0]?.env, { PASSWORD: 'from the file' });
    assert.deepEqual(problems, []);
  });

  it('get values of Secrets else from a variable of the same name', () => {
    assert.deepEqual(define(password, { PASSWORD: 'from outside' }).definitions[0]?.env, { PASSWORD: 'from outside' });
  });

  it('warn of a value that is nowhere, and name the variable to set and the file to write', () => {
    const { problems } = define(password);
    assert.equal(problems[0]?.severity, 'warning');
    assert.match(
      problems[0]?.message ?? '',
      /set the variable PASSWORD .* or write \.tenfold\/secrets\/default\/db\.json,/,
    );
  });
});
