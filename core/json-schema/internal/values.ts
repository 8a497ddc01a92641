// Counts the values inside JSON data, without visiting more than asked for.

export function hasMoreValuesThan(data: unknown, limit: number): boolean {
  let count = 0;
  const open: unknown[] = [data];
  while (open.length > 0) {
    const value = open.pop();
    if (++count > limit) return true;
    if (typeof value !== 'object' || value === null) continue;
    const inner = Object.values(value);
    if (count + open.length + inner.length > limit) return true;
    open.push(...inner);
  }
  return false;
}
