// Runs a health script as Argo CD does: the object is the global `obj`, what it
// returns says how that is doing.
import { lauxlib, lua, lualib, to_jsstring, to_luastring } from 'fengari';

type State = ReturnType<typeof lauxlib.luaL_newstate>;

export interface Health {
  readonly status: string | undefined;
  readonly message: string | undefined;
}

/** Throws what Lua says when the script fails. */
export function runHealth(script: string, object: unknown): Health {
  const state = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(state);
  push(state, object);
  lua.lua_setglobal(state, to_luastring('obj'));
  if (lauxlib.luaL_dostring(state, to_luastring(script)) !== lua.LUA_OK) throw new Error(textAt(state, -1));
  return { status: field(state, 'status'), message: field(state, 'message') };
}

function push(state: State, value: unknown): void {
  if (Array.isArray(value)) {
    lua.lua_newtable(state);
    value.forEach((each, index) => {
      push(state, each);
      lua.lua_rawseti(state, -2, index + 1);
    });
  } else if (typeof value === 'object' && value !== null) {
    lua.lua_newtable(state);
    for (const [key, each] of Object.entries(value)) {
      push(state, each);
      lua.lua_setfield(state, -2, to_luastring(key));
    }
  } else if (typeof value === 'number') lua.lua_pushnumber(state, value);
  else if (typeof value === 'boolean') lua.lua_pushboolean(state, value ? 1 : 0);
  else if (typeof value === 'string') lua.lua_pushstring(state, to_luastring(value));
  else lua.lua_pushnil(state);
}

function field(state: State, name: string): string | undefined {
  lua.lua_getfield(state, -1, to_luastring(name));
  const found = lua.lua_isnil(state, -1) ? undefined : textAt(state, -1);
  lua.lua_pop(state, 1);
  return found;
}

function textAt(state: State, index: number): string {
  return to_jsstring(lua.lua_tostring(state, index));
}
