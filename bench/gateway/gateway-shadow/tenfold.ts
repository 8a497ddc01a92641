// Our gateway with one feature of a Strangler in the phase that PHASE says, served as the platform
// serves it, metrics included.
import { compile, measured, resourcesOf, serve } from '../../measure/served.ts';

const { PHASE, SHADOW, LEGACY, FRESH } = process.env;
const resources = resourcesOf(`
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: shop }
spec:
  legacy: { url: '${LEGACY}' }
  features:
    - name: orders
      match: { path: /orders/* }
      to: { url: '${FRESH}' }
      phase: ${PHASE}
      shadow: ${SHADOW}
`);
const { plan, facades } = compile(resources);
await serve(plan, measured(), handle => (request, response, refuseRest) => {
  if (request.url === '/report') response.end(JSON.stringify(facades[0]?.report()));
  else handle(request, response, refuseRest);
});
