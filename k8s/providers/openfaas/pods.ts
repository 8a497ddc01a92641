// The pods of Functions in OpenFaaS: in a namespace of its own, with the labels and annotations
// that their function was deployed with.
import type { PodsElsewhere } from '../provider.ts';
import { FUNCTION, PART_OF } from './names.ts';

/** The namespace of functions of its chart. */
const USUAL_NAMESPACE = 'openfaas-fn';

export function podsInOpenFaaS(namespace = USUAL_NAMESPACE): PodsElsewhere {
  const ours = Object.entries(PART_OF).map(([label, value]) => `${label}=${value}`);
  return {
    namespace,
    labelSelector: ['faas_function', ...ours].join(),
    functionOf({ metadata }) {
      const [space = '', name = '', ...more] = (metadata.annotations?.[FUNCTION] ?? '').split('/');
      return space === '' || name === '' || more.length > 0 ? undefined : { namespace: space, name };
    },
  };
}
