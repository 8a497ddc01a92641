// Finds what a command names among the Stranglers of a platform.
import { TenfoldError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';
import type { FeatureReport, StranglerReport } from '../../gateway/strangler/report.ts';
import { CommandError } from '../command-error.ts';
import type { AdminClient } from '../platform/admin-client.ts';

export interface Wanted {
  readonly namespace: string | undefined;
  readonly strangler: string | undefined;
  readonly feature: string | undefined;
}

export interface Found {
  readonly strangler: StranglerReport;
  readonly feature: FeatureReport;
}

/** Every feature that fits; none is an error only when one was named. */
export async function findFeatures(
  { namespace, strangler, feature }: Wanted,
  client: Pick<AdminClient, 'stranglers'>,
): Promise<Found[]> {
  const { items } = await client.stranglers({ namespace });
  const named = items.filter(({ name }) => strangler === undefined || name === strangler);
  if (strangler !== undefined && named.length === 0) {
    throw notFound(`There is no Strangler "${strangler}".`, strangler, items);
  }
  const found = named.flatMap(each =>
    each.features
      .filter(({ name }) => feature === undefined || name === feature)
      .map(one => ({ strangler: each, feature: one })),
  );
  if (feature !== undefined && found.length === 0) {
    const all = named.flatMap(each => each.features);
    throw notFound(`The Strangler "${strangler}" has no feature "${feature}".`, feature, all);
  }
  return found;
}

/** Exactly one. */
export async function findFeature(wanted: Wanted, client: Pick<AdminClient, 'stranglers'>): Promise<Found> {
  if (wanted.strangler === undefined || wanted.feature === undefined) {
    throw new CommandError('usage', 'It is not said which feature.', {
      hint: 'name the Strangler and the feature; "tenfold strangler show" lists them.',
    });
  }
  const [first, second] = await findFeatures(wanted, client);
  if (first && !second) return first;
  throw new CommandError('usage', `There is a Strangler "${wanted.strangler}" in several namespaces.`, {
    hint: 'choose one with --namespace NAME.',
  });
}

function notFound(message: string, wanted: string, all: readonly { readonly name: string }[]): TenfoldError {
  const nearest = suggest(
    wanted,
    all.map(({ name }) => name),
  );
  return new TenfoldError('not-found', nearest ? `${message} Did you mean "${nearest}"?` : message);
}
