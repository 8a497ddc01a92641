// What tests use of fengari, which brings no types.
declare module 'fengari' {
  interface LuaState {
    readonly isLuaState: never;
  }
  type LuaText = Uint8Array;

  export const lauxlib: {
    luaL_newstate(): LuaState;
    luaL_dostring(state: LuaState, script: LuaText): number;
  };
  export const lualib: { luaL_openlibs(state: LuaState): void };
  export const lua: {
    readonly LUA_OK: number;
    lua_setglobal(state: LuaState, name: LuaText): void;
    lua_newtable(state: LuaState): void;
    lua_rawseti(state: LuaState, index: number, key: number): void;
    lua_setfield(state: LuaState, index: number, name: LuaText): void;
    lua_getfield(state: LuaState, index: number, name: LuaText): number;
    lua_pushnumber(state: LuaState, value: number): void;
    lua_pushboolean(state: LuaState, value: number): void;
    lua_pushstring(state: LuaState, value: LuaText): void;
    lua_pushnil(state: LuaState): void;
    lua_isnil(state: LuaState, index: number): boolean;
    lua_tostring(state: LuaState, index: number): LuaText;
    lua_pop(state: LuaState, count: number): void;
  };
  export function to_luastring(text: string): LuaText;
  export function to_jsstring(text: LuaText): string;
}
