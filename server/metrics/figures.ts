// Metrics that are tables of figures: gauges and counters over what a report says,
// read when they are scraped.
import { Counter, Gauge, type Registry } from 'prom-client';

export interface Figure<Report> {
  readonly name: string;
  readonly help: string;
  /** Undefined while it is not known: then there is no sample, rather than a wrong one. */
  value(report: Report): number | undefined;
}

export interface Labelled<Report, Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly report: Report;
}

export interface MetricFigures<Report, Label extends string> {
  readonly labelNames: readonly Label[];
  readonly gauges: readonly Figure<Report>[];
  readonly counters: readonly Figure<Report>[];
  /**
   * The event at which a counter begins anew, besides a restart of the platform, such as `the View
   * was changed`.
   */
  readonly renewed: string;
  /** All figures of one scrape are of one look. */
  readReports(): Promise<readonly Labelled<Report, Label>[]>;
}

export function registerFigures<Report, Label extends string>(
  registry: Registry,
  { labelNames, gauges, counters, renewed, readReports }: MetricFigures<Report, Label>,
): void {
  let reading: ReturnType<typeof readReports> | undefined;
  const samples = async ({ value }: Figure<Report>) => {
    reading ??= readReports().finally(() => {
      reading = undefined;
    });
    return (await reading).flatMap(({ labels, report }) => {
      const found = value(report);
      return found === undefined ? [] : [{ labels, found }];
    });
  };
  const common = { labelNames, registers: [registry] };
  for (const figure of gauges) {
    new Gauge({
      ...common,
      name: figure.name,
      help: figure.help,
      async collect() {
        const found = await samples(figure);
        this.reset();
        for (const { labels, found: value } of found) this.set(labels, value);
      },
    });
  }
  for (const figure of counters) {
    new Counter({
      ...common,
      name: figure.name,
      help: `${figure.help} Since the platform started, or ${renewed}.`,
      async collect() {
        const found = await samples(figure);
        this.reset();
        for (const { labels, found: value } of found) this.inc(labels, value);
      },
    });
  }
}
