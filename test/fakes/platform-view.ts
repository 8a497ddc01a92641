// A running platform as the admin API sees it, made of values.

import assert from 'node:assert/strict';
import { noAsks } from '../../admin/asking/ask-view.ts';
import { noAudit } from '../../admin/audit-view.ts';
import { noBackup } from '../../admin/backup-view.ts';
import { noEvents } from '../../admin/no-events.ts';
import { noObjects } from '../../admin/object-view.ts';
import type { PlatformView } from '../../admin/platform-view.ts';
import { noPolicies } from '../../admin/policy-view.ts';
import { noSql } from '../../admin/sql-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { AnyResource, ResourceProblem } from '../../resources/resource.ts';

export function fakeResource(
  kind: string,
  name: string,
  more: Partial<AnyResource> & { namespace?: string } = {},
): AnyResource {
  const { namespace = 'default', ...rest } = more;
  return {
    kind,
    metadata: { name, namespace, labels: {}, annotations: {} },
    spec: kind === 'Function' ? { scale: {} } : {},
    manifest: { apiVersion: 'tenfold.dev/v1alpha1', kind, metadata: { name }, spec: {} },
    origin: { file: 'app.yaml', line: 1, column: 1 },
    ...rest,
  } as AnyResource;
}

export function fakeProblem(more: Partial<ResourceProblem> = {}): ResourceProblem {
  return {
    severity: 'error',
    file: 'app.yaml',
    line: 4,
    column: 3,
    path: 'spec.timeout',
    message: 'This is wrong.',
    ...more,
  };
}

export function fakeView(
  more: Partial<PlatformView> & { resources?: readonly AnyResource[]; problems?: readonly ResourceProblem[] } = {},
): PlatformView {
  const { resources = [], problems = [], ...rest } = more;
  const set = {
    all: resources,
    ofKind: (kind: string) => resources.filter(each => each.kind === kind),
    get: (kind: string, namespace: string, name: string) =>
      resources.find(
        each => each.kind === kind && each.metadata.namespace === namespace && each.metadata.name === name,
      ),
  } as never;
  return {
    version: '1.2.3',
    startedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    catalog: { current: { generation: 3, resources: set, warnings: [] }, problems },
    addresses: () => ({
      public: 'http://127.0.0.1:8080',
      internal: 'http://127.0.0.1:8081',
      admin: 'http://127.0.0.1:9090',
    }),
    disk: () => [],
    callerTroubles: () => [],
    readiness: () => ({ ready: true, reasons: [] }),
    functions: () => [],
    calls: () => [],
    routes: () => [],
    requests: () => [],
    explain: () => assert.fail('nobody asks for a route'),
    aggregates: { requests: nothing },
    stranglers: { list: () => [], get: nothing, move: nothing },
    policies: noPolicies,
    events: noEvents,
    sql: noSql,
    asks: noAsks,
    objects: noObjects,
    audit: noAudit,
    backup: noBackup,
    settings: {
      settings: () => [],
      process: () => assert.fail('nobody asks for the process'),
    },
    metrics: async () => 'tenfold_build_info 1\n',
    openMetrics: async () => 'tenfold_build_info 1\n# EOF\n',
    ...rest,
  };
}

function nothing(): never {
  throw new TenfoldError('not-found', 'There is no such resource.');
}
