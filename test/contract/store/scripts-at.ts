// The scripts of the store over Redis by a clock that a test turns: times to live end when it says
// so, not when a machine is slow.
import { createScripts, type Scripts } from '../../../drivers/store/redis/scripts.ts';

const NAMES = Object.keys(createScripts()) as (keyof Scripts)[];

/** They have the time of the moment in their texts. */
export function scriptsAt(now: () => number): Scripts {
  let made = { at: Number.NaN, scripts: createScripts() };
  const current = () => {
    const at = now();
    if (made.at !== at) made = { at, scripts: createScripts(`local function clock() return ${at} end\n`) };
    return made.scripts;
  };
  const entries = NAMES.map(name => [
    name,
    {
      get source() {
        return current()[name].source;
      },
      get sha() {
        return current()[name].sha;
      },
    },
  ]);
  return Object.fromEntries(entries) as Scripts;
}
