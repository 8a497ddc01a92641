// Runs Functions by Knative Serving, which scales them from and to zero by the calls in flight.
import { NETWORK_POLICIES } from '../deployment/objects.ts';
import { createObjectProvider } from '../object-provider.ts';
import { KNATIVE, KNATIVE_SERVICES, REVISIONS } from './names.ts';
import { knativeObjects } from './objects.ts';
import { observeService } from './observe-service.ts';

export const knativeProvider = createObjectProvider({
  name: 'knative',
  needs: KNATIVE,
  resources: [KNATIVE_SERVICES, NETWORK_POLICIES],
  looksAt: [REVISIONS],
  wanted: knativeObjects,
  observe: observeService,
});
