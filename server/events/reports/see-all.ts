// All that the plan in force asks for, as it runs here; what other processes run is there,
// too, as not running here.
import type { ConsumerState, EventPlane } from '../../../worker/event-plane.ts';
import type { FanOutPlane, FanOutState } from '../../../worker/fan-out-plane.ts';
import type { PipelinePlane, PipelineState } from '../../../worker/pipeline-plane.ts';
import { runsElsewhere } from '../../../worker/plan/consumer-runner.ts';
import type { EventPlan } from '../../../worker/plan/event-plan.ts';
import type { ViewPlane, ViewState } from '../../../worker/view-plane.ts';

export interface Planes {
  readonly plane: Pick<EventPlane, 'consumers' | 'missingTopics'>;
  readonly views: Pick<ViewPlane, 'views' | 'rebuild'>;
  readonly pipelines: Pick<PipelinePlane, 'pipelines'>;
  readonly fanOuts: Pick<FanOutPlane, 'fanOuts'>;
}

export function seeAll({ plane, views, pipelines, fanOuts }: Planes, plan: () => EventPlan | undefined): Planes {
  return {
    plane: {
      get consumers() {
        const here = new Map(plane.consumers.map(state => [state.plan.settings.group, state]));
        const planned = plan()?.consumers ?? [];
        return planned.map((each): ConsumerState => {
          return here.get(each.settings.group) ?? { plan: each, runner: runsElsewhere() };
        });
      },
      get missingTopics() {
        return plane.missingTopics;
      },
    },
    views: {
      get views() {
        const here = new Map(views.views.map(state => [keyOf(state.plan.resource.metadata), state]));
        const planned = plan()?.views ?? [];
        return planned.map((each): ViewState => {
          return here.get(keyOf(each.resource.metadata)) ?? { plan: each, runner: runsElsewhere() };
        });
      },
      rebuild: views.rebuild,
    },
    pipelines: {
      get pipelines() {
        const here = new Map(pipelines.pipelines.map(state => [keyOf(state.plan.settings), state]));
        const planned = plan()?.pipelines ?? [];
        return planned.map((each): PipelineState => {
          return here.get(keyOf(each.settings)) ?? { plan: each, runner: runsElsewhere() };
        });
      },
    },
    fanOuts: {
      get fanOuts() {
        const here = new Map(fanOuts.fanOuts.map(state => [keyOf(state.plan.settings), state]));
        const planned = plan()?.fanOuts ?? [];
        return planned.map((each): FanOutState => {
          return here.get(keyOf(each.settings)) ?? { plan: each, runner: runsElsewhere() };
        });
      },
    },
  };
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
