// The consumers that have dead letters, with the groups that these are kept under.
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import type { ConsumerState } from '../../../worker/event-plane.ts';
import type { PipelinePlan } from '../../../worker/plan/compile-pipelines.ts';
import type { ViewPlan } from '../../../worker/plan/compile-views.ts';
import type { Masking } from '../masking/masking.ts';
import { nameOf } from '../reports/consumer-reports.ts';
import { letterOwnerOfView } from '../reports/view-reports.ts';
import { letterOwnersOf } from '../run-pipelines.ts';
import type { LetterOwner } from './dead-letter-control.ts';
import { reopenItems } from './reopen-items.ts';
import { schemaOf } from './schema-of.ts';

export interface LetterOwnersOptions {
  readonly masking: Masking;
  readonly storage: { readonly log: EventLog };
  readonly views: { readonly views: readonly { readonly plan: ViewPlan }[] };
  readonly pipelines: { readonly pipelines: readonly { readonly plan: PipelinePlan }[] };
  resources(): ResourceSet;
}

/** `consumers`: all but callbacks. */
export function letterOwners(
  { masking, storage, views, pipelines, resources }: LetterOwnersOptions,
  consumers: readonly ConsumerState[],
): LetterOwner[] {
  return [
    ...consumers.map(state => ({
      name: nameOf(state),
      group: state.plan.settings.group,
      source: state.plan.settings.topic,
      schema: schemaOf(state.plan.resource, resources()),
      mask: () => masking.ofConsumer(state.plan.resource),
      ...(state.plan.role === 'items' ? { redriven: reopenItems(storage.log, state.plan) } : {}),
    })),
    ...views.views.map(({ plan: { resource } }) => ({
      ...letterOwnerOfView(resource),
      mask: () => masking.ofConsumer(resource),
    })),
    ...pipelines.pipelines.flatMap(({ plan }) =>
      letterOwnersOf(plan).map(owner => ({ ...owner, mask: () => masking.ofConsumer(plan.resource) })),
    ),
  ];
}
