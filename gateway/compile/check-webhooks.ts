// Refuses webhooks that lead to several places, or where no event is taken, and warns where a
// delivery that comes twice would be stored twice.
import type { Resource } from '../../resources/resource.ts';
import type { PlanContext } from '../plan/plan-context.ts';

export function checkWebhooks(api: Resource<'Api'>, context: PlanContext): void {
  for (const [index, { auth, to, failover }] of api.spec.routes.entries()) {
    if (auth?.webhook === undefined) continue;
    const path = ['spec', 'routes', index];
    const targets = [to, failover ?? []].flat();
    if (targets.length > 1) {
      const message = 'A webhook has one target, so that a repeat meets the first delivery there. Remove the others.';
      context.report('error', api, [...path, 'auth', 'webhook'], message);
    }
    for (const { topic, queue } of targets) {
      if (topic === undefined && queue === undefined) {
        const next = 'Name one in "to", and let a Subscription or the Queue call the Function.';
        const message = `A webhook leads to a Topic or a Queue, so that each delivery is kept once. ${next}`;
        context.report('error', api, [...path, 'auth', 'webhook'], message);
      }
      const resource = topic === undefined ? undefined : context.resources.get('Topic', api.metadata.namespace, topic);
      if (resource === undefined || resource.spec.deduplicate) continue;
      const message = `The Topic ${topic} has no "deduplicate", so a delivery that the sender repeats is stored again. Give it "deduplicate: { window: 3d }".`;
      context.report('warning', api, [...path, 'to'], message);
    }
  }
}
