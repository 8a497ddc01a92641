// Toggles of the chart for who may call the admin API.
import { configOf, type Toggle } from './toggle.ts';

export const CALLERS = ['ClusterRole', 'ClusterRoleBinding'].map(kind => `${kind} tenfold-system-tenfold-callers`);
export const PEOPLE = ['view', 'edit', 'admin'].map(name => `ClusterRole tenfold-system-tenfold-${name}`);

export const ofCallers: Readonly<Record<string, Toggle>> = {
  'auth.kubernetes: false': {
    values: { auth: { kubernetes: false } },
    takes: CALLERS,
    changes: ['ConfigMap tenfold', 'Deployment tenfold'],
    look: [found => configOf(found).admin.kubernetes, false],
  },
  'auth.tokensSecret': {
    values: { auth: { tokensSecret: { name: 'ours', key: 'tokens' } } },
    changes: ['ConfigMap tenfold', 'Deployment tenfold'],
    look: [found => configOf(found).admin.tokens, '/run/secrets/tenfold/admin-tokens'],
  },
  'auth.proxy': {
    values: { auth: { proxy: { roles: [{ user: 'ada', role: 'admin' }] }, proxySecret: { name: 'ours' } } },
    changes: ['ConfigMap tenfold', 'Deployment tenfold'],
    look: [
      found => configOf(found).admin.proxy,
      { secret: { file: '/run/secrets/tenfold/admin-proxy' }, roles: [{ user: 'ada', role: 'admin' }] },
    ],
  },
  'auth.oidc': {
    values: { auth: { oidc: { issuer: 'https://i', audience: 'x', roles: [{ user: 'ada', role: 'admin' }] } } },
    changes: ['ConfigMap tenfold', 'Deployment tenfold'],
    look: [found => configOf(found).admin.oidc.roles, [{ user: 'ada', role: 'admin' }]],
  },
  'rbac.aggregatedRoles: false': { values: { rbac: { aggregatedRoles: false } }, takes: PEOPLE },
};
