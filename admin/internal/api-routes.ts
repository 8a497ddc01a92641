// The endpoints below /api, each with the right that it needs.
import type { AdminRoute } from '../routing/route.ts';
import { catalogueRoutes } from './catalogue-routes.ts';
import { changeRoutes } from './change-routes.ts';
import { deadLetterRoutes } from './dead-letter-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { fanOutRoutes } from './fan-out-routes.ts';
import { findRoutes } from './find-routes.ts';
import { functionRoutes } from './function-routes.ts';
import { graphRoutes } from './graph-routes.ts';
import { aggregateRoutes } from './http/aggregate-routes.ts';
import { policyRoutes } from './http/policy-routes.ts';
import { routeRoutes } from './http/route-routes.ts';
import { stranglerRoutes } from './http/strangler-routes.ts';
import { indexRoutes } from './index-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { objectRoutes } from './object-routes.ts';
import { operationRoutes } from './operation-routes.ts';
import { parkedRoutes } from './parked-routes.ts';
import { auditRoutes } from './platform/audit-routes.ts';
import { backupRoutes } from './platform/backup-routes.ts';
import { settingsRoutes } from './platform/settings-routes.ts';
import { resourceRoutes } from './resource-routes.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { sqlRoutes } from './sql-routes.ts';
import { topicRoutes } from './topic-routes.ts';
import { viewRoutes } from './view-routes.ts';

export const apiRoutes: readonly AdminRoute[] = [
  ...indexRoutes(() => apiRoutes),
  ...resourceRoutes,
  ...functionRoutes,
  ...changeRoutes,
  ...graphRoutes,
  ...routeRoutes,
  ...aggregateRoutes,
  ...stranglerRoutes,
  ...policyRoutes,
  ...eventRoutes,
  ...topicRoutes,
  ...catalogueRoutes,
  ...findRoutes,
  ...deadLetterRoutes,
  ...parkedRoutes,
  ...operationRoutes,
  ...jobRoutes,
  ...viewRoutes,
  ...fanOutRoutes,
  ...scheduleRoutes,
  ...sqlRoutes,
  ...objectRoutes,
  ...backupRoutes,
  ...auditRoutes,
  ...settingsRoutes,
];
