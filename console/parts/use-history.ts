// This hook keeps the newest minutes of numbers while a page shows them.
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Moment, STEP_MS, withMoment } from './history.ts';

/**
 * A number holds until the page is told another one, so each step measures it again.
 * `values` undefined: the page does not know them now.
 */
export function useHistory(values: Moment['values'] | undefined): readonly Moment[] {
  const [history, setHistory] = useState<readonly Moment[]>([]);
  const newest = useRef(values);
  newest.current = values;
  useEffect(() => {
    const measure = () => {
      if (document.hidden) return;
      setHistory(before => withMoment(before, { at: Date.now(), values: newest.current ?? {} }));
    };
    measure();
    const timer = setInterval(measure, STEP_MS);
    return () => clearInterval(timer);
  }, []);
  return history;
}
