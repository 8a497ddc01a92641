// Processor time and memory of one instance: the declared values, with defaults that let it be
// scheduled, scaled and bounded.
import { SIZE_FACTORS } from '../../../core/units/size.ts';
import type { Resource } from '../../../resources/resource.ts';

type Quantities = Readonly<Record<string, string>>;

/** Autoscaling measures CPU against its request, so there always is one. */
const REQUESTS: Quantities = { cpu: '50m', memory: '64Mi' };
const MEMORY_LIMIT = '512Mi';

export function resourcesOf({ spec }: Resource<'Function'>): { requests: Quantities; limits: Quantities } {
  const limits = given(spec.resources?.limits);
  const requests = given(spec.resources?.requests);
  const memoryLimit = limits['memory'] ?? larger(MEMORY_LIMIT, requests['memory'] ?? MEMORY_LIMIT);
  return {
    requests: {
      cpu: requests['cpu'] ?? smaller(REQUESTS['cpu'] ?? '', limits['cpu']),
      memory: requests['memory'] ?? smaller(REQUESTS['memory'] ?? '', memoryLimit),
      ...only(requests, 'ephemeral-storage'),
    },
    limits: { ...only(limits, 'cpu'), memory: memoryLimit, ...only(limits, 'ephemeral-storage') },
  };
}

/** Thousandths are for CPU. */
const UNITS: Readonly<Record<string, number>> = { ...SIZE_FACTORS, m: 1e-3 };

/** The number that a quantity stands for; undefined for other texts. */
export function quantityOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^([0-9]+(?:\.[0-9]+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text) ?? [];
  const factor = UNITS[unit];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

function given(quantities: Readonly<Record<string, string | undefined>> | undefined): Quantities {
  const entries = Object.entries(quantities ?? {});
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function only(quantities: Quantities, name: string): Quantities {
  const value = quantities[name];
  return value === undefined ? {} : { [name]: value };
}

function larger(one: string, other: string): string {
  return (quantityOf(other) ?? 0) > (quantityOf(one) ?? 0) ? other : one;
}

function smaller(one: string, other: string | undefined): string {
  return other !== undefined && (quantityOf(other) ?? Infinity) < (quantityOf(one) ?? 0) ? other : one;
}
