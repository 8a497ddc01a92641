// The metrics of a platform, and the admin port that shows how it does.
import { createAdminServer } from '../../admin/admin-server.ts';
import { createConsole } from '../../admin/console/create-console.ts';
import { serveDocs } from '../../admin/docs/serve-docs.ts';
import { createLive } from '../../admin/live/live.ts';
import { closeServer, listen } from '../../core/http/http-server.ts';
import { createAuthenticators } from '../admin/callers/authenticators.ts';
import { toStranglerControl } from '../admin/strangler-control.ts';
import { toRequestEntry } from '../listeners/request-entry.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { packageFile } from '../package-file.ts';
import { packageVersion } from '../version.ts';
import { hostOf } from './listener-parts.ts';
import type { PlatformPart } from './platform-part.ts';
import { type Shown, viewOf } from './platform-view.ts';

export const metrics: PlatformPart<
  'options' | 'functions' | 'inForce' | 'storage' | 'scheduledBackups' | 'plane' | 'endpoints' | 'objects' | 'tracing',
  'metrics' | 'answered'
> = {
  name: 'metrics',
  start({ options: { events }, functions, inForce, storage, scheduledBackups, plane, endpoints, objects, tracing }) {
    const made = createMetrics(
      packageVersion,
      () => functions.status(),
      () => inForce.instruments,
      plane,
      () => endpoints,
      storage?.kafkaCounts,
      () => storage?.services() ?? [],
      () => storage?.disk(),
      () => scheduledBackups?.figures(),
      objects.control.report,
      toStranglerControl(() => inForce.facades).list,
      () => tracing && { ...tracing.tracer.counts, ...tracing.exporter.counts, logs: tracing.logCounts },
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
export const adminPort: PlatformPart<
  Shown | 'adminToken' | 'signInCodes' | 'log',
  'view' | 'adminServer' | 'live' | 'authenticators'
> = {
  name: 'admin port',
  async start({ adminToken, signInCodes: codes, ...given }) {
    const { options, progress } = given;
    const host = hostOf(options, 'admin');
    const allowedHosts = [host, ...(options.adminHosts ?? [])];
    const authenticators = createAuthenticators(given);
    const view = viewOf(given, () => authenticators.flatMap(each => each.trouble?.() ?? []));
    const live = createLive(view, given.world, error =>
      given.log({ level: 'error', message: 'changes could not be looked for', fields: { error: String(error) } }),
    );
    const console = createConsole({
      folder: options.consoleFolder ?? packageFile('dist/console'),
      codes,
      adminToken,
      authenticators,
      allowedHosts,
      audit: view.audit,
      now: () => given.world.now(),
    });
    const adminServer = createAdminServer(view, {
      token: adminToken,
      allowedHosts,
      authenticators,
      live,
      console,
      docs: serveDocs({
        root: packageFile(''),
        built: options.docsPagesFolder ?? packageFile('dist/docs'),
        version: packageVersion,
        allowedHosts,
      }),
      docsFolder: packageFile('docs'),
      onError: error =>
        given.log({ level: 'error', message: 'the admin port has failed to answer', fields: { error: String(error) } }),
    });
    progress.addresses = { ...progress.addresses, admin: await listen(adminServer, host, options.ports.admin) };
    return { view, adminServer, live, authenticators };
  },
  async stop({ adminServer, live, authenticators, world }, graceMs) {
    live.close();
    await closeServer(adminServer, world, graceMs);
    for (const authenticator of authenticators) authenticator.close?.();
  },
};
