// What `unbound.mjs` has to find, and beside it what works: the first of these lost a Function that
// moved from one provider to another.

interface Provider {
  readonly name: string;
  inspect(): string;
  close?(): void;
}

class Real implements Provider {
  readonly name = 'real';

  inspect(): string {
    return this.name;
  }
}

function lookAtAll(others: readonly Provider[], one: Provider): string[] {
  const said: string[] = [];
  for (const { name, inspect } of others) said.push(name + inspect()); // lost
  setImmediate(one.inspect); // lost
  const { inspect: look } = one; // lost
  said.push(look());
  setImmediate(() => one.inspect());
  if (one.close) said.push(one.inspect());
  const { name, inspect } = one;
  return typeof inspect === 'function' ? [...said, name] : said;
}

const real: Provider = new Real();
process.stdout.write(lookAtAll([real], real).join());

export {};
