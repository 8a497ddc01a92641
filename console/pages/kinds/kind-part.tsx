// The part of a resource's page that answers the questions of the owners of its kind. Each kind has
// a script of its own.
import { Later } from '../../parts/later.tsx';
import type { KindPartProps } from './kind-props.ts';

const PARTS = {
  Aggregate: async () => (await import('./aggregate/aggregate.tsx')).AggregatePart,
  FanOut: async () => (await import('./fan-out/fan-out.tsx')).FanOutPart,
  Queue: async () => (await import('./queue/queue.tsx')).QueuePart,
  Topic: async () => (await import('./topic/topic.tsx')).TopicPart,
  View: async () => (await import('./view/view.tsx')).ViewPart,
  Pipeline: async () => (await import('./pipeline/pipeline.tsx')).PipelinePart,
  Function: async () => (await import('./function/function.tsx')).FunctionPart,
  Api: async () => (await import('./api/api.tsx')).ApiPart,
  Strangler: async () => (await import('./strangler/strangler.tsx')).StranglerPart,
} as const;

export function KindPart(props: KindPartProps & { readonly kind: string }) {
  const { kind, ...given } = props;
  return isKnown(kind) ? <Later load={PARTS[kind]} with={given} /> : null;
}

function isKnown(kind: string): kind is keyof typeof PARTS {
  return Object.hasOwn(PARTS, kind);
}
