// Names and texts in statements. All values are parameters, so only names of a resource get here.

/** A quote in a name is doubled, so that no name ends early. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `shop.orders`: a schema and a name. */
export function quotedTable(table: string): string {
  return table.split('.').map(quotedName).join('.');
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
