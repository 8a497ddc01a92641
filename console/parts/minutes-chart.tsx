// A chart of the minutes that a page has kept.
import { useMemo } from 'preact/hooks';
import { Chart, type ChartProps } from './chart.tsx';
import type { Moment } from './history.ts';

interface MinutesChartProps extends Pick<ChartProps, 'title' | 'lines' | 'words'> {
  readonly history: readonly Moment[];
  readonly top: number;
}

export function MinutesChart({ history, ...chart }: MinutesChartProps) {
  const times = useMemo(() => history.map(({ at }) => at), [history]);
  return <Chart times={times} {...chart} />;
}
