// Lists of commands by the event that they are about; no list is empty.

export function addTo(lists: Map<number, number[]>, event: number, offset: number): void {
  const list = lists.get(event);
  if (list) list.push(offset);
  else lists.set(event, [offset]);
}

/** False when the letter is not there. */
export function takeFrom(lists: Map<number, number[]>, event: number, offset: number): boolean {
  const list = lists.get(event);
  const index = list?.indexOf(offset) ?? -1;
  if (list === undefined || index < 0) return false;
  list.splice(index, 1);
  if (list.length === 0) lists.delete(event);
  return true;
}
