// The metrics of a platform, and the admin port that shows how it does.
import { createAdminServer } from '../../admin/admin-server.ts';
import { closeServer, listen } from '../../core/http/http-server.ts';
import { toStranglerControl } from '../admin/strangler-control.ts';
import { toRequestEntry } from '../listeners/request-entry.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { packageVersion } from '../version.ts';
import { hostOf } from './listener-parts.ts';
import type { PlatformPart } from './platform-part.ts';
import { type Shown, viewOf } from './platform-view.ts';

export const metrics: PlatformPart<
  'options' | 'functions' | 'inForce' | 'storage' | 'plane' | 'endpoints' | 'objects',
  'metrics' | 'answered'
> = {
  name: 'metrics',
  start({ options: { events }, functions, inForce, storage, plane, endpoints, objects }) {
    const made = createMetrics(
      packageVersion,
      () => functions.status(),
      () => inForce.instruments,
      plane,
      () => endpoints,
      storage?.kafkaCounts,
      () => storage?.services() ?? [],
      () => storage?.disk(),
      objects.control.report,
      toStranglerControl(() => inForce.facades).list,
    );
    return {
      metrics: made,
      answered(entry) {
        made.answered(entry);
        if (entry.listener !== 'internal' && entry.logged) events.request?.(toRequestEntry(entry));
      },
    };
  },
};

/** It listens before resources are read, so that it can say what the start waits for. */
export const adminPort: PlatformPart<Shown | 'adminToken', 'view' | 'adminServer'> = {
  name: 'admin port',
  async start({ adminToken, ...given }) {
    const { options, progress } = given;
    const view = viewOf(given);
    const host = hostOf(options, 'admin');
    const allowedHosts = [host, ...(options.adminHosts ?? [])];
    const adminServer = createAdminServer(view, { token: adminToken, allowedHosts });
    progress.addresses = { ...progress.addresses, admin: await listen(adminServer, host, options.ports.admin) };
    return { view, adminServer };
  },
  stop: ({ adminServer, world }, graceMs) => closeServer(adminServer, world, graceMs),
};
