// The metrics of an operator, as text that Prometheus reads.

export interface OperatorStats {
  readonly leader: boolean;
  /** Whether everything was listed. */
  readonly synced: boolean;
  /** Objects that wait for their turn. */
  readonly queued: number;
  readonly reconciles: number;
  readonly failures: number;
  /** Objects of the ten kinds. */
  readonly objects: number;
  /** Objects among them whose newest version is not valid. */
  readonly invalid: number;
}

export function toMetrics(stats: OperatorStats): string {
  const metric = (name: string, type: 'counter' | 'gauge', help: string, value: number) =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
  return [
    metric(
      'tenfold_operator_leader',
      'gauge',
      '1 in the process that leads, 0 in those that wait.',
      Number(stats.leader),
    ),
    metric('tenfold_operator_synced', 'gauge', '1 once everything was listed.', Number(stats.synced)),
    metric('tenfold_operator_queue_depth', 'gauge', 'Objects that wait for their turn.', stats.queued),
    metric('tenfold_operator_reconciles_total', 'counter', 'Looks at one object.', stats.reconciles),
    metric(
      'tenfold_operator_reconcile_errors_total',
      'counter',
      'Objects whose reconciliation failed and is tried again.',
      stats.failures,
    ),
    metric('tenfold_operator_objects', 'gauge', 'Objects of the ten kinds.', stats.objects),
    metric('tenfold_operator_invalid_objects', 'gauge', 'Objects whose newest version is not valid.', stats.invalid),
  ].join('');
}
