// The part of MCP by HTTP that needs the library. It is imported with the first request.
import { createMcpHandler, type McpHttpHandler } from '@modelcontextprotocol/server';
import type { McpHost } from './mcp-host.ts';
import { createMcpServer } from './mcp-server.ts';

/** Clients of the protocol of 2025 are answered, too, without a session. */
export function toHandler(host: McpHost, version: string, onError: (error: unknown) => void): McpHttpHandler {
  return createMcpHandler(() => createMcpServer(host, version, onError), { legacy: 'stateless' });
}
