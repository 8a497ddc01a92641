// The plans in force, as far as stories need them.
import type { ResourceSet } from '../../../resources/resource-set.ts';
import type { PipelinePlan } from '../../../worker/plan/compile-pipelines.ts';
import type { ViewPlan } from '../../../worker/plan/compile-views.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';

export interface StoryPlans {
  consumers(): readonly ConsumerPlan[];
  readonly views: { readonly views: readonly { readonly plan: ViewPlan }[] };
  readonly pipelines: { readonly pipelines: readonly { readonly plan: PipelinePlan }[] };
  resources(): ResourceSet;
}
