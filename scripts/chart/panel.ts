// A panel of the dashboard, and the pieces of which queries are made.

export interface Query {
  readonly expr: string;
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  readonly help: string;
  readonly unit: string;
  readonly queries: readonly Query[];
  /** One number, and from which value on it is yellow and red. */
  readonly stat?: readonly [warn: number, bad: number];
}

export const OF = 'namespace=~"$namespace"';
export const RATE = '[$__rate_interval]';
export const one = (expr: string, legend: string): readonly Query[] => [{ expr, legend }];
