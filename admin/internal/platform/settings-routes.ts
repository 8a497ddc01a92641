// The endpoints of the process that answers: its settings, its versions and its services.
import { type AdminRoute, route } from '../../routing/route.ts';

export const settingsRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/settings',
    does: 'Lists the settings of this process, each with its value and where that is from, without secrets.',
    needs: 'administer',
    where: 'platform',
    answer: ({ view }) => ({ items: view.settings.settings() }),
  }),
  route({
    method: 'GET',
    path: '/process',
    does: 'Shows the versions of this process, and how the services do that it keeps things in.',
    needs: 'view',
    where: 'each',
    answer: ({ view }) => view.settings.process(),
  }),
];
