// Routes that take the deliveries of a webhook: the step in front of the target, and the answer
// behind it.

import { envelopeOfRoute } from '../accept/envelope.ts';
import type { Step } from '../exchange/step.ts';
import type { Target } from '../exchange/target.ts';
import type { RouteSite } from '../plan/route-site.ts';
import { answerSender } from '../webhooks/answer-sender.ts';
import { createSigningKeys } from '../webhooks/signing-keys.ts';
import { takeDelivery } from '../webhooks/take-delivery.ts';
import type { CompiledSite } from './plan-environment.ts';

export function webhook({ api, route, basePath, context }: CompiledSite): Step | undefined {
  const { world, secrets, log, state, endpoints } = context;
  const declared = route.auth?.webhook;
  // Without endpoints nothing takes events here.
  if (declared === undefined || endpoints === undefined) return undefined;
  const { kind, secret, tolerance } = declared;
  const { namespace, name } = api.metadata;
  const [target] = [route.to].flat();
  const event = route.event ?? {};
  return takeDelivery({
    kind,
    keys: state.keep(`webhook/${namespace}/${kind}/${secret}`, () =>
      createSigningKeys({ world, secrets, namespace, secret, kind, log }),
    ),
    toleranceMs: tolerance,
    maxBody: route.request.maxBody,
    intake: endpoints.intake.of(`webhooks ${namespace}/${name}`),
    realm: name,
    envelope: envelopeOfRoute(event, target?.topic ?? target?.queue ?? '', basePath + route.match.path),
    declares: { type: event.type !== undefined, subject: event.subject !== undefined },
  });
}

/** The target as the sender of deliveries meets it, where the route takes some. */
export function targetOfWebhook({ route }: RouteSite, target: Target): Target {
  const declared = route.auth?.webhook;
  return declared ? answerSender(target, declared.kind) : target;
}
