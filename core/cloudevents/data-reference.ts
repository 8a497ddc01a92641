// Events whose data is kept elsewhere: the extension attribute dataref (CloudEvents, "Claim
// check pattern") says where.

/** A piece of data at the endpoint of its topic: `{hour of its end}-{unique}`. */
const ID = /^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2})-([0-9a-f]{32})$/;

/** Path at the internal listener. */
export function dataPath(topic: string, id: string): string {
  return `/topics/${topic}/data/${id}`;
}

/** The hour of its end that the id names; undefined when it is none. */
export function hourOfData(id: string): string | undefined {
  return ID.exec(id)?.[1];
}

export function dataId(hour: string, unique: string): string {
  return `${hour}-${unique}`;
}
